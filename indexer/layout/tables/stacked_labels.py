"""See a form in a table of which every second row names, in smaller print, what stands above or below it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import (
    BlockDraft,
    CellDraft,
    DraftWord,
    cells_by_row,
    field_of,
    words_of_rows,
)

_SMALLER = 0.85  # of the height of the print of what is named
_MAX_LABEL_WORDS = 8


def fields_of_stack(
    words: Sequence[DraftWord], frames: NDArray[np.float64], cells: Sequence[CellDraft]
) -> list[BlockDraft]:
    """Return a field for each name with what it names; none where the table is no such form."""
    if any(d.cell.n_rows > 1 for d in cells):
        return []
    by_row = cells_by_row(draft for draft in cells if draft.rows)
    rows = [row for _, row in sorted(by_row.items())]
    if len(rows) < 2 or len(rows) % 2:
        return []
    heights = [_height(frames, row) for row in rows]
    for first in (0, 1):  # names above, names below
        labels, entries = heights[first::2], heights[1 - first :: 2]
        if all(a <= _SMALLER * b for a, b in zip(labels, entries, strict=True)):
            pairs = zip(rows[first::2], rows[1 - first :: 2], strict=True)
            return _fields(words, frames, [_pair_up(label, entry) for label, entry in pairs])
    return []


def _height(frames: NDArray[np.float64], row: Sequence[CellDraft]) -> float:
    members = [i for d in row for i in words_of_rows(d.rows)]
    return float(np.median([frames[i][3] - frames[i][1] for i in members]))


Pairs = list[tuple[CellDraft, CellDraft | None]]


def _pair_up(labels: Sequence[CellDraft], entries: Sequence[CellDraft]) -> Pairs | None:
    """Return each name with its entry, None where nobody filled it in; None if an entry has no name.

    A name stands where its box begins: an entry may be wider, and reaches no further than the next name.
    """
    starts = sorted(d.cell.column for d in labels)
    of_name: dict[int, CellDraft] = {}
    for entry in entries:
        place = bisect_right(starts, entry.cell.column)
        reaches = place < len(starts) and entry.cell.column + entry.cell.n_columns > starts[place]
        if not place or reaches or starts[place - 1] in of_name:
            return None
        of_name[starts[place - 1]] = entry
    return [(label, of_name.get(label.cell.column)) for label in labels]


def _fields(
    words: Sequence[DraftWord], frames: NDArray[np.float64], rows: Sequence[Pairs | None]
) -> list[BlockDraft]:
    pairs = [pair for row in rows for pair in row or ()]
    if None in rows or not all(_is_label(words, label) for label, _ in pairs):
        return []
    return [_field(words, frames, label, entry) for label, entry in pairs]


def _is_label(words: Sequence[DraftWord], label: CellDraft) -> bool:
    texts = [words[i].text for i in words_of_rows(label.rows)]
    return len(texts) <= _MAX_LABEL_WORDS and any(any(map(str.isalpha, text)) for text in texts)


def _field(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    label: CellDraft,
    entry: CellDraft | None,
) -> BlockDraft:
    value = words_of_rows(entry.rows) if entry is not None else ()
    return field_of(words, frames, list(words_of_rows(label.rows)), list(value))
