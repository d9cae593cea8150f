"""A caption or a note of a block that becomes part of another one belongs to that one."""

from __future__ import annotations

import numpy as np

from indexer.base.layout import BlockKind
from indexer.base.regions import RegionCell
from indexer.layout.blocks.paragraphs import join_paragraphs
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord
from indexer.layout.tables.continued_tables import join_continued_tables

BOX = (0, 0, 9, 9)
ROW = 12.0  # points from one row to the next


def test_a_caption_below_the_second_part_of_a_table_is_of_the_whole() -> None:
    frames = np.array([[x, y, x + 30, y + 10] for y in (0.0, ROW) for x in (0.0, 50.0, 100.0)])
    upper, lower = (
        BlockDraft(
            BlockKind.TABLE,
            BOX,
            cells=[
                CellDraft(RegionCell(0, n, BOX), [[first + n]], is_row_head=n == 0)
                for n in range(3)
            ],
            units=[frames[first]],
        )
        for first in (0, 3)
    )
    caption = BlockDraft(BlockKind.CAPTION, BOX, units=[frames[5]], about=lower)

    table, last = join_continued_tables(frames, [upper, lower, caption])

    assert [draft.cell.row for draft in table.cells] == [0, 0, 0, 1, 1, 1]
    assert last.about is table


def test_a_note_at_the_second_half_of_a_sentence_is_of_the_paragraph() -> None:
    words = [DraftWord("it", BOX, 0, 0, 0), DraftWord("goes", BOX, 1, 0, 1)]
    upper, lower = (
        BlockDraft(BlockKind.TEXT, BOX, [[n]], units=[np.array([0.0, n * ROW, 30.0, n * ROW + 10])])
        for n in range(2)
    )
    note = BlockDraft(BlockKind.NOTE, BOX, about=lower)

    paragraph, last = join_paragraphs(words, [upper, lower, note])

    assert paragraph.rows == [[0], [1]]
    assert last.about is paragraph
