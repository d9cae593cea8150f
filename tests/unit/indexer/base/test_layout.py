"""The layout of a page: stored and read as it is, and it follows its words."""

import numpy as np
import pytest

from indexer.base.layout import Block, BlockKind, Cell, LayoutSource, PageLayout
from indexer.base.pages import PageWords

BOX = (10, 20, 30, 40)
TABLE = Block(
    BlockKind.TABLE,
    start=2,
    stop=6,
    box=BOX,
    cells=(
        Cell(0, 0, 2, 3, BOX, is_head=True),
        Cell(0, 1, 3, 4, BOX, is_head=True),
        Cell(1, 0, 4, 5, BOX, n_rows=2, is_row_head=True),
        Cell(1, 1, 5, 5, BOX),
        Cell(2, 1, 5, 6, BOX),
    ),
    heads=("Part", "Price"),
)
LAYOUT = PageLayout(
    (
        Block(BlockKind.HEADING, 0, 2, BOX),
        TABLE,
        Block(BlockKind.FIELD, 6, 8, BOX, label_stop=7, is_ticked=False),
        Block(BlockKind.NOTE, 8, 9, BOX, about=0, author="Ida"),
    ),
    LayoutSource.MODEL,
)


def page_words(layout: PageLayout = LAYOUT) -> PageWords:
    n = 9
    boxes = np.tile(np.array(BOX, np.uint16), (n, 1))
    return PageWords(tuple("abcdefghi"), boxes, np.arange(n, dtype=np.int32), "text", layout=layout)


def test_a_layout_is_read_back_as_it_was_stored() -> None:
    assert PageWords.from_bytes(page_words().to_bytes()).layout == LAYOUT


def test_words_that_were_stored_before_there_were_layouts_have_none() -> None:
    words = PageWords.from_bytes(page_words(PageLayout()).to_bytes())
    assert not words.layout
    assert words.layout.source is LayoutSource.NONE


def test_a_layout_of_another_version_counts_as_unknown() -> None:
    assert PageLayout.from_json(LAYOUT.to_json() | {"version": 99}) == PageLayout()


def test_a_table_knows_its_size_with_what_cells_span() -> None:
    assert (TABLE.n_rows, TABLE.n_columns) == (3, 2)


def test_blocks_and_cells_follow_the_words_that_are_kept() -> None:
    mask = np.array([True, False, True, False, True, True, True, True, False])
    words = page_words().select(mask)
    heading, table, field, note = words.layout.blocks
    assert words.texts[heading.start : heading.stop] == ("a",)
    assert [words.texts[cell.start : cell.stop] for cell in table.cells] == [
        ("c",),
        (),
        ("e",),
        (),
        ("f",),
    ]
    assert (field.start, field.label_stop, field.stop) == (4, 5, 6)
    assert note.start == note.stop == 6


def test_the_block_of_a_word_is_the_one_that_holds_it() -> None:
    assert LAYOUT.block_of(5) is TABLE
    assert PageLayout().block_of(5) is None


@pytest.mark.parametrize(
    "blocks",
    [
        (Block(BlockKind.TEXT, 1, 9, BOX),),
        (Block(BlockKind.TEXT, 0, 4, BOX), Block(BlockKind.TEXT, 5, 9, BOX)),
        (Block(BlockKind.TEXT, 0, 8, BOX),),
    ],
    ids=["not from the first word", "a word between blocks", "a word behind them"],
)
def test_blocks_that_leave_out_a_word_are_refused(blocks: tuple[Block, ...]) -> None:
    with pytest.raises(ValueError, match="block"):
        page_words(PageLayout(blocks))


def test_cells_whose_words_overlap_or_lie_outside_of_the_table_are_refused() -> None:
    with pytest.raises(ValueError, match="follow"):
        Block(BlockKind.TABLE, 0, 4, BOX, cells=(Cell(0, 0, 0, 3, BOX), Cell(0, 1, 2, 4, BOX)))
    with pytest.raises(ValueError, match="words of its table"):
        Block(BlockKind.TABLE, 0, 4, BOX, cells=(Cell(0, 0, 0, 5, BOX),))
