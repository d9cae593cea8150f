"""Merge the words of a text layer with what OCR read on the same page: each place has one word.

Dimension key: W words.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import PageWords
from indexer.ocr.boxes import overlaps


def merge_words(
    text_layer: PageWords, ocr: PageWords, trust: NDArray[np.bool_] | None = None
) -> PageWords:
    """Return the text layer, followed by the OCR words that lie on none of its trusted ones.

    trust  (W,) words of the layer that stay whatever OCR says; the others make way for OCR words on
              their place. Default: all.

    `source` is where most characters come from.
    """
    if not len(ocr) or not len(text_layer):
        return ocr if len(ocr) else text_layer
    if trust is None:
        trust = np.ones(len(text_layer), np.bool_)
    covers = overlaps(text_layer.boxes, ocr.boxes)  # (W of the layer, W of OCR)
    is_free: NDArray[np.bool_] = np.logical_not(covers[trust].any(axis=0))
    stays: NDArray[np.bool_] = np.logical_or(trust, ~covers[:, is_free].any(axis=1))
    return _join(text_layer.select(stays), ocr.select(is_free))


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
