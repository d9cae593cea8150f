"""Decide what of a page is to be read again with more pixels than its image has: small print.

Dimension key: L lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.page_parts import PagePart
from indexer.base.pages import FractionBox, PagePicture, RenderedPage
from indexer.ocr.boxes import join_overlapping, share_inside
from indexer.ocr.printed_lines import PrintedLine

# Heights of lines as they are found, which is about 1.6 times their type's.
_SMALL_PX = 13.0  # where they are searched: lines beside one so small may have been missed
_DOUBTFUL_PX = 24.0  # of the page image: up to it more pixels help a line that was read badly
_DOUBTFUL_SCORE = 0.85
_LEGIBLE_PX = 30.0  # what the small lines are enlarged to
_MAX_DPI = 300.0  # print that needs more cannot be read on paper
_LEAST_GAIN = 1.2
_LARGE_SHEET_DPI = 75.0  # a page searched at less may have lost ordinary print
_AROUND = 1.5  # heights of a line, in which frames as small may have been missed
_TILE_PX = 1280
_MAX_PARTS = 256
_OFTEN_SMALL = 4  # one line in so many
_WITH_OVERLAPS = 1.4  # what parts that overlap on all sides have more


class CloserLook(NamedTuple):
    """The parts of the page, and how much larger they are than on its image."""

    parts: list[PagePart]
    scale: float


def page_dpi(page: RenderedPage) -> float:
    """Return how many pixels of the page image fill an inch."""
    return page.image.width / page.width_pt * 72.0


def is_large_sheet(page: RenderedPage, search_scale: float) -> bool:
    """Whether ordinary print may have been lost on a page image that was made smaller to be searched."""
    return page_dpi(page) * search_scale < _LARGE_SHEET_DPI


def look_at_small_print(
    page: RenderedPage,
    lines: Sequence[PrintedLine],
    n_lines: int,
    unread: Sequence[FractionBox],
    search_scale: float,
    max_px: int,
) -> CloserLook | None:
    """Return where a page has small print, or None: it has none, or no more to show of it.

    n_lines       that were found on it, those among them that its words account for
    unread        where ink is on which no line was found: small print, too, if much of the rest is
    search_scale  how much smaller the page image was when lines were searched on it
    """
    small = [line for line in lines if _is_small(line, search_scale)]
    if not small:
        return None
    heights = sorted(line.height_px for line in small)
    enlargement = _LEGIBLE_PX / max(heights[len(heights) // 4], 1.0)
    boxes = [_around(line, page.image.size) for line in small]
    if _OFTEN_SMALL * len(small) >= n_lines:
        boxes += unread
    return _look(page, boxes, enlargement, _LEAST_GAIN, max_px)


def look_at_unread(
    page: RenderedPage, boxes: Sequence[FractionBox], search_scale: float, max_px: int
) -> CloserLook | None:
    """Return the parts of a large sheet where ink is on which no line was found."""
    return _look(page, boxes, _MAX_DPI / page_dpi(page), search_scale * _LEAST_GAIN, max_px)


def _look(
    page: RenderedPage,
    boxes: Sequence[FractionBox],
    enlargement: float,
    least_gain: float,
    max_px: int,
) -> CloserLook | None:
    """Return the boxes as parts `enlargement` times larger than on the page image, or as there are pixels."""
    if not boxes:
        return None
    dpi = page_dpi(page)
    scale = min(enlargement, _natural_dpi(page.pictures, boxes) / dpi, _MAX_DPI / dpi)
    boxes = join_overlapping(boxes)
    width, height = page.image.size
    n_px = sum((x1 - x0) * (y1 - y0) for x0, y0, x1, y1 in boxes) * width * height * scale**2
    n_px *= _WITH_OVERLAPS
    if n_px > max_px:
        scale *= (max_px / n_px) ** 0.5
    if scale < least_gain:
        return None
    parts = [part for box in boxes for part in _parts(box, page.image.size, scale)]
    return CloserLook(parts[:_MAX_PARTS], scale)


def _is_small(line: PrintedLine, search_scale: float) -> bool:
    height = line.height_px
    return height * search_scale < _SMALL_PX or (
        height < _DOUBTFUL_PX and line.score < _DOUBTFUL_SCORE
    )


def _around(line: PrintedLine, size: tuple[int, int]) -> FractionBox:
    (x0, y0), (x1, y1) = line.quad.min(axis=0), line.quad.max(axis=0)
    margin = _AROUND * line.height_px
    return (
        max(float(x0 - margin) / size[0], 0.0),
        max(float(y0 - margin) / size[1], 0.0),
        min(float(x1 + margin) / size[0], 1.0),
        min(float(y1 + margin) / size[1], 1.0),
    )


def _natural_dpi(pictures: Sequence[PagePicture], boxes: Sequence[FractionBox]) -> float:
    """Return the resolution beyond which most of the boxes have no more to show; outlines have no end."""
    natural = [
        max(
            (p.dpi for p in pictures if share_inside(box, p.box) > 0.5),
            default=_MAX_DPI,
        )
        for box in boxes
    ]
    return float(np.median(natural))


def _parts(box: FractionBox, size: tuple[int, int], scale: float) -> list[PagePart]:
    """Cut a box into parts small enough to be searched at once; they overlap by a tenth."""
    width = (box[2] - box[0]) * size[0] * scale
    height = (box[3] - box[1]) * size[1] * scale
    columns, rows = -(-int(width) // _TILE_PX) or 1, -(-int(height) // _TILE_PX) or 1
    step_x, step_y = (box[2] - box[0]) / columns, (box[3] - box[1]) / rows
    parts: list[PagePart] = []
    for row in range(rows):
        for column in range(columns):
            part = (
                max(box[0] + (column - 0.1) * step_x, box[0]),
                max(box[1] + (row - 0.1) * step_y, box[1]),
                min(box[0] + (column + 1.1) * step_x, box[2]),
                min(box[1] + (row + 1.1) * step_y, box[3]),
            )
            side_px = (
                max(1, round((part[2] - part[0]) * size[0] * scale)),
                max(1, round((part[3] - part[1]) * size[1] * scale)),
            )
            parts.append(PagePart(part, side_px))
    return parts


def with_replacements(
    old: Sequence[PrintedLine], new: Sequence[PrintedLine], search_scale: float
) -> list[PrintedLine]:
    """Return the lines of both looks: a small one makes way for those of the closer look on its place."""
    kept_lines: list[PrintedLine] = []
    frames: list[NDArray[np.float64]] = []
    small = [line for line in old if _is_small(line, search_scale)]
    large = [line for line in old if not _is_small(line, search_scale)]
    for line in [*large, *_longest_first(new), *small]:
        frame = _frame(line)
        if not frames or _most_covered(frame, np.stack(frames)) < 0.4:
            kept_lines.append(line)
            frames.append(frame)
    return kept_lines


def _longest_first(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    return sorted(lines, key=lambda line: -line.score * len(line.text))


def _frame(line: PrintedLine) -> NDArray[np.float64]:
    return np.concatenate([line.quad.min(axis=0), line.quad.max(axis=0)])


def _most_covered(frame: NDArray[np.float64], frames: NDArray[np.float64]) -> float:
    low, high = np.maximum(frames[:, :2], frame[:2]), np.minimum(frames[:, 2:], frame[2:])
    common_area = np.clip(high - low, 0, None).prod(axis=1)
    areas = np.minimum((frames[:, 2:] - frames[:, :2]).prod(axis=1), (frame[2:] - frame[:2]).prod())
    return float((common_area / np.maximum(areas, 1.0)).max())
