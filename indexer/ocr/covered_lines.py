"""Tell which lines of print the words of a layer already account for.

Dimension key: L lines, W words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import BOX_SCALE, Boxes, RenderedPage
from indexer.ocr.boxes import COVERED, overlaps
from indexer.ocr.printed_lines import PrintedLine
from indexer.ocr.quads import Quads, frames

_ON_WORDS = 0.8  # share of a line's width over which the layer has words: nothing new stands there
# Heights of a line. An OCR program's layer sets its words in a font of its own, often narrower than the
# print: what is left of a word's width is no more than a letter or three.
LOOSE_GAP = 1.5


def boxes_of(lines: Sequence[PrintedLine], page: RenderedPage, word_boxes: Boxes) -> Boxes:
    """Return the boxes (W, 4) of words, followed by those of the lines (W + L, 4)."""
    if not lines:
        return word_boxes
    return np.concatenate([word_boxes, _line_boxes(lines, page)])


def _line_boxes(lines: Sequence[PrintedLine], page: RenderedPage) -> Boxes:
    scale = BOX_SCALE / np.array([*page.image.size, *page.image.size])
    boxes = frames(np.stack([line.quad for line in lines])) * scale
    return np.clip(boxes, 0, BOX_SCALE).astype(np.uint16)


def touching_words(
    lines: Sequence[PrintedLine], page: RenderedPage, word_boxes: Boxes
) -> NDArray[np.bool_]:
    """Return which lines (L,) share a good part of a word: the edge of an area cut off their print."""
    if not lines or not len(word_boxes):
        return np.zeros(len(lines), np.bool_)
    return np.asarray(overlaps(_line_boxes(lines, page), word_boxes).any(axis=1), np.bool_)


def on_words(
    quads: Quads, word_boxes: Boxes, size: tuple[int, int], loose_gap: float = 0.0
) -> NDArray[np.bool_]:
    """Return which lines (L,) have words along most of their longer side.

    loose_gap  heights of a line up to which a gap between two words belongs to them

    A word counts where it covers as much of the line's height as would have the merge leave out what OCR
    reads there: old layers lie some pixels off their print.
    """
    are_on_words = np.zeros(len(quads), np.bool_)
    if not len(word_boxes):
        return are_on_words
    words = word_boxes / BOX_SCALE * np.array([*size, *size])
    for i, (x0, y0, x1, y1) in enumerate(frames(quads).tolist()):
        along = 0 if x1 - x0 >= y1 - y0 else 1
        low, high = ((x0, x1), (y0, y1))[along]
        top, bottom = ((y0, y1), (x0, x1))[along]
        common = np.minimum(words[:, 3 - along], bottom) - np.maximum(words[:, 1 - along], top)
        heights = np.minimum(words[:, 3 - along] - words[:, 1 - along], bottom - top)
        inside = common > COVERED * np.maximum(heights, 1.0)
        begins = np.maximum(words[inside, along], low)
        ends = np.minimum(words[inside, 2 + along], high)
        are_on_words[i] = _union(begins, ends, loose_gap * (bottom - top)) >= _ON_WORDS * (
            high - low
        )
    return are_on_words


def _union(begins: NDArray[np.float64], ends: NDArray[np.float64], gap: float) -> float:
    """Return the length under intervals that may overlap, with the gaps between them that are as short.

    An interval that ends before it begins has none.
    """
    total, reach = 0.0, -np.inf
    for i in np.argsort(begins):
        begin = reach if begins[i] - reach <= gap else float(begins[i])
        total += max(float(ends[i]) - begin, 0.0)
        reach = max(reach, float(ends[i]))
    return total
