"""Tell words of a text layer from noise: a font without a character map yields some.

Dimension key: W words.
"""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import PageWords

_MOSTLY_READABLE = 0.8  # share of characters, without those that lead the eye
_LEADER = re.compile(r"[.·_…]{3,}")


def readable_characters(word: str) -> int:
    """Count letters and digits of a word; none when half of it is something else.

    A font without a character map yields strings such as `!"#$%&'!"(%`, a leader line `.....`.
    """
    n_alphanumeric = sum(map(str.isalnum, word))
    return n_alphanumeric if 2 * n_alphanumeric > len(word) else 0


def readable_words(words: PageWords) -> NDArray[np.bool_]:
    """Return the words (W,) that are not noise of a font without a character map.

    Where few are, those of signs alone belong to the rest: `(6%).`, a bullet.
    """
    lengths = np.array([0 if _LEADER.fullmatch(word) else len(word) for word in words.texts])
    readable = np.array([readable_characters(word) > 0 for word in words.texts], np.bool_)
    if lengths[readable].sum() >= _MOSTLY_READABLE * lengths.sum():
        return np.ones(len(words), np.bool_)
    return readable
