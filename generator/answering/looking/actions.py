"""What a model may do before it answers: one action at a time, as JSON that it is held to while it writes.

Any backend that follows a schema can act: no server needs a protocol of tools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from indexer.base.pages import FractionBox

ActionKind = Literal["answer", "search", "open", "zoom", "table"]
_PAGE = {"type": "integer", "minimum": 1, "maximum": 99}
_THOUSANDTHS = 1000


def _object(action: ActionKind, **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {"action": {"const": action}} | properties,
        "required": ["action", *properties],
        "additionalProperties": False,
    }


ACTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "anyOf": [
        _object("answer"),
        _object("search", query={"type": "string", "minLength": 1, "maxLength": 200}),
        _object("open", page=_PAGE, offset={"type": "integer", "minimum": -3, "maximum": 3}),
        _object(
            "zoom",
            page=_PAGE,
            box={
                "type": "array",
                "items": {"type": "integer", "minimum": 0, "maximum": _THOUSANDTHS},
                "minItems": 4,
                "maxItems": 4,
            },
        ),
        _object("table", page=_PAGE, table={"type": "integer", "minimum": 1, "maximum": 20}),
    ],
}

EXPLANATION = """\
Decide what to do next for the question. Write one of:
{"action": "answer"}  the pages suffice, or nothing more can be found
{"action": "search", "query": "other words"}  find other pages
{"action": "open", "page": 1, "offset": 1}  the page behind page [1]; offset -1: the one before it
{"action": "zoom", "page": 1, "box": [0, 500, 1000, 1000]}  a part of page [1] larger, in thousandths: \
left, top, right, bottom
{"action": "table", "page": 1, "table": 1}  the first table of page [1], cell by cell"""


@dataclass(frozen=True, slots=True)
class Action:
    """An action of a model. `page` is its number in the prompt, from 1; 0 where it names none."""

    kind: ActionKind
    query: str = ""
    page: int = 0
    offset: int = 0
    table: int = 0
    box: FractionBox | None = None


def action_of(body: Mapping[str, Any]) -> Action:
    """Read what follows ACTION_SCHEMA."""
    corners = body.get("box")
    box = None
    if corners is not None:
        xs, ys = sorted(corners[::2]), sorted(corners[1::2])
        x0, y0, x1, y1 = (n / _THOUSANDTHS for n in (xs[0], ys[0], xs[1], ys[1]))
        box = (x0, y0, x1, y1)
    return Action(
        kind=body["action"],
        query=str(body.get("query", "")),
        page=int(body.get("page", 0)),
        offset=int(body.get("offset", 0)),
        table=int(body.get("table", 0)),
        box=box,
    )
