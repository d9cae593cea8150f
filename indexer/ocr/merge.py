"""Merge the words of a text layer with what OCR read on the same page.

Dimension key: W words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import Boxes, PageWords
from indexer.ocr.need import readable_characters

_COVERED = 0.3  # share of the smaller box: OCR boxes are loose, words of one line still touch less
_MOSTLY = 0.5


def merge_words(text_layer: PageWords, ocr: PageWords) -> PageWords:
    """Return the text layer, followed by the OCR lines that say something it does not.

    An OCR line is added when at least half of its words are new to the page and at least half lie on
    no readable word of the text layer; of such a line, the words that lie free. Unreadable words (a
    font without a character map) under them make way. `source` is where most characters come from.
    """
    if not len(ocr) or not len(text_layer):
        return ocr if len(ocr) else text_layer
    readable = np.array([readable_characters(word) > 0 for word in text_layer.texts])
    covers = _overlaps(text_layer.boxes, ocr.boxes)  # (W of the layer, W of OCR)
    layer_words = {bare for word in text_layer.texts if (bare := _bare(word))}
    is_new = np.array([bool(bare := _bare(word)) and bare not in layer_words for word in ocr.texts])
    is_free = ~covers[readable].any(axis=0)
    ocr_mask = np.zeros(len(ocr), np.bool_)
    for number in np.unique(ocr.lines):
        line = ocr.lines == number
        if is_new[line].mean() >= _MOSTLY and is_free[line].mean() >= _MOSTLY:
            ocr_mask |= line & is_free
    layer_mask = readable | ~covers[:, ocr_mask].any(axis=1)
    return _join(text_layer.select(layer_mask), ocr.select(ocr_mask))


def _bare(word: str) -> str:
    return "".join(filter(str.isalnum, word.casefold()))


def _overlaps(a: Boxes, b: Boxes) -> NDArray[np.bool_]:
    """Whether the boxes share a good part of the smaller one, pairwise: (len(a), len(b))."""
    first, second = a.astype(np.float64), b.astype(np.float64)
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    overlap = np.clip(high - low, 0, None).prod(axis=2)
    areas = [(boxes[:, 2:] - boxes[:, :2]).prod(axis=1) for boxes in (first, second)]
    smaller = np.minimum(areas[0][:, None], areas[1][None, :])
    overlapping: NDArray[np.bool_] = overlap > _COVERED * np.maximum(smaller, 1.0)
    return overlapping


def _join(first: PageWords, second: PageWords) -> PageWords:
    if not len(first) or not len(second):
        return second if len(second) else first
    shift = int(first.lines[-1]) + 1 - int(second.lines[0])
    mainly = first if first.n_characters >= second.n_characters else second
    return PageWords(
        texts=first.texts + second.texts,
        boxes=np.concatenate([first.boxes, second.boxes]),
        lines=np.concatenate([first.lines, second.lines + np.int32(shift)]).astype(np.int32),
        source=mainly.source,
        marks=np.concatenate([first.marks, second.marks]),
    )
