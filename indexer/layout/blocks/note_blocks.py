"""Make notes of what people have written onto a page."""

from __future__ import annotations

from collections.abc import Sequence

from indexer.base.layout import BlockKind
from indexer.base.regions import Remark
from indexer.layout.drafts import BlockDraft, DraftWord, Rows
from indexer.layout.holding import words_inside
from indexer.layout.upright import Upright

_ADDED_LINE = 1_000_000  # lines of words that were added are none of the page's


def take_remarks(
    words: list[DraftWord], remarks: Sequence[Remark], upright: Upright, used_words: set[int]
) -> list[BlockDraft]:
    """Return a note for each remark; words are added, or taken where the page shows the remark's text."""
    notes: list[BlockDraft] = []
    for number, remark in enumerate(remarks):
        rows = _drawn_rows(words, remark, used_words) if remark.is_drawn else []
        if not rows:
            rows = _added_rows(words, remark, _ADDED_LINE + number)
        used_words.update(i for row in rows for i in row)
        frame = upright.frames([remark.about or remark.box])[0]
        notes.append(
            BlockDraft(BlockKind.NOTE, remark.box, rows, units=[frame], author=remark.author)
        )
    return notes


def _drawn_rows(words: Sequence[DraftWord], remark: Remark, used_words: set[int]) -> Rows:
    """Return the rows of a text box's own words."""
    own = set("".join(remark.text.split()).casefold())
    rows: dict[int, list[int]] = {}
    for i in words_inside(words, remark.box, used_words):
        if set(words[i].text.casefold()) & own:
            rows.setdefault(words[i].line, []).append(i)
    return list(rows.values())


def _added_rows(words: list[DraftWord], remark: Remark, line: int) -> Rows:
    rows: Rows = []
    for text in remark.text.splitlines():
        row: list[int] = []
        for word in text.split():
            row.append(len(words))
            words.append(DraftWord(word[:256], remark.box, line))
        if row:
            rows.append(row)
    return rows
