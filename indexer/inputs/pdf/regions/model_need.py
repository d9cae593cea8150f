"""Decide whether the layout model is to look at a page, in the child: standard library and PyMuPDF's page.

It costs 0.1 to 0.5 s. A page that is plainly one column of prose reads the same without it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from statistics import median
from typing import Any, NamedTuple

from indexer.inputs.pdf.pages.paint_log import PaintLog
from indexer.inputs.pdf.text.text_layer import Words

_MAX_WORDS = 15_000  # time and memory grow with them
_MIN_LINES = 2  # nothing to tell apart on a page of one
_MIN_PROSE_LINES = 12
_WIDE_GAP = 1.5  # in heights of a line: columns, cells, labels have more between them
_SAME_HEIGHT = 1.25
_INDENT = 3.0  # in heights: paragraphs and lists begin within
_MIN_FLUSH = 0.85  # of the lines begin at the column's left edge or within an indent
_MIN_FULL = 0.6  # of the lines are this full
_FULL = 0.75  # of the column's width
_MAX_RULES = 2  # above a footnote, below a running head
_MAX_PICTURES = 0.01  # of the page


class _Line(NamedTuple):
    left: float
    right: float
    height: float
    widest_gap: float


def wants_model(
    page: Any,
    words: Words,
    layout: str,
    coverage: float,
    n_fields: int,
    paint: PaintLog,
) -> bool:
    """Say whether the model is to look at a page of which pictures cover a share of `coverage`."""
    if layout == "never" or words.direction == "columns" or len(words.texts) > _MAX_WORDS:
        return False
    if layout == "always":
        return True
    if len(set(words.lines)) < _MIN_LINES:
        return False
    is_plain = coverage <= _MAX_PICTURES and not n_fields and words.direction == "upright"
    return not (is_plain and _is_prose(words, page) and _n_drawings(page, paint) <= _MAX_RULES)


def _is_prose(words: Words, page: Any) -> bool:
    """Say whether almost all lines are those of one column."""
    lines = list(_lines(words, page.rect.width, page.rect.height))
    if len(lines) < _MIN_PROSE_LINES:
        return False
    height = median(line.height for line in lines)
    usual_lines = [
        line for line in lines if height / _SAME_HEIGHT <= line.height <= height * _SAME_HEIGHT
    ]
    left = median(line.left for line in usual_lines)
    right = sorted(line.right for line in usual_lines)[int(0.9 * (len(usual_lines) - 1))]
    n_flush = sum(abs(line.left - left) <= _INDENT * height for line in usual_lines)
    n_full = sum(line.right - line.left >= _FULL * (right - left) for line in usual_lines)
    n_gaps = sum(line.widest_gap > _WIDE_GAP * height for line in lines)
    return (
        n_flush >= _MIN_FLUSH * len(lines)
        and n_full >= _MIN_FULL * len(lines)
        and n_gaps <= 0.05 * len(lines)
    )


def _lines(words: Words, width: float, height: float) -> Iterator[_Line]:
    """Yield the lines of a page, in points."""
    for _, line in groupby(range(len(words.texts)), words.lines.__getitem__):
        boxes = [words.boxes[4 * i : 4 * i + 4] for i in line]
        gaps = [b[0] - a[2] for a, b in pairwise(boxes)]
        yield _Line(
            min(box[0] for box in boxes) * width,
            max(box[2] for box in boxes) * width,
            median(box[3] - box[1] for box in boxes) * height,
            max(map(abs, gaps), default=0.0) * width,
        )


def _n_drawings(page: Any, paint: PaintLog) -> int:
    """Return how many strokes and fills a page has that can be seen."""
    return sum(
        kind in ("stroke-path", "fill-path", "fill-shade") and (x1 - x0) * (y1 - y0) < _whole(page)
        for kind, (x0, y0, x1, y1) in paint
    )


def _whole(page: Any) -> float:
    """Return the area from which on a fill is the ground of the page."""
    return float(0.9 * page.rect.width * page.rect.height)
