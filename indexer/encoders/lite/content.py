"""Tell which word pieces carry meaning: all but punctuation and stop words."""

from __future__ import annotations

from collections.abc import Mapping, Set

import numpy as np
from numpy.typing import NDArray

from indexer.base.language.stop_words import STOP_WORDS

# Part of the fingerprint: raise it with any change of STOP_WORDS or of the rules below.
STOP_WORDS_VERSION = 1

_CONTINUES = "##"  # WordPiece: this piece continues the one before it
_BEGINS = "\u2581"  # Unigram: this piece begins a word
_UNKNOWN = {"[UNK]", "<unk>"}  # a word of signs that the vocabulary lacks: bullets, arrows, emoji


class ContentPieces:
    """Decides by piece id, from tables made once out of a vocabulary. V pieces."""

    def __init__(
        self,
        vocabulary: Mapping[str, int],
        stop_words: Set[str] = STOP_WORDS,
        *,
        unigram: bool = False,
    ) -> None:
        """`unigram`: the vocabulary marks what begins a word, not what continues one."""
        size = max(vocabulary.values()) + 1
        self._stop = np.zeros(size, bool)
        self._empty = np.zeros(size, bool)
        self._continues = np.zeros(size, bool)
        for piece, index in vocabulary.items():
            begins = piece.startswith(_BEGINS) if unigram else not piece.startswith(_CONTINUES)
            self._continues[index] = not begins
            self._stop[index] = begins and piece.removeprefix(_BEGINS).casefold() in stop_words
            self._empty[index] = piece in _UNKNOWN or not any(map(str.isalnum, piece))

    def mask(self, ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Return (N,) bool for piece ids (N,) in text order: true where the piece is content.

        A stop word counts only as a whole word: `it` is dropped, `it ##unes` is kept.
        """
        if len(ids) == 0:
            return np.zeros(0, bool)
        goes_on = np.append(self._continues[ids[1:]], False)
        return np.asarray(~self._empty[ids] & ~(self._stop[ids] & ~goes_on))
