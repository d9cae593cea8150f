"""Make blocks of lines by where they stand: paragraphs, headings, items of lists, simple tables.

For pages that the layout model has not looked at, and for words in none of its regions.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.layout.cut import rows_in_order
from indexer.layout.drafts import (
    BlockDraft,
    DraftWord,
    Piece,
    box_around,
    frame_around,
    words_of_rows,
)
from indexer.layout.markers import is_marker, is_section_number
from indexer.layout.tables.amounts import has_figure
from indexer.layout.tables.gap_tables import table_of

_PARAGRAPH_GAP = 0.75  # in heights of the lower line
_SAME_HEIGHT = 1.2
_MIN_UNSEEN_ROWS = 3  # of a table that the layout model has not seen
_MIN_FILLED = 0.7  # of its cells
_MIN_FIGURES = 0.5  # of the cells behind the first column
_MAX_SIGNS = 0.2  # of its words are neither letters nor figures
_MAX_INDENT = 6.0  # of the first line of a paragraph, in heights
_HEADING_HEIGHT = 1.15  # of a usual line of the page
_MAX_HEADING_ROWS = 3
_MAX_HEADING_WORDS = 12
_ENDS = '.;:!?)”"'
_SHORT = 0.7  # of the next line's width: a line that does not go on there

_Row = list[Piece]


def blocks_of_lines(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    pieces: Sequence[Piece],
    *,
    is_modelled: bool = False,
) -> list[BlockDraft]:
    """Return the blocks of pieces in reading order.

    frames       (W, 4) of all words, in points
    is_modelled  the layout model has seen no table there: labels of a chart or a map are none, either
    """
    if not pieces:
        return []
    piece_frames = np.stack([piece.frame for piece in pieces])
    heights = piece_frames[:, 3] - piece_frames[:, 1]
    usual_height = float(np.median(np.repeat(heights, [len(piece.words) for piece in pieces])))
    rows = [[pieces[i] for i in row] for row in rows_in_order(piece_frames)]
    blocks: list[BlockDraft] = []
    for group in _groups(words, rows):
        table = _table(words, frames, group, is_modelled)
        if table is not None:
            blocks.append(table)
            continue
        for part in _split(group):  # a table that a paragraph follows closely
            blocks.append(
                _table(words, frames, part, is_modelled) or _block(words, part, usual_height)
            )
    for block, following in pairwise(blocks):
        if _is_heading(words, block, following):
            block.kind = BlockKind.HEADING
    return blocks


def _table(
    words: Sequence[DraftWord], frames: NDArray[np.float64], rows: list[_Row], is_modelled: bool
) -> BlockDraft | None:
    """Return the table that rows are, if they are one; where the model saw none, it needs more."""
    if is_modelled and (len(rows) < _MIN_UNSEEN_ROWS or _has_many_signs(words, rows)):
        return None
    table = table_of(words, frames, rows)
    if is_modelled and table is not None:
        n_columns = max(d.cell.column + d.cell.n_columns for d in table.cells)
        behind = [draft for draft in table.cells if draft.cell.column and not draft.cell.is_head]
        n_figures = sum(has_figure(words, draft) for draft in behind)
        if len(table.cells) < _MIN_FILLED * len(rows) * n_columns:
            return None
        if n_figures < _MIN_FIGURES * len(behind):
            return None  # names on a map, or in a drawing
    return table


def _has_many_signs(words: Sequence[DraftWord], rows: Sequence[_Row]) -> bool:
    texts = [words[i].text for row in rows for piece in row for i in piece.words]
    n_signs = sum(not any(map(str.isalnum, text)) for text in texts)
    return n_signs > _MAX_SIGNS * len(texts)


def _is_heading(words: Sequence[DraftWord], block: BlockDraft, following: BlockDraft) -> bool:
    """Say whether a block is a short line without an end above a paragraph."""
    if block.kind != BlockKind.TEXT or following.kind == BlockKind.HEADING:
        return False
    if len(block.rows) != 1 or len(following.rows) < 2 or len(block.rows[0]) > _MAX_HEADING_WORDS:
        return False
    first, last = words[block.rows[0][0]].text, words[block.rows[0][-1]].text
    if last[-1] in ".,;:!" or not (first[0].isupper() or first[0].isdigit()):
        return False
    upper, lower = frame_around(block.units), frame_around(following.units)
    is_above = lower[1] >= upper[1] and abs(upper[0] - lower[0]) < upper[3] - upper[1]
    return bool(is_above and upper[2] - upper[0] < _SHORT * (lower[2] - lower[0]))


def _groups(words: Sequence[DraftWord], rows: Sequence[_Row]) -> list[list[_Row]]:
    """Return rows that belong together."""
    groups: list[list[_Row]] = []
    for row in rows:
        if not groups or _begins_block(words, groups[-1][-1], row):
            groups.append([])
        groups[-1].append(row)
    return groups


def _split(group: list[_Row]) -> list[list[_Row]]:
    """Part rows of several pieces, which are no table, from paragraphs above and below."""
    parts = [[group[0]]]
    for above, row in pairwise(group):
        if (len(above) > 1) != (len(row) > 1):
            parts.append([])
        parts[-1].append(row)
    return parts


def _begins_block(words: Sequence[DraftWord], above: _Row, row: _Row) -> bool:
    upper, lower = _frame(above), _frame(row)
    heights = _height(above), _height(row)
    if lower[1] < upper[1] or lower[0] >= upper[2] or lower[2] <= upper[0]:
        return True
    spacing = (
        1.5 if len(row) > 1 and len(above) > 1 else _PARAGRAPH_GAP
    )  # rows of tables stand wider
    if lower[1] - upper[3] > spacing * min(heights):
        return True
    if max(heights) > _SAME_HEIGHT * min(heights):
        return True
    if _stands_elsewhere(upper, lower, min(heights)):
        return True
    if len(row) != 1:
        return False
    if is_section_number(words[row[0].words[0]].text):  # or a figure within a sentence
        ends = words[above[-1].words[-1]].text[-1] in _ENDS
        return ends or upper[2] - upper[0] < _SHORT * (lower[2] - lower[0])
    return _is_item(words, row)


def _stands_elsewhere(
    upper: NDArray[np.float64], lower: NDArray[np.float64], height: float
) -> bool:
    """Say whether a row is set off to one side of the row above by more than an indent, and not centred."""
    is_off = abs(lower[0] - upper[0]) > _MAX_INDENT * height
    return bool(is_off and abs((lower[0] + lower[2]) - (upper[0] + upper[2])) > 2 * height)


def _block(words: Sequence[DraftWord], rows: list[_Row], usual_height: float) -> BlockDraft:
    word_rows = [[i for piece in row for i in piece.words] for row in rows]
    height = min(map(_height, rows))
    if height >= _HEADING_HEIGHT * usual_height and len(rows) <= _MAX_HEADING_ROWS:
        kind = BlockKind.HEADING
    elif _is_item(words, rows[0]):
        kind = BlockKind.LIST_ITEM
    else:
        kind = BlockKind.TEXT
    return BlockDraft(
        kind,
        box_around(words[i].box for i in words_of_rows(word_rows)),
        word_rows,
        units=[piece.frame for row in rows for piece in row],
    )


def _is_item(words: Sequence[DraftWord], row: _Row) -> bool:
    first = words[row[0].words[0]].text
    return (is_marker(first) or is_section_number(first)) and len(row[0].words) + len(row) > 2


def _frame(row: _Row) -> NDArray[np.float64]:
    return frame_around([piece.frame for piece in row])


def _height(row: _Row) -> float:
    return float(max(piece.frame[3] - piece.frame[1] for piece in row))
