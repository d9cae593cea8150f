"""Tell figures from names in the cells of a table."""

from __future__ import annotations

import re
from collections.abc import Sequence

from indexer.base.word_marks import RAISED
from indexer.layout.drafts import CellDraft, DraftWord, text_of, words_of_rows
from indexer.layout.pieces import CURRENCIES

_YEAR = re.compile(r"(19|20)\d\d")
NOTHING = frozenset("-−–—")  # stands for a figure
AMOUNT = re.compile(
    r"[-−–—+(]*[$€£¥₹]?\s*[(]?(\d{1,3}([,.’' ]\d{3})+([.,]\d+)?|\d*[.,]\d+|\d+)?\)?\s*%?"
)


def has_figure(words: Sequence[DraftWord], draft: CellDraft) -> bool:
    """Say whether a cell has a figure other than a year, or stands for nothing."""
    texts = [words[i].text for i in words_of_rows(draft.rows)]
    return any(
        text in NOTHING or (any(map(str.isdigit, text)) and not any(map(str.isalpha, text)))
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


def is_amount(text: str) -> bool:
    """Say whether a text is a figure with its signs, or stands for nothing, and is no year."""
    is_nothing = text[:1] in CURRENCIES and text[1:].strip() in NOTHING
    return is_nothing or (bool(AMOUNT.fullmatch(text)) and not _YEAR.fullmatch(text))


def is_sum(text: str) -> bool:
    """Say whether an amount could not be the number of a column."""
    return any(sign in text for sign in "$€£¥₹%,.(") and any(map(str.isdigit, text))


def text_without_marks(words: Sequence[DraftWord], draft: CellDraft) -> str:
    """Return the words of a cell, without marks of footnotes."""
    own = [words[i] for i in words_of_rows(draft.rows)]
    return " ".join(w.text for w in own if not w.marks & RAISED) or text_of(words, draft)
