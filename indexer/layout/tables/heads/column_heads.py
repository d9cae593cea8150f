"""Tell which rows of a table are heads of its columns, where its words show that the layout model erred."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.layout.drafts import CellDraft, DraftWord
from indexer.layout.tables.amounts import (
    AMOUNT,
    NOTHING,
    is_amount,
    is_sum,
    shape_of,
    text_without_marks,
)
from indexer.layout.tables.heads.first_amounts import without_first_amounts

_YEAR = re.compile(r"(19|20)\d\d")
_ITEM = re.compile(r"\(?\d+(\.\d+)*[A-Za-z]?[.)]?")
_NOTES = re.compile(r"(?<=\d)[a-f]{1,3}$")  # behind a figure: `74cd`
_LABEL_END = re.compile(r"[:?]$")
_TOTAL = re.compile(r"(?:total|all)\b", re.IGNORECASE)
_SENTENCE_END = re.compile(r"[a-z]{3}[)”\"’]?[.!?]$")
_MIN_SENTENCE = 4  # words
_MAX_WORDS = 30  # of a head: more are prose,
_MAX_WORDS_OF_FORM = 12  # and in two columns
_MIN_NAMES = 0.6  # of the cells of a column have letters
_MIN_PAGES = 4  # of a table of contents
_MIN_REPEATED = 3  # one in so many
_MIN_LIKE = 0.8  # of the cells of a column are of one kind
_MIN_LABELS = 0.6  # of the names of rows end as labels do


def without_false_heads(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; a first row that is like all others, or has prose, is no head."""
    cells = _without_titles(_without_sentences(words, without_first_amounts(words, cells)))
    heads = [d for d in cells if d.cell.is_head and d.rows]
    if not heads or any(d.cell.row or d.cell.n_columns > 1 for d in heads):
        return list(cells)
    bodies = {
        d.cell.column: [
            _NOTES.sub("", text_without_marks(words, b))
            for b in cells
            if not b.cell.is_head and b.cell.column == d.cell.column and b.rows
        ]
        for d in heads
    }
    figures = [d for d in heads if is_amount(text_without_marks(words, d))]
    like = [d for d in figures if _is_mostly(AMOUNT, bodies[d.cell.column])]
    names = [d for d in heads if d.cell.column > 0]
    # The first row is the sum of the others.
    if any(_TOTAL.match(text_without_marks(words, d)) for d in heads):
        names = [d for d in names if _is_mostly(AMOUNT, bodies[d.cell.column])]
    all_amounts = (
        bool(names)
        and len(like) == len(names)
        and any(
            is_sum(text) or text in NOTHING for text in (text_without_marks(words, d) for d in like)
        )
    )
    if not (
        all_amounts
        or _is_first_of_contents(words, heads, bodies)
        or _is_numbered(words, heads, bodies)
        or _is_repeated(words, names, bodies)
        or _is_written_alike(words, heads, bodies)
        or _is_label(words, heads, bodies)
        or _is_entry(words, heads, bodies)
        or any(sum(map(len, d.rows)) > _MAX_WORDS for d in heads)
    ):
        return list(cells)
    return [replace(d, cell=replace(d.cell, is_head=False)) for d in cells]


