"""Tell text that the layout model took for a table: one row, such as places for signatures; lines of code."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, Rows, text_of, words_of_rows
from indexer.layout.tables.amounts import is_figure

_MIN_PROSE = 4  # words of half of the lines
_MIN_LINES = 3  # of code,
_MIN_CODE = 0.6  # and so many of them have signs that prose has not
_CODE = re.compile(r"[\\{}<>]|\w\(|[;%]$|:?=|->")


def unmark_texts(
    words: Sequence[DraftWord], frames: NDArray[np.float64], blocks: Sequence[BlockDraft]
) -> None:
    """Let tables of one row, without heads and cells of figures, and numbered lines of code be text.

    frames  (W, 4) of all words, in points of the upright page
    """
    for block in blocks:
        if block.kind != BlockKind.TABLE or not any(draft.rows for draft in block.cells):
            continue
        if _is_text(words, block) or _is_code(words, block.cells):
            block.kind = BlockKind.TEXT
            block.rows = _columns(block) or _lines(frames, block)
            block.cells = []


def _columns(block: BlockDraft) -> Rows:
    """Return the lines of one cell after the other, where they are of prose; else none."""
    rows = [row for draft in block.cells for row in draft.rows]
    return rows if np.median([len(row) for row in rows]) >= _MIN_PROSE else []


def _lines(frames: NDArray[np.float64], block: BlockDraft) -> Rows:
    """Return the lines of all cells across."""
    members = [i for draft in block.cells for i in words_of_rows(draft.rows)]
    lines = rows_of(np.stack([frames[i] for i in members]))
    return [[members[n] for n in line] for line in lines]


def _is_text(words: Sequence[DraftWord], block: BlockDraft) -> bool:
    return not any(d.cell.row or d.cell.is_head for d in block.cells) and not any(
        d.cell.column and is_figure(words, d) for d in block.cells
    )


def _is_code(words: Sequence[DraftWord], cells: Sequence[CellDraft]) -> bool:
    """Say whether all lines have a number, one more than the line above, and most have signs of code."""
    numbers = [text_of(words, d) for d in cells if d.cell.column == 0]
    lines = [text_of(words, d) for d in cells if d.cell.column == 1]
    if len(numbers) < _MIN_LINES or len(lines) != len(numbers) or len(cells) > 2 * len(lines):
        return False
    if not all(map(str.isdigit, numbers)):
        return False
    are_counted = all(int(b) - int(a) == 1 for a, b in pairwise(numbers))
    n_code = sum(bool(_CODE.search(line)) for line in lines)
    return are_counted and n_code >= _MIN_CODE * len(lines)
