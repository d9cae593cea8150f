"""Find what the forms of a page are drawn with, in the child: small boxes to tick, rules around cells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from indexer.inputs.pdf.pages.paint_log import PaintLog
from indexer.layout.placed_words import Box

_MAX_PATHS = 1_500  # of a form: a drawing has more
_TICK_PT = (5.0, 18.0)  # sides of a box to tick, with its stroke
_SQUARE = 0.4  # of its longer side, that the other one differs at most
_MAX_RULE_PT = 3.0  # thickness, with what a stroke's box adds
_MIN_RULE_PT = 18.0  # across
_MIN_UPRIGHT_PT = 8.0  # beside a line of a table
_MIN_CELL_PT = 10.0  # either side of a box around a cell
_CORNER_PT = 1.0  # strokes that meet there end this near to each other


def paths_of(paint: PaintLog) -> list[Box]:
    """Return the boxes around paths; none of a page that has too many."""
    paths = [box for kind, box in paint if kind in ("stroke-path", "fill-path")]
    return paths if len(paths) <= _MAX_PATHS else []


def tick_boxes(paths: Sequence[Box]) -> list[Box]:
    """Return what may be boxes to tick: paths and four strokes about as wide as high."""
    boxes = [box for box in paths if _is_tick_box(box)]
    return list(dict.fromkeys([*boxes, *_boxes_of_strokes(paths)]))


def form_rules(paths: Sequence[Box]) -> list[Box]:
    """Return the rules across and upright of a page, the sides of boxes among them."""
    return list(dict.fromkeys(side for box in paths for side in _sides(box)))


def _is_tick_box(box: Box) -> bool:
    width, height = box[2] - box[0], box[3] - box[1]
    low, high = _TICK_PT
    return (
        low <= width <= high
        and low <= height <= high
        and abs(width - height) <= _SQUARE * max(width, height)
    )


def _boxes_of_strokes(boxes: Sequence[Box]) -> Iterator[Box]:
    """Yield the boxes that two short strokes across and two upright ones are."""
    low, high = _TICK_PT
    flat = [box for box in boxes if _thickness(box) <= _MAX_RULE_PT / 2]
    short = [box for box in flat if low <= _length(box) <= high]
    across = [b for b in short if b[2] - b[0] > b[3] - b[1]]
    upright = [b for b in short if b[2] - b[0] < b[3] - b[1]]
    if len(upright) < 2:
        return
    across.sort(key=lambda side: (round(side[0]), side[1]))  # the two of a box follow each other
    for top, bottom in pairwise(across):
        box = (top[0], top[1], top[2], bottom[3])
        if (
            bottom[1] > top[3]
            and _meets(top[0], bottom[0])
            and _meets(top[2], bottom[2])
            and _is_tick_box(box)
            and sum(_is_side(side, box) for side in upright) == 2
        ):
            yield box


def _is_side(side: Box, box: Box) -> bool:
    is_at_edge = _meets(side[0], box[0]) or _meets(side[2], box[2])
    return is_at_edge and _meets(side[1], box[1]) and _meets(side[3], box[3])


def _meets(a: float, b: float) -> bool:
    return abs(a - b) <= _CORNER_PT


def _thickness(box: Box) -> float:
    return min(box[2] - box[0], box[3] - box[1])


def _length(box: Box) -> float:
    return max(box[2] - box[0], box[3] - box[1])


def _sides(box: Box) -> Iterator[Box]:
    """Yield a flat path, or the sides of a box that is stroked or filled."""
    x0, y0, x1, y1 = box
    if _thickness(box) <= _MAX_RULE_PT:
        is_upright = y1 - y0 > x1 - x0
        if _length(box) >= (_MIN_UPRIGHT_PT if is_upright else _MIN_RULE_PT):
            yield box
    elif _thickness(box) >= _MIN_CELL_PT and _length(box) >= _MIN_RULE_PT:
        yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))
