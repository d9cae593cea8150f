"""Put the layout of one page into a frame, in the child. Nothing that goes wrong here costs the page."""

from __future__ import annotations

import math
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any, NoReturn

from indexer.inputs.pdf.attempts import Failure, attempt
from indexer.inputs.pdf.pages.page_frame import PageFrame
from indexer.inputs.pdf.regions.drawn_forms import form_rules, paths_of, tick_boxes
from indexer.inputs.pdf.regions.form_fields import fields_of
from indexer.inputs.pdf.regions.layout_model import is_loaded, is_unloadable, load_s
from indexer.inputs.pdf.regions.model_need import wants_model
from indexer.inputs.pdf.regions.page_layout import regions_of
from indexer.inputs.pdf.regions.remarks import remarks_of
from indexer.inputs.sandbox.frames import (
    MAX_CELLS,
    MAX_REGIONS,
    MAX_RULES,
    MAX_TICK_BOXES,
    RenderRequest,
)
from indexer.layout.placed_words import Box

_SOFT_SHARE = 0.5  # of the CPU seconds that end the process


class _TooSlow(BaseException):
    """Passes through the library, which catches every Exception."""


def layout_header(
    document: Any, page: Any, request: RenderRequest, page_frame: PageFrame
) -> dict[str, Any]:
    """Return the header of the frame that follows the page's own."""
    words, paint = page_frame.words, page_frame.paint
    width, height = page.rect.width, page.rect.height

    def place(entries: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
        return [
            entry
            | {
                name: _fractions(entry[name], width, height)
                for name in ("box", "about")
                if entry.get(name)
            }
            for entry in entries
        ]

    fields = attempt(partial(fields_of, document, page))
    remarks = attempt(partial(remarks_of, document, page))
    paths = paths_of(paint)
    header: dict[str, Any] = {
        "kind": "layout",
        "number": page_frame.header["number"],
        "direction": words.direction,
        "source": "lines",
        "regions": [],
        "rules": [],
        "tick_boxes": _places(tick_boxes, paths, width, height)[:MAX_TICK_BOXES],
        "form_rules": _places(form_rules, paths, width, height)[:MAX_RULES],
        "fields": [] if isinstance(fields, Failure) else place(fields),
        "remarks": [] if isinstance(remarks, Failure) else place(remarks),
        "problem": "",
        "gives_up": False,  # true: this process has no memory left to go on with
    }
    n_fields = len(header["fields"])
    coverage = page_frame.header["coverage"]
    if not wants_model(page, words, request.layout, coverage, n_fields, paint):
        return header
    facts = _within(
        _SOFT_SHARE * request.page_cpu_s,
        lambda: attempt(partial(regions_of, document, page, words.direction, paint)),
    )
    if isinstance(facts, Failure):
        gives_up = facts.cause == "memory" or is_unloadable()
        return header | {
            "problem": facts.reason[:200],
            "gives_up": gives_up,
            **_loading(),
        }
    regions = facts["regions"][:MAX_REGIONS]
    if sum(len(cells) for region in regions for cells in region[5:]) > MAX_CELLS:
        return header | {"problem": "too many cells"}
    return header | {
        "source": "model",
        "regions": regions,
        "rules": facts["rules"][:MAX_RULES],
        **_loading(),
    }


def _places(
    find: Callable[[Sequence[Box]], list[Box]], paths: Sequence[Box], width: float, height: float
) -> list[list[float]]:
    """Return what is seen in the paths of a page, in fractions of the page."""
    boxes = attempt(partial(find, paths))
    return [] if isinstance(boxes, Failure) else [_fractions(box, width, height) for box in boxes]


def _fractions(box: Sequence[float], width: float, height: float) -> list[float]:
    x0, y0, x1, y1 = box[0] / width, box[1] / height, box[2] / width, box[3] / height
    if not all(map(math.isfinite, (x0, y0, x1, y1))):
        return [0.0, 0.0, 0.0, 0.0]
    return [min(1.0, max(0.0, v)) for v in (x0, y0, x1, y1)]


def _within(seconds: float, work: Callable[[], Any]) -> Any:
    """Do the work, or return a Failure after so many CPU seconds."""
    try:
        with _alarm(seconds):
            return work()
    except _TooSlow:
        return Failure("error", f"took more than {seconds:g} s of CPU")


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    """Raise _TooSlow in here after so many CPU seconds, as soon as Python is at work."""
    signal.signal(signal.SIGVTALRM, _raise)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _raise(number: int, frame: object) -> NoReturn:
    raise _TooSlow


def _loading() -> dict[str, Any]:
    return {"load_s": load_s(), "is_loaded": is_loaded()}
