"""Join tables that go on below each other on a page, with the name of a group between them or nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import RegionCell
from indexer.layout.drafts import BlockDraft, CellDraft, frame_around, words_of_rows

_SAME_EDGE = 6.0  # points between the ends, or the beginnings, of a column's words in both parts
_MAX_GAP = 1.6  # between two rows, in heights
_MAX_NAME_WORDS = 16
_NAMES = (BlockKind.TEXT, BlockKind.HEADING)


def join_continued_tables(
    frames: NDArray[np.float64], blocks: Sequence[BlockDraft]
) -> list[BlockDraft]:
    """Return blocks in reading order; a table without heads that goes on with the one above is part of it.

    frames  (W, 4) of all words, in points of the upright page
    """
    blocks_left: list[BlockDraft] = []
    for block in blocks:
        name = blocks_left[-1] if blocks_left else None
        above = name
        if name is not None and name.kind in _NAMES and len(blocks_left) > 1:
            above = blocks_left[-2]
        if above is None or not _goes_on(frames, above, block):
            blocks_left.append(block)
        elif above is name:
            _join(above, block, None)
        elif name is not None and _is_between(frames, above, name, block):
            _join(above, block, name)
            blocks_left.pop()
        else:
            blocks_left.append(block)
    return blocks_left


def _goes_on(frames: NDArray[np.float64], above: BlockDraft, below: BlockDraft) -> bool:
    if above.kind != BlockKind.TABLE or below.kind != BlockKind.TABLE:
        return False
    first, second = _columns(frames, above), _columns(frames, below)
    has_heads = any(d.cell.is_head for d in below.cells)
    if has_heads or len(first) < 3 or first.keys() != second.keys():
        return False
    return all(
        min(abs(first[column][at] - second[column][at]) for at in (0, 1)) <= _SAME_EDGE
        for column in first
    ) and _is_near(frames, above, below)


def _columns(frames: NDArray[np.float64], table: BlockDraft) -> dict[int, tuple[float, float]]:
    """Return from where to where the words of each column go."""
    own: dict[int, list[int]] = {}
    for draft in table.cells:
        if draft.cell.n_columns == 1 and not draft.cell.is_head:
            own.setdefault(draft.cell.column, []).extend(words_of_rows(draft.rows))
    extents = {
        column: frame_around([frames[i] for i in members])
        for column, members in own.items()
        if members
    }
    return {column: (float(e[0]), float(e[2])) for column, e in extents.items()}


def _words(block: BlockDraft) -> list[int]:
    cells = [i for d in block.cells for i in words_of_rows(d.rows)]
    return cells + list(words_of_rows(block.rows))


def _is_near(frames: NDArray[np.float64], above: BlockDraft, below: BlockDraft) -> bool:
    """Say whether at most one line has room between two blocks."""
    upper, lower = frames[_words(above)], frames[_words(below)]
    height = float(np.median(lower[:, 3] - lower[:, 1]))
    gap = float(lower[:, 1].min() - upper[:, 3].max())
    return -0.5 * height <= gap <= (2 * _MAX_GAP + 1) * height


def _is_between(
    frames: NDArray[np.float64], above: BlockDraft, name: BlockDraft, below: BlockDraft
) -> bool:
    """Say whether a block is one line that names what is below it."""
    members = _words(name)
    if len(name.rows) != 1 or not 0 < len(members) <= _MAX_NAME_WORDS:
        return False
    top, bottom = frames[_words(above)][:, 3].max(), frames[_words(below)][:, 1].min()
    line = frame_around([frames[i] for i in members])
    left = min(start for start, _ in _columns(frames, below).values())
    return bool(top <= line[1] + 2.0 and line[3] <= bottom + 2.0 and abs(line[0] - left) <= 12.0)


def _join(above: BlockDraft, below: BlockDraft, name: BlockDraft | None) -> None:
    """Take into a table the one below it, and the block between them that names it."""
    n_rows = max(d.cell.row + d.cell.n_rows for d in above.cells)
    n_columns = max(d.cell.column + d.cell.n_columns for d in above.cells)
    if name is not None:
        cell = RegionCell(n_rows, 0, name.box, n_columns=n_columns)
        above.cells.append(CellDraft(cell, name.rows, is_row_head=True))
        n_rows += 1
        above.take_in(name)
    above.cells += [replace(d, cell=replace(d.cell, row=d.cell.row + n_rows)) for d in below.cells]
    above.take_in(below)
    above.units = [frame_around(above.units)]
