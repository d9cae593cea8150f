"""See a simple table in rows that have gaps at the same places."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import RegionCell
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, Piece, box_around, frame_around
from indexer.layout.pieces import CURRENCIES
from indexer.layout.tables.glued_columns import part_columns
from indexer.layout.tables.heads.row_heads import mark_row_heads

_MIN_ROWS = 2
_MIN_FULL_ROWS = 0.6  # of the rows have two cells and more
_YEAR = re.compile(r"(19|20)\d\d")
_FIGURE = re.compile(r"[-−+(]?[$€£¥]?\d[\d.,'’%]*\)?%?")


def table_of(
    words: Sequence[DraftWord], frames: NDArray[np.float64], rows: Sequence[list[Piece]]
) -> BlockDraft | None:
    """Return the table that rows of pieces are, if they are one: each piece in one column.

    frames  (W, 4) of all words, in points
    """
    n_full = sum(len(row) > 1 for row in rows)
    if len(rows) < _MIN_ROWS or n_full < max(2, _MIN_FULL_ROWS * len(rows)):
        return None
    rows = [_with_signs(words, row) for row in rows]
    columns = _columns([piece.frame for row in rows for piece in row])
    if len(columns) < 2:
        return None
    cells: list[CellDraft] = []
    for number, row in enumerate(rows):
        in_column: dict[int, list[int]] = {}
        for piece in row:
            middle = (piece.frame[0] + piece.frame[2]) / 2
            column = int(np.searchsorted([right for _, right in columns], middle))
            in_column.setdefault(min(column, len(columns) - 1), []).extend(piece.words)
        for column, members in sorted(in_column.items()):
            box = box_around(words[i].box for i in members)
            cells.append(CellDraft(RegionCell(number, column, box), [members]))
    _mark_head(words, cells)
    cells = part_columns(words, frames, cells)
    _mark_head(words, cells)
    cells = mark_row_heads(words, cells)
    unit = frame_around([piece.frame for row in rows for piece in row])
    box = box_around(draft.cell.box for draft in cells)
    return BlockDraft(BlockKind.TABLE, box, cells=cells, units=[unit])


def _with_signs(words: Sequence[DraftWord], row: Sequence[Piece]) -> list[Piece]:
    """Return the pieces of a row; a currency that stands alone is one with the figure behind it."""
    pieces: list[Piece] = []
    for piece in row:
        last = pieces[-1] if pieces else None
        is_sign = last is not None and [words[i].text in CURRENCIES for i in last.words] == [True]
        if last is not None and is_sign and words[piece.words[0]].text.strip("(-−–")[:1].isdigit():
            frame = frame_around([last.frame, piece.frame])
            pieces[-1] = Piece([*last.words, *piece.words], frame)
        else:
            pieces.append(piece)
    return pieces


def _columns(frames: Sequence[NDArray[np.float64]]) -> list[tuple[float, float]]:
    """Return the parts of the width that pieces cover, from left to right."""
    columns: list[tuple[float, float]] = []
    for left, right in sorted((float(frame[0]), float(frame[2])) for frame in frames):
        if columns and left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], right)
        else:
            columns.append((left, right))
    return columns


def _mark_head(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> None:
    if _has_head(words, cells):
        for draft in cells:
            if draft.cell.row == 0:
                draft.cell = replace(draft.cell, is_head=True)


def _has_head(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> bool:
    """Say whether the first row has no figures where most of the others have some."""

    def is_figure(draft: CellDraft) -> bool:
        texts = [words[i].text for row in draft.rows for i in row]
        return any(_FIGURE.fullmatch(text) and not _YEAR.fullmatch(text) for text in texts)

    columns = {draft.cell.column for draft in cells if draft.cell.row == 0}
    if len(columns) < max(draft.cell.column for draft in cells) or any(
        is_figure(draft) for draft in cells if draft.cell.row == 0
    ):
        return False
    body = [draft for draft in cells if draft.cell.row > 0 and draft.cell.column > 0]
    return sum(map(is_figure, body)) > len(body) / 2