def _without_sentences(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; a row with a sentence in it is no row of heads."""
    rows = {
        d.cell.row
        for d in cells
        if d.cell.is_head
        and sum(map(len, d.rows)) >= _MIN_SENTENCE
        and _SENTENCE_END.search(text_without_marks(words, d))
    }
    return [
        replace(d, cell=replace(d.cell, is_head=False)) if d.cell.row in rows else d for d in cells
    ]


def _without_titles(cells: Sequence[CellDraft]) -> list[CellDraft]:
    """Return the cells of a table; a row of one cell below heads of columns names the rows that follow."""
    last = max((d.cell.row for d in cells if d.cell.is_head), default=0)
    above = [d for d in cells if d.cell.is_head and d.cell.row < last and d.rows]
    members = [d for d in cells if d.cell.row == last]
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    if len(above) < n_columns or [d.cell.n_columns for d in members] != [n_columns]:
        return list(cells)
    return [
        replace(d, cell=replace(d.cell, is_head=False)) if d.cell.row == last else d for d in cells
    ]


def _is_repeated(
    words: Sequence[DraftWord], names: Sequence[CellDraft], bodies: dict[int, list[str]]
) -> bool:
    """Say whether each cell behind the first says what most rows say, too: `Yes`, above `Yes` and `No`."""
    return bool(names) and all(
        _MIN_REPEATED * bodies[d.cell.column].count(text_without_marks(words, d))
        >= len(bodies[d.cell.column])
        > 0
        for d in names
    )


def _is_written_alike(
    words: Sequence[DraftWord], heads: Sequence[CellDraft], bodies: dict[int, list[str]]
) -> bool:
    """Say whether each cell has a name and figures, written as in all rows below: `A = 0.8`, `A = 0.7`."""
    return len(heads) > 1 and all(
        len(bodies[d.cell.column]) > 1
        and {shape_of(text) for text in bodies[d.cell.column]}
        == {shape_of(text_without_marks(words, d))}
        and {"0", "a"} <= set(shape_of(text_without_marks(words, d)))
        for d in heads
    )


def _is_label(
    words: Sequence[DraftWord], heads: Sequence[CellDraft], bodies: dict[int, list[str]]
) -> bool:
    """Say whether the first cell is a label of the form that the first column is: `Title:`, `Subject:`."""
    body = bodies.get(0, [])
    n_labels = sum(bool(_LABEL_END.search(text)) for text in body)
    is_first = heads[0].cell.column == 0 and len(heads) > 1
    return (
        is_first
        and text_without_marks(words, heads[0]).endswith(":")
        and n_labels >= max(2, _MIN_LABELS * len(body))
    )


def _is_entry(
    words: Sequence[DraftWord], heads: Sequence[CellDraft], bodies: dict[int, list[str]]
) -> bool:
    """Say whether two cells are a name and what is said of it, as below: `Date`, `27th July, 2007`."""
    if len(heads) != 2 or max(d.cell.column for d in heads) != 1:
        return False
    first, second = (text_without_marks(words, d) for d in heads)
    body = bodies[1]
    n_names = sum(any(map(str.isalpha, text)) for text in body)
    has_figure = any(map(str.isdigit, second)) and not any(map(str.isdigit, first))
    is_long = len(second.split()) > _MAX_WORDS_OF_FORM
    return len(body) > 1 and n_names >= _MIN_NAMES * len(body) and (has_figure or is_long)


def _is_numbered(
    words: Sequence[DraftWord], heads: Sequence[CellDraft], bodies: dict[int, list[str]]
) -> bool:
    """Say whether the first cell is a number of the list that the first column is: 10.4, 10.5."""
    first = heads[0]
    text = text_without_marks(words, first)
    body = bodies[first.cell.column]
    return (
        first.cell.column == 0
        and len(body) > 1
        and bool(_ITEM.fullmatch(text))
        and not _YEAR.fullmatch(text)
        and len(heads) > 1
        and _is_mostly(_ITEM, body)
    )


def _is_first_of_contents(
    words: Sequence[DraftWord], heads: Sequence[CellDraft], bodies: dict[int, list[str]]
) -> bool:
    """Say whether the last word is the number of a page, and so are all below it."""
    behind = heads[-1:]
    if len(heads) < 2 or any(text_without_marks(words, d).isdigit() for d in heads[:-1]):
        return False
    texts = [text_without_marks(words, behind[0]), *bodies[behind[0].cell.column]]
    if len(texts) < _MIN_PAGES or not all(map(str.isdigit, texts)):
        return False
    numbers = [int(text) for text in texts]
    return numbers == sorted(numbers) and numbers[0] < numbers[-1]


def _is_mostly(pattern: re.Pattern[str], texts: Sequence[str]) -> bool:
    n_like = sum(bool(pattern.fullmatch(text)) for text in texts)
    n_least = min(
        _MIN_LIKE * len(texts), max(len(texts) - 1, 2)
    )  # a letter of a scan may be misread
    return bool(texts) and n_like >= min(n_least, len(texts))
