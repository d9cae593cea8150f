"""Find the rules of a page's tables among what is drawn on it, in the child."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from indexer.inputs.pdf.pages.paint_log import PaintLog
from indexer.layout.placed_words import Box

_MAX_RULE_PT = 4.0  # thickness, with what a stroke's box adds; thicker ones are bars
_MIN_BOX_PT = 8.0  # either side of a box around a cell
_BESIDE_PT = 12.0  # a rule above or below a table may reach beyond its words
_MIN_RULE_PT = 3.0  # length: some are drawn in parts
_MAX_PATHS = 1_000  # of a page whose paths are taken apart: a drawing has more


def rules_of(page: Any, tables: Sequence[Box], log: PaintLog) -> Iterator[Box]:
    """Yield the rules of tables: strokes, flat filled boxes, the sides of boxes that are drawn.

    With them come those across above and below, as far as the table goes from left to right: the model
    may have left out its first or last lines. A stroke around a table may be all of its rules in one.
    """
    if not tables:
        return
    is_apart = len(log) <= _MAX_PATHS and any(
        kind == "stroke-path" and _is_box(box) and _meets(box, tables) for kind, box, *_ in log
    )
    if is_apart:
        yield from _lines_of_strokes(page, tables)
    for kind, box, *_ in log:
        is_stroke = kind == "stroke-path"
        if (is_stroke or kind == "fill-path") and not (is_apart and is_stroke and _is_box(box)):
            yield from _near(_sides(box, is_stroke=is_stroke), tables)


def _lines_of_strokes(page: Any, tables: Sequence[Box]) -> Iterator[Box]:
    """Yield the lines, and the sides of boxes, of strokes that are wide and high."""
    for drawing in page.get_drawings():
        if "s" not in drawing["type"] or not _is_box(drawing["rect"]):
            continue
        for kind, *points in drawing["items"]:
            if kind == "l":
                (x0, y0), (x1, y1) = points
                box = (min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1))
                yield from _near(_sides(box, is_stroke=False), tables)
            elif kind in ("re", "qu"):
                shape = points[0] if kind == "re" else points[0].rect
                yield from _near(_sides(tuple(shape), is_stroke=True), tables)


def _near(rules: Iterator[Box], tables: Sequence[Box]) -> Iterator[Box]:
    """Yield the rules of tables, and those across above and below."""
    for x0, y0, x1, y1 in rules:
        is_beside = x1 - x0 > y1 - y0 and any(
            b[0] - _BESIDE_PT <= x0 and x1 <= b[2] + _BESIDE_PT for b in tables
        )
        if is_beside or _meets((x0, y0, x1, y1), tables):
            yield x0, y0, x1, y1


def _meets(box: Box, tables: Sequence[Box]) -> bool:
    x0, y0, x1, y1 = box
    return any(b[1] < y1 and y0 < b[3] and b[0] < x1 and x0 < b[2] for b in tables)


def _is_box(box: Box) -> bool:
    return min(box[2] - box[0], box[3] - box[1]) >= _MIN_BOX_PT


def _sides(box: Box, *, is_stroke: bool) -> Iterator[Box]:
    """Yield a flat box, or the sides of a stroke's: most strokes in tables are boxes around cells."""
    x0, y0, x1, y1 = box
    thickness, length = sorted((x1 - x0, y1 - y0))
    if thickness <= _MAX_RULE_PT:
        if length >= _MIN_RULE_PT:
            yield box
    elif is_stroke and thickness >= _MIN_BOX_PT:
        yield from ((x0, y0, x1, y0), (x0, y1, x1, y1), (x0, y0, x0, y1), (x1, y0, x1, y1))
