"""Leave out misread logos and library marks of pages that have text: they would be found as words.

Dimension key: L lines, W words.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.base.pages import BOX_SCALE, Boxes, RenderedPage
from indexer.ocr.printed_lines import PrintedLine
from indexer.ocr.quads import frames

_LEAST_WORDS = 50  # of the layer: on a page with fewer a heading may stand alone
_SURE = 0.9  # a logo in plain letters is read with more, and stays
_MOST_WORDS = 2
_TALL = 3.0  # times the median word: 3.5 to 6 for logos on dev pages
_ALONE = 2.0  # heights around it without a word or another line


def without_marks(
    lines: Sequence[PrintedLine], page: RenderedPage, word_boxes: Boxes
) -> list[PrintedLine]:
    """Return the lines without those of a word or two, doubtful, that are much larger than the page's
    words (W, 4) or far from anything else.
    """
    if not lines or len(word_boxes) < _LEAST_WORDS:
        return list(lines)
    words = word_boxes / BOX_SCALE * np.array([*page.image.size, *page.image.size])
    word_px = float(np.median((words[:, 2:] - words[:, :2]).min(axis=1)))
    boxes = frames(np.stack([line.quad for line in lines]))
    kept_lines: list[PrintedLine] = []
    for i, line in enumerate(lines):
        doubtful = line.score < _SURE and len(line.text.split()) <= _MOST_WORDS
        neighbours = np.concatenate([words, np.delete(boxes, i, axis=0)])
        reach = _ALONE * line.height_px
        near = (neighbours[:, :2] < boxes[i, 2:] + reach).all(axis=1)
        near &= (neighbours[:, 2:] > boxes[i, :2] - reach).all(axis=1)
        if not doubtful or (line.height_px < _TALL * word_px and near.any()):
            kept_lines.append(line)
    return kept_lines
