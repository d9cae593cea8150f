"""What a model may do before it answers, told in two ways: as tools to call, and as JSON to write.

Any backend that follows a schema can write JSON; calls are what models were trained with.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.tool_calls import Tool, ToolCall
from indexer.base.pages import FractionBox

ActionKind = Literal["answer", "search", "open", "zoom", "table"]
_THOUSANDTHS = 1000
_PAGE = {"type": "integer", "minimum": 1, "maximum": 99}
_BOX = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": _THOUSANDTHS},
    "minItems": 4,
    "maxItems": 4,
}
# The values that each action takes.
_VALUES: dict[ActionKind, dict[str, Any]] = {
    "search": {"query": {"type": "string", "minLength": 1, "maxLength": 200}},
    "open": {"page": _PAGE, "offset": {"type": "integer", "minimum": -3, "maximum": 3}},
    "zoom": {"page": _PAGE, "box": _BOX},
    "table": {"page": _PAGE, "table": {"type": "integer", "minimum": 1, "maximum": 20}},
}


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": [*properties],
        "additionalProperties": False,
    }


ACTION_SCHEMA: dict[str, Any] = {
    "type": "object",
    "anyOf": [
        _object({"action": {"const": kind}} | values)
        for kind, values in {"answer": {}, **_VALUES}.items()
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

_TOOL_NAMES: dict[ActionKind, tuple[str, str]] = {
    "search": ("search_pages", "Find other pages by other words."),
    "open": (
        "open_page",
        "Open the page behind page [page]: offset 1 is the next one, -1 the one before it.",
    ),
    "zoom": (
        "zoom_page",
        "Draw a part of page [page] larger. Its box is in thousandths of the page: left, top, right, bottom.",
    ),
    "table": (
        "read_table",
        "Read a table of page [page] cell by cell; table 1 is the first one on the page.",
    ),
}
LOOKING_TOOLS = tuple(
    Tool(name, description, _object(_VALUES[kind]))
    for kind, (name, description) in _TOOL_NAMES.items()
)
_KINDS = {name: kind for kind, (name, _) in _TOOL_NAMES.items()}

WHETHER_TO_CALL = """\
The question is not to be answered yet. Where these pages do not suffice and a tool may help, call it; \
else write ENOUGH and nothing else."""


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


def action_of_call(call: ToolCall) -> Action | str:
    """Read a call of LOOKING_TOOLS; return what is wrong with one that cannot be read."""
    from jsonschema import Draft202012Validator

    kind = _KINDS.get(call.name)
    if kind is None:
        return f"there is no tool of that name: call {', '.join(_KINDS)}"
    try:
        arguments = json.loads(call.arguments or "{}")
    except ValueError:
        return "the arguments are no JSON"
    errors = Draft202012Validator(_object(_VALUES[kind])).iter_errors(arguments)
    if error := next(errors, None):
        return f"the arguments do not fit: {error.message[:200]}"
    return action_of({"action": kind} | arguments)
