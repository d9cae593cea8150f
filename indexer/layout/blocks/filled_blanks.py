"""Put what was typed over blanks of underscores into their place in the sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from indexer.layout.drafts import DraftWord

_BLANK = re.compile(r"_{3,}")
_MIN_OVERLAP = 0.3  # of the height of what was typed


def with_filled_blanks(words: Sequence[DraftWord]) -> list[DraftWord]:
    """Return the words of an upright page; a blank that something stands over is left out."""
    blanks = [i for i, word in enumerate(words) if _BLANK.fullmatch(word.text)]
    if not blanks:
        return list(words)
    boxes = np.asarray([word.box for word in words], np.float64)
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    of_blank: dict[int, list[int]] = {}
    typed_words: set[int] = set()
    for blank in blanks:
        x0, y0, x1, y1 = boxes[blank]
        overlap = np.minimum(boxes[:, 3], y1) - np.maximum(boxes[:, 1], y0)
        is_over = (
            (x0 <= middles)
            & (middles <= x1)
            & (overlap >= _MIN_OVERLAP * (boxes[:, 3] - boxes[:, 1]))
        )
        entry = [
            i
            for i in np.flatnonzero(is_over).tolist()
            if words[i].line != words[blank].line and i not in typed_words and i not in blanks
        ]
        if entry:
            of_blank[blank] = sorted(entry, key=lambda i: middles[i])
            typed_words.update(entry)
    return [
        new
        for i, word in enumerate(words)
        if i not in typed_words
        for new in (
            [words[n]._replace(line=word.line) for n in of_blank[i]] if i in of_blank else [word]
        )
    ]
