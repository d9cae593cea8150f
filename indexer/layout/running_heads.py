"""Tell headings from running heads: a head that no page had before is the title of what stands below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import SequenceMatcher

import numpy as np

from indexer.base.layout import Block, BlockKind
from indexer.base.pages import PageWords

_N_FIRST_PAGES = 3  # any running head is new there: only large print tells
_TALLER = 1.3  # than the usual word of the page
_ALIKE = 0.7  # letters of two heads, one of them misread
_MAX_KNOWN = 200
_MIN_LETTERS = 4


class RunningHeads:
    """The running heads of a document's pages so far; for one thread at a time, in the order of the pages."""

    def __init__(self) -> None:
        self._n_pages = 0
        self._known_heads: dict[str, None] = {}

    def headings_of(self, words: PageWords) -> tuple[Block, ...]:
        """Return the blocks of the next page; page headers that are no running heads are headings."""
        self._n_pages += 1
        blocks = words.layout.blocks
        has_title = any(block.kind is BlockKind.TITLE for block in blocks)
        kind = BlockKind.HEADING if has_title or self._n_pages > 1 else BlockKind.TITLE
        return tuple(
            replace(block, kind=kind) if self._is_heading(words, block) else block
            for block in blocks
        )

    def _is_heading(self, words: PageWords, block: Block) -> bool:
        if block.kind is not BlockKind.PAGE_HEADER:
            return False
        texts = words.texts[block.start : block.stop]
        letters = "".join(c for text in texts for c in text if c.isalpha()).casefold()
        is_known = self._is_known(letters)
        self._known_heads[letters] = None
        if is_known or len(letters) < _MIN_LETTERS or _has_page_number(texts):
            return False
        if block.box[3] - block.box[1] > block.box[2] - block.box[0]:
            return False  # printed along the margin
        return self._n_pages > _N_FIRST_PAGES or _is_tall(words, block)

    def _is_known(self, letters: str) -> bool:
        """Say whether a page before had this head, or one that differs by what OCR misread."""
        if letters in self._known_heads:
            return True
        matcher = SequenceMatcher(autojunk=False)
        matcher.set_seq2(letters)
        for known in list(self._known_heads)[-_MAX_KNOWN:]:
            matcher.set_seq1(known)
            if matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE:
                return True
        return False


def _has_page_number(texts: Sequence[str]) -> bool:
    return texts[0].isdigit() or texts[-1].isdigit()


def _is_tall(words: PageWords, block: Block) -> bool:
    heights = words.boxes[:, 3].astype(np.int32) - words.boxes[:, 1]
    usual = float(np.median(heights))
    return float(np.median(heights[block.start : block.stop])) >= _TALLER * usual
