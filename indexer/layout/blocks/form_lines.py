"""Find lines of a form in a text: labels and values that stand below each other at the same places."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.layout.blocks.figure_rows import figure_table
from indexer.layout.drafts import (
    BlockDraft,
    DraftWord,
    Piece,
    block_of_pieces,
    box_around,
    field_of,
)
from indexer.layout.tables.gap_tables import table_of
from indexer.layout.tables.stacked_labels import fields_of_stack

_MIN_ROWS = 3  # with a label and a value
_ALIGNED = 0.6  # an edge from that of the column, in heights of the line
_MAX_LABEL_WORDS = 8
_MAX_VALUE_WORDS = 8  # of half of the values: lines of prose have more
_MIN_COLONS = 0.6  # of the labels

Row = list[Piece]


def blocks_of_text(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    box: PageBox,
    rows: Sequence[Row],
) -> list[BlockDraft]:
    """Return the blocks of a region of text: one, a table of labels and values, or fields and tables in text.

    box   of the region
    rows  of its pieces, in reading order
    """
    if len(rows) >= _MIN_ROWS and min(map(len, rows)) > 1:
        table = table_of(words, frames, rows)
        if table is not None:
            return fields_of_stack(words, frames, table.cells) or [table]
    lines = [[i for piece in row for i in piece.words] for row in rows]
    blocks: list[BlockDraft] = []
    texts: list[Row] = []
    start = run_stop = 0
    while start < len(rows):
        parts: list[BlockDraft] = []
        if start >= run_stop:
            run = _aligned_rows(words, rows[start:])
            run_stop = start + len(run)
            parts, n_rows = _fields(words, frames, run), len(run)
        if not parts:
            printout, n_rows = figure_table(words, frames, lines[start:]) or (None, 1)
            parts = [] if printout is None else [printout]
        if parts and texts:
            blocks.append(_text(words, texts))
            texts = []
        blocks += parts
        texts += [] if parts else [rows[start]]
        start += n_rows
    if texts:
        blocks.append(_text(words, texts))
    if len(blocks) == 1:
        blocks[0].box = box
    return blocks


def _text(words: Sequence[DraftWord], rows: Sequence[Row]) -> BlockDraft:
    box = box_around(words[i].box for row in rows for piece in row for i in piece.words)
    return block_of_pieces(BlockKind.TEXT, box, rows)


def _aligned_rows(words: Sequence[DraftWord], rows: Sequence[Row]) -> Sequence[Row]:
    """Return the rows from the first on whose pieces stand below its pieces; none where it has one piece.

    The last of them has several pieces, too.
    """
    n_rows = 0
    for number, row in enumerate(rows):
        if not _is_label(words, row[0]) or not all(_stands_below(p, rows[0]) for p in row):
            break
        if len(row) > 1:
            n_rows = number + 1
        elif not number:
            break
    return rows[:n_rows]


def _stands_below(piece: Piece, row: Row) -> bool:
    """Say whether a piece begins or ends where one of a row does."""
    x0, y0, x1, y1 = piece.frame
    reach = _ALIGNED * (y1 - y0)
    return any(
        abs(x0 - above.frame[0]) <= reach or abs(x1 - above.frame[2]) <= reach for above in row
    )


def _is_label(words: Sequence[DraftWord], piece: Piece) -> bool:
    texts = [words[i].text for i in piece.words]
    return len(texts) <= _MAX_LABEL_WORDS and any(any(map(str.isalpha, text)) for text in texts)


def _fields(
    words: Sequence[DraftWord], frames: NDArray[np.float64], rows: Sequence[Row]
) -> list[BlockDraft]:
    """Return the fields that rows below each other are; none where they are no form."""
    table = table_of(words, frames, rows) if len(rows) > 1 else None
    stack = fields_of_stack(words, frames, table.cells) if table is not None else []
    if stack:
        return stack
    pairs = [row for row in rows if len(row) > 1]
    if len(pairs) < _MIN_ROWS or max(map(len, rows)) > 2:
        return []
    if np.median([len(value.words) for _, value in pairs]) > _MAX_VALUE_WORDS:
        return []
    if sum(_ends_label(words, row) for row in pairs) < _MIN_COLONS * len(pairs):
        return []
    return [field_of(words, frames, *pair) for pair in _labels_and_values(words, rows)]


def _ends_label(words: Sequence[DraftWord], row: Row) -> bool:
    """Say whether the first piece of a row ends in a colon, or the second one begins with it."""
    behind = row[1:2]
    return words[row[0].words[-1]].text.endswith(":") or any(
        words[piece.words[0]].text.startswith(":") for piece in behind
    )


def _labels_and_values(
    words: Sequence[DraftWord], rows: Sequence[Row]
) -> list[tuple[list[int], list[int]]]:
    """Return the words of each label and of its value; what stands alone goes on with those above."""
    parts: list[tuple[list[int], list[int]]] = []
    for row in rows:
        label, value = row[0].words, [i for piece in row[1:] for i in piece.words]
        if len(row) > 1 or not parts or _ends_label(words, row):
            parts.append((list(label), value))
        elif not _stands_below(row[0], rows[0][:1]):
            parts[-1][1].extend(label)
        else:
            is_whole = words[parts[-1][0][-1]].text.endswith(":")
            parts[-1][1 if is_whole else 0].extend(label)
    return parts
