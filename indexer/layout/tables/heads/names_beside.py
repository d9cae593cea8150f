"""Find names of rows behind the first, in a table of pairs beside each other: label, value, label, value."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from indexer.base.word_marks import BOLD
from indexer.layout.drafts import CellDraft, DraftWord, n_head_rows, text_of, words_of_rows

_MIN_ROWS = 3  # of pairs without heads that figures tell
_MIN_LIKE = 0.8  # of the cells of a column are labels, end as labels do, are bold, differ,
_MAX_UNLIKE = 0.2  # and of the others
_MIN_FIGURES = 0.5  # of the values have one,
_MIN_FIGURES_OF_COLUMN = 0.3  # and of each column of them
_MAX_LABEL_WORDS = 8
_MIN_FILLED = 0.4  # of the rows have a label in a column of labels

_ITEM = re.compile(r"^\d{1,2}[.)] ")  # the number of a name

Column = list[CellDraft]  # what is filled in, below the heads


def columns_of_names_beside(
    words: Sequence[DraftWord], cells: Sequence[CellDraft], n_columns: int
) -> list[int]:
    """Return the columns behind the first that name what stands to their right, as the first one does.

    The heads of the first columns come again, or stand over the labels only; without heads, labels end in
    colons, are bold, or have no figures where values have them.
    """
    if n_columns < 4 or any(_reaches(draft, n_columns) for draft in cells):
        return []
    heads = _head_texts(words, cells, n_columns)
    columns: list[Column] = [[] for _ in range(n_columns)]
    for draft in cells:
        if not draft.cell.is_head and draft.rows and draft.cell.n_columns < n_columns:
            columns[draft.cell.column].append(draft)
    for step in range(2, n_columns // 2 + 1):
        if n_columns % step == 0 and _come_again(heads, step):
            labels = columns[::step]
            return _starts(n_columns, step) if _are_labels(words, labels) else []
    if n_columns % 2 or not _are_labels(words, columns[::2]):
        return []
    over_labels = all(heads[::2]) and not any(heads[1::2])
    if over_labels or (not any(heads) and _are_pairs(words, columns[::2], columns[1::2])):
        return _starts(n_columns, 2)
    return []


def _starts(n_columns: int, step: int) -> list[int]:
    return list(range(step, n_columns, step))


def _reaches(draft: CellDraft, n_columns: int) -> bool:
    """Say whether a cell below the heads reaches over pairs: no title, no pair, and not the last value."""
    cell = draft.cell
    is_title = cell.column == 0 and cell.n_columns == n_columns
    is_value = cell.column % 2 == 1 and cell.column + cell.n_columns == n_columns
    is_pair = cell.column % 2 == 0 and cell.n_columns == 2
    return cell.n_columns > 1 and not (cell.is_head or is_title or is_value or is_pair)


def _head_texts(
    words: Sequence[DraftWord], cells: Sequence[CellDraft], n_columns: int
) -> list[str]:
    """Return the text of the lowest head over each column; of one that spans several, over its first."""
    heads = [""] * n_columns
    last = n_head_rows(cells)
    for draft in cells:
        is_lowest = draft.cell.is_head and draft.cell.row + draft.cell.n_rows == last
        if is_lowest and draft.cell.n_columns < n_columns:
            heads[draft.cell.column] = text_of(words, draft)
    return heads


def _come_again(heads: Sequence[str], step: int) -> bool:
    """Say whether the heads over so many columns, all of them with words, stand over the next ones, too."""
    first = heads[:step]
    parts = (heads[start : start + step] for start in range(step, len(heads), step))
    return all(first) and len(set(first)) == step and all(part == first for part in parts)


def _are_labels(words: Sequence[DraftWord], columns: Sequence[Column]) -> bool:
    """Say whether all columns have short names that differ, and each about as many as the fullest."""
    n_rows = max(map(len, columns))
    return n_rows > 1 and all(
        len(column) >= max(_MIN_FILLED * n_rows, 1)
        and _share(column, lambda d: _is_name(text_of(words, d))) >= _MIN_LIKE
        and len({text_of(words, d) for d in column}) >= _MIN_LIKE * len(column)
        for column in columns
    )


def _is_name(text: str) -> bool:
    name = _ITEM.sub("", text)
    has_letters = any(map(str.isalpha, name)) and not name[0].isdigit()
    return has_letters and len(name.split()) <= _MAX_LABEL_WORDS


def _are_pairs(
    words: Sequence[DraftWord], labels: Sequence[Column], values: Sequence[Column]
) -> bool:
    """Say whether cells without heads are labels and values by how they are written."""

    def tells_apart(is_of_label: Callable[[CellDraft], bool]) -> bool:
        are_marked = all(_share(column, is_of_label) >= _MIN_LIKE for column in labels)
        return are_marked and all(_share(column, is_of_label) <= _MAX_UNLIKE for column in values)

    if tells_apart(lambda d: text_of(words, d).endswith(":")):
        return True
    if tells_apart(lambda d: all(words[i].marks & BOLD for i in words_of_rows(d.rows))):
        return True
    return (
        max(map(len, labels)) >= _MIN_ROWS
        and not any(_share(column, _with_figure(words)) for column in labels)
        and _share([d for column in values for d in column], _with_figure(words)) >= _MIN_FIGURES
        and all(_share(c, _with_figure(words)) >= _MIN_FIGURES_OF_COLUMN for c in values)
    )


def _with_figure(words: Sequence[DraftWord]) -> Callable[[CellDraft], bool]:
    return lambda draft: any(map(str.isdigit, text_of(words, draft)))


def _share(column: Column, is_like: Callable[[CellDraft], bool]) -> float:
    return sum(map(is_like, column)) / len(column) if column else 0.0
