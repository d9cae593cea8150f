"""Which word pieces carry meaning: everything but punctuation and English stop words."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

STOP_WORDS_VERSION = 1  # part of the fingerprint: raise it with any change of the rules below

_WORDS = """
a about above after again against all also am an and any are as at be because been before being
below between both but by can could did do does doing down during each few for from further had
has have having he her here hers herself him himself his how i if in into is it its itself just
me more most my myself no nor not now of off on once only or other our ours ourselves out over
own same she should so some such than that the their theirs them themselves then there these
they this those through to too under until up very was we were what when where which while who
whom why will with would you your yours yourself yourselves s t d ll m o re ve
"""
STOP_WORDS = frozenset(_WORDS.split())

_CONTINUES = "##"  # WordPiece: this piece continues the one before it
_UNKNOWN = "[UNK]"  # a word of signs that the vocabulary lacks: bullets, arrows, emoji


class ContentPieces:
    """Decides by piece id, from tables made once out of a vocabulary. V pieces."""

    def __init__(self, vocabulary: Mapping[str, int]) -> None:
        size = max(vocabulary.values()) + 1
        self._stop = np.zeros(size, bool)
        self._empty = np.zeros(size, bool)
        self._continues = np.zeros(size, bool)
        for piece, index in vocabulary.items():
            self._continues[index] = piece.startswith(_CONTINUES)
            self._stop[index] = piece in STOP_WORDS
            self._empty[index] = piece == _UNKNOWN or not any(map(str.isalnum, piece))

    def mask(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Piece ids (N,) in text order -> (N,) bool, true where the piece is content.

        A stop word counts only as a whole word: `it` is dropped, `it ##unes` is kept.
        """
        if len(ids) == 0:
            return np.zeros(0, bool)
        continued = np.append(self._continues[ids[1:]], False)
        return np.asarray(~self._empty[ids] & ~(self._stop[ids] & ~continued))
