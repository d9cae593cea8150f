"""Reads the lines of a page: which are table rows, which are list items, where a block ends.

Widths are measured in letters of the page and heights in its lines, because a box does not say how
long a page unit is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import BOX_SCALE, PageWords

# A gap this wide, in letters, parts two columns of a row; justified prose stays under it.
_COLUMN_GAP = 3.0
# A gap higher than the page's usual one by this much, in line heights, ends a block.
_BLOCK_GAP = 0.45
# Lines whose heights differ by more than this factor are not one paragraph.
_HEIGHT_RATIO = 1.2
# A line with room for the next one's first word and this many letters ends on purpose.
_ROOM = 2.0
# A line that begins this close to the last column of the row above, in letters, continues that column.
_HANGING = 1.5

_MARKER = re.compile(
    r"[•●○▪■□◦‣∙·➢►▶✓✔❑❖§Øo–—*-]|\(?(\d{1,2}|[a-zA-Z])[.)]|\((\d{1,2}|[a-z])\)"
    r"|\d{1,2}(\.\d{1,2}){1,3}\.?"
)


@dataclass(frozen=True, slots=True)
class Line:
    """Words start..stop of a page, which stand on one line.

    x0, y0, x1, y1, height  in box units
    last_x0  where its last column begins; x0 when it is no row
    joins    whether the next line continues its paragraph, item or row
    """

    start: int
    stop: int
    x0: float
    y0: float
    x1: float
    y1: float
    height: float
    is_row: bool
    is_item: bool
    last_x0: float
    joins: bool = False


def lines_of(words: PageWords) -> list[Line]:
    """Return the page's lines in reading order; together they hold every word once."""
    if len(words) == 0:
        return []
    edges = np.flatnonzero(np.diff(words.lines)) + 1
    bounds = [0, *edges.tolist(), len(words)]
    boxes = _upright(words, bounds)
    letter = _letter_width(words, boxes)
    lines = [_line(words.texts, boxes, a, b, letter) for a, b in pairwise(bounds)]
    return _with_joins(lines, boxes, words.texts, letter)


def is_marker(text: str) -> bool:
    """Say whether a word is a bullet or the number of a list item."""
    # Symbol fonts put their bullets into the private use area.
    return _MARKER.fullmatch(text) is not None or (
        len(text) == 1 and unicodedata.category(text) == "Co"
    )


def _upright(words: PageWords, bounds: Sequence[int]) -> NDArray[np.float64]:
    """Return the boxes (W, 4), turned where most of the page is typeset sideways, so that lines run right."""
    boxes = words.boxes.astype(np.float64)
    steps = [(boxes[b - 1] - boxes[a]) for a, b in pairwise(bounds) if b - a > 1]
    sideways = [step for step in steps if abs(step[1]) > 2 * abs(step[0])]
    if 2 * len(sideways) <= len(steps) or not sideways:
        return boxes
    x0, y0, x1, y1 = boxes.T
    if sum(step[1] < 0 for step in sideways) * 2 > len(sideways):  # read upwards
        return np.stack([BOX_SCALE - y1, x0, BOX_SCALE - y0, x1], axis=1)
    return np.stack([y0, BOX_SCALE - x1, y1, BOX_SCALE - x0], axis=1)


def _letter_width(words: PageWords, boxes: NDArray[np.float64]) -> float:
    lengths = np.array([len(text) for text in words.texts])
    return float(np.median((boxes[:, 2] - boxes[:, 0]) / lengths)) or 1.0


def _line(
    texts: Sequence[str], boxes: NDArray[np.float64], start: int, stop: int, letter: float
) -> Line:
    own = boxes[start:stop]
    is_item = stop - start > 1 and is_marker(texts[start])
    wide = own[1:, 0] - own[:-1, 2] > _COLUMN_GAP * letter
    if is_item:
        wide[0] = False  # the gap behind a bullet is no column
    columns = np.flatnonzero(wide)
    x0 = float(own[:, 0].min())
    return Line(
        start=start,
        stop=stop,
        x0=x0,
        y0=float(own[:, 1].min()),
        x1=float(own[:, 2].max()),
        y1=float(own[:, 3].max()),
        height=float(np.sort(own[:, 3] - own[:, 1])[(stop - start) // 2]) or 1.0,
        is_row=len(columns) > 0,
        is_item=is_item,
        last_x0=float(own[columns[-1] + 1, 0]) if len(columns) else x0,
    )


def _with_joins(
    lines: list[Line], boxes: NDArray[np.float64], texts: Sequence[str], letter: float
) -> list[Line]:
    """Return the lines with `joins` set."""
    gap = _usual_gap(lines)
    lines_with_joins: list[Line] = []
    block: list[Line] = []
    for i, line in enumerate(lines):
        block.append(line)
        following = lines[i + 1] if i + 1 < len(lines) else None
        if following is not None and _near(line, following, gap):
            if line.is_row:
                goes_on = abs(following.x0 - line.last_x0) < _HANGING * letter
            elif following.is_row:  # the label of a row that begins a line above it
                goes_on = texts[following.start][0].islower()
            else:
                continue
            block[-1] = replace(line, joins=goes_on)
        lines_with_joins += _without_room(block, boxes, texts, letter)
        block = []
    return lines_with_joins


def _without_room(
    block: list[Line], boxes: NDArray[np.float64], texts: Sequence[str], letter: float
) -> list[Line]:
    """Split a paragraph where a line ends although the next word would have fitted."""
    width = max(line.x1 - line.x0 for line in block)
    paragraph: list[Line] = []
    for line, following in pairwise(block):
        x0, _, x1, _ = boxes[following.start]
        room = width - (line.x1 - line.x0) - (x1 - x0) - _ROOM * letter
        is_end = room > 0 and not texts[following.start][0].islower()
        paragraph.append(replace(line, joins=not is_end))
    return [*paragraph, block[-1]]


def _usual_gap(lines: Sequence[Line]) -> float:
    """Return the median white space between a line and the next one below it, in line heights."""
    gaps = [
        (b.y0 - a.y1) / a.height
        for a, b in pairwise(lines)
        if b.y0 > a.y0 and b.y0 - a.y1 < 2 * a.height
    ]
    return float(np.median(gaps)) if gaps else 0.0


def _near(a: Line, b: Line, usual_gap: float) -> bool:
    """Say whether line b stands where it can continue line a."""
    gap = (b.y0 - a.y1) / min(a.height, b.height)
    return (
        not (a.is_row and b.is_row)
        and not b.is_item
        and b.y0 > a.y0
        and gap <= usual_gap + _BLOCK_GAP
        and b.x0 < a.x1
        and a.x0 < b.x1
        and max(a.height, b.height) <= _HEIGHT_RATIO * min(a.height, b.height)
    )
