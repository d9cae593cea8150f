"""Tell figures from names in the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.layout.drafts import CellDraft, DraftWord, words_of_rows

_YEAR = re.compile(r"(19|20)\d\d")
_NOTHING = ("-", "−", "–", "—")


def has_figure(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    """Say whether a cell has a figure other than a year, or stands for nothing."""
    texts = [words[i].text for i in words_of_rows(draft.rows)]
    return any(
        text in _NOTHING or (any(map(str.isdigit, text)) and not any(map(str.isalpha, text)))
        for text in texts
        if not _YEAR.fullmatch(text.strip(",()"))
    )


def is_figure(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    """Say whether a cell has words, and none with a letter."""
    texts = [words[i].text for i in words_of_rows(draft.rows)]
    return bool(texts) and not any(any(map(str.isalpha, text)) for text in texts)


def shape_of(text: str) -> str:
    """Return how a text is written: each figure as 0, each letter as a."""
    return "".join("0" if c.isdigit() else "a" if c.isalpha() else c for c in text)
