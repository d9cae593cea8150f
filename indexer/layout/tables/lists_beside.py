"""Part a table that is two lists beside each other: names and figures, again names and figures."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from indexer.layout.drafts import CellDraft, DraftWord, text_of, words_of_rows

_MIN_ROWS = 3
_MIN_LIKE = 0.8  # of the cells of a column are names, or figures
_FIGURE = re.compile(r"[-−–—+(]*[$€£¥₹]?[-−–—(]?\d[\d.,'’:]*%?\)?|[-−–—$€£¥₹%]")


def lists_beside(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> list[list[CellDraft]]:
    """Return the cells of a table, parted where a second column of names begins behind one of figures.

    A head over figures tells what the second ones are of the same row; lists beside each other have none, or
    the same again.
    """
    n_columns = max((d.cell.column + d.cell.n_columns for d in cells), default=0)
    n_rows = max((d.cell.row + d.cell.n_rows for d in cells), default=0)
    spans = any(d.cell.n_columns > 1 or d.cell.n_rows > 1 for d in cells)
    if n_columns < 4 or n_columns % 2 or n_rows < _MIN_ROWS or spans:
        return [list(cells)]
    columns = [
        [d for d in cells if d.cell.column == column and d.rows] for column in range(n_columns)
    ]
    if not all(map(_are_names, [words] * n_columns, columns[::2])):
        return [list(cells)]
    if not all(map(_are_figures, [words] * n_columns, columns[1::2])):
        return [list(cells)]
    heads = [_head(words, column) for column in columns[1::2]]
    if len(set(heads)) > 1:
        return [list(cells)]
    return [_part(cells, first, bool(heads[0])) for first in range(0, n_columns, 2)]


def _are_names(words: Sequence[DraftWord], column: Sequence[CellDraft]) -> bool:
    texts = [text_of(words, d) for d in column if not d.cell.is_head]
    have_letters = [any(map(str.isalpha, text)) for text in texts]
    return len(texts) >= _MIN_ROWS - 1 and sum(have_letters) >= _MIN_LIKE * len(texts)


def _are_figures(words: Sequence[DraftWord], column: Sequence[CellDraft]) -> bool:
    cells = [d for d in column if not d.cell.is_head]
    figures = [all(_FIGURE.fullmatch(words[i].text) for i in words_of_rows(d.rows)) for d in cells]
    return len(cells) >= _MIN_ROWS - 1 and sum(figures) >= _MIN_LIKE * len(cells)


def _head(words: Sequence[DraftWord], column: Sequence[CellDraft]) -> str:
    """Return the head over a column of figures; empty where what is marked as one is a figure."""
    return " ".join(text_of(words, d) for d in column if d.cell.is_head)


def _part(cells: Sequence[CellDraft], first: int, has_heads: bool) -> list[CellDraft]:
    own = [d for d in cells if d.cell.column in (first, first + 1)]
    filled_rows = sorted({d.cell.row for d in own if d.rows})
    number = {row: i for i, row in enumerate(filled_rows)}
    return [
        replace(
            d,
            cell=replace(
                d.cell,
                row=number[d.cell.row],
                column=d.cell.column - first,
                is_head=d.cell.is_head and has_heads,
            ),
        )
        for d in own
        if d.cell.row in number
    ]
