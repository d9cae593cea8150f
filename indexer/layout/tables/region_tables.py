"""Put words into the cells of a table that the rasterizer found, and tell its heads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.regions import Region
from indexer.layout.cut import rows_of
from indexer.layout.drafts import (
    BlockDraft,
    CellDraft,
    DraftWord,
    Piece,
    Rows,
    box_around,
    frame_around,
    words_of_rows,
)
from indexer.layout.pieces import pieces_of
from indexer.layout.tables.column_spans import join_column_spans
from indexer.layout.tables.crossing_cells import join_crossed
from indexer.layout.tables.edges.lines_around import PartedTable, without_lines_around
from indexer.layout.tables.empty_lines import with_heads_apart, without_empty_lines
from indexer.layout.tables.glued_columns import part_columns
from indexer.layout.tables.heads.above_rule import with_heads_above_rule
from indexer.layout.tables.heads.column_heads import without_false_heads
from indexer.layout.tables.heads.flush_heads import with_flush_heads
from indexer.layout.tables.heads.group_heads import with_group_heads
from indexer.layout.tables.heads.line_below import (
    with_line_below_heads,
    without_line_below_heads,
)
from indexer.layout.tables.heads.row_heads import mark_row_heads
from indexer.layout.tables.heads.ruled_groups import with_ruled_heads
from indexer.layout.tables.heads.segment_heads import with_heads_in_segments
from indexer.layout.tables.leader_lists import contents_list, leader_lists
from indexer.layout.tables.lists_beside import lists_beside
from indexer.layout.tables.parts_below import parts_below
from indexer.layout.tables.rows.boxed_rows import join_boxed_rows
from indexer.layout.tables.rows.cut_cells import join_paragraphs_of_cells
from indexer.layout.tables.rows.drawn_rows import rows_by_strokes
from indexer.layout.tables.rows.first_rows import with_first_row
from indexer.layout.tables.rows.glued_rows import part_rows
from indexer.layout.tables.rows.lined_rows import part_lined_rows
from indexer.layout.tables.rows.row_groups import join_groups
from indexer.layout.tables.rows.row_spans import join_row_spans
from indexer.layout.tables.rows.ruled_rows import join_unruled_rows
from indexer.layout.tables.rows.signature_rows import join_signatures
from indexer.layout.tables.signs import move_signs
from indexer.layout.tables.spanning_cells import with_spans_of_words
from indexer.layout.tables.stacked_labels import fields_of_stack
from indexer.layout.tables.table_rules import TableRules
from indexer.layout.tables.tables_below import tables_below
from indexer.layout.upright import Upright


def table_drafts(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    region: Region,
    pieces: Sequence[Piece],
    rules: Sequence[PageBox],
    upright: Upright,
) -> list[BlockDraft]:
    """Return the tables of a region with cells; each word is put into the cell nearest to its centre.

    It is one, unless it holds lists beside each other; a form that was taken for one is its fields.
    """
    members = [i for piece in pieces for i in piece.words]
    lists = leader_lists(words, frames, members)
    if lists:
        return [_part(words, cells, upright) for cells in lists if cells]
    cell_frames = upright.frames([cell.box for cell in region.cells])
    owners = _nearest(frames[members], cell_frames)
    owner_of = dict(zip(members, owners.tolist(), strict=True))
    contents = contents_list(words, frames, members, owner_of)
    if contents:
        return [_part(words, contents, upright)]
    move_signs(words, frames, members, owner_of)
    all_owners = [owner_of.get(i, -1) for i in range(len(words))]
    of_cell: dict[int, list[Piece]] = defaultdict(list)
    for piece in pieces_of(words, frames, members, all_owners):
        of_cell[all_owners[piece.words[0]]].append(piece)
    cells = [CellDraft(cell) for cell in region.cells]
    for number, cell_pieces in of_cell.items():
        cells[number].rows = [
            [i for piece in row for i in cell_pieces[piece].words]
            for row in rows_of(np.stack([piece.frame for piece in cell_pieces]))
        ]
    table_rules = TableRules.of_frames(upright.frames(rules))
    tables = tables_below(words, frames, cells)
    box = region.box if len(tables) == 1 else None
    return [
        block
        for table in tables
        for block in _blocks_of(words, frames, table, box, table_rules, upright)
    ]


def _blocks_of(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    box: PageBox | None,
    table_rules: TableRules,
    upright: Upright,
) -> list[BlockDraft]:
    """Return the tables that the cells of the model are, mended, and lines around them.

    box  of the region, where all of it is one table
    """
    cells, lines_around = _mended_cells(words, frames, cells, table_rules, upright)
    fields = fields_of_stack(words, frames, cells)
    if fields:
        return fields + _text_blocks(words, frames, lines_around)
    below = parts_below(words, cells)
    if len(below) > 1:
        below = [with_ruled_heads(words, frames, part, table_rules.across) for part in below]
    parts = [p for part in below for p in lists_beside(words, part)]
    if box is not None and len(parts) == 1 and not lines_around:
        cells, unit = mark_row_heads(words, cells), upright.frames([box])[0]
        return [BlockDraft(BlockKind.TABLE, box, cells=cells, units=[unit])]
    tables = [_part(words, part, upright) for part in parts]
    return tables + _text_blocks(words, frames, lines_around)


def _mended_cells(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    cells: Sequence[CellDraft],
    table_rules: TableRules,
    upright: Upright,
) -> PartedTable:
    """Return the cells of a table where words and rules show that the model erred."""
    across = table_rules.across
    cells = without_false_heads(words, cells)
    cells, is_drawn = rows_by_strokes(words, frames, cells, table_rules)
    if not is_drawn:
        cells = part_rows(words, frames, with_first_row(words, frames, cells, table_rules))
    cells = with_first_row(words, frames, part_columns(words, frames, cells), table_rules)
    if not is_drawn:
        cells = part_rows(words, frames, cells)
        cells = part_lined_rows(words, frames, cells, across, upright)
    cells = with_heads_apart(without_empty_lines(words, cells))
    cells = join_crossed(words, frames, cells, table_rules)
    cells = with_heads_in_segments(words, frames, cells, table_rules)
    cells = without_false_heads(words, cells)
    cells, line = without_line_below_heads(words, frames, cells, table_rules)
    if not is_drawn:
        cells = join_boxed_rows(words, frames, cells, table_rules, upright)
        cells = join_signatures(words, join_unruled_rows(words, cells, across, upright))
    cells = with_heads_above_rule(words, frames, cells, table_rules)
    cells = with_heads_apart(with_group_heads(words, frames, cells))
    if not is_drawn:
        cells = join_paragraphs_of_cells(words, cells, across, upright)
    cells = with_ruled_heads(words, frames, cells, across)
    cells = join_row_spans(join_groups(cells, across, upright), table_rules, upright)
    cells = join_column_spans(frames, cells, table_rules)
    cells = without_empty_lines(words, cells)
    cells = with_spans_of_words(words, frames, with_line_below_heads(words, cells, line))
    cells, lines = without_lines_around(words, frames, cells, table_rules)
    cells = with_flush_heads(words, frames, cells)
    return PartedTable(without_empty_lines(words, cells) if lines else cells, lines)


def _text_blocks(
    words: Sequence[DraftWord], frames: NDArray[np.float64], lines: Sequence[Rows]
) -> list[BlockDraft]:
    return [
        BlockDraft(
            BlockKind.TEXT,
            box_around(words[i].box for i in words_of_rows(rows)),
            rows,
            units=[frame_around([frames[i] for i in words_of_rows(rows)])],
        )
        for rows in lines
    ]


def _part(words: Sequence[DraftWord], cells: Sequence[CellDraft], upright: Upright) -> BlockDraft:
    box = box_around(draft.cell.box for draft in cells)
    unit = upright.frames([box])[0]
    return BlockDraft(BlockKind.TABLE, box, cells=mark_row_heads(words, list(cells)), units=[unit])


def _nearest(frames: NDArray[np.float64], cells: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each frame (W, 4) the cell that its centre is in, or nearest to."""
    centres = (frames[:, None, :2] + frames[:, None, 2:]) / 2
    outside = np.maximum(
        np.maximum(cells[None, :, :2] - centres, centres - cells[None, :, 2:]), 0.0
    )
    distance = outside.sum(axis=2)
    areas = np.prod(cells[:, 2:] - cells[:, :2], axis=1)
    nearest: NDArray[np.int64] = np.argmin(distance + areas / (areas.max() + 1.0) * 1e-6, axis=1)
    return nearest
