"""Rows that stand next to a table in its columns are its rows, wherever the model saw its edge."""

from __future__ import annotations

import pytest

from indexer.base.layout import BlockKind
from indexer.base.regions import PageRegions, Region, RegionCell
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, rows_of, seen, text_of
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_tables import cells_of, lines_of

COLUMNS = ((45.0, 145.0), (145.0, 245.0), (245.0, 345.0))
XS = (50.0, 150.0, 250.0)
ROWS = [("Item", "2024", "2023"), ("Rent", "12", "14"), ("Fees", "3", "4"), ("Sum", "15", "18")]


def part(first: int, stop: int, n_heads: int = 0) -> Region:
    """The rows first..stop of a page's rows as one table, 20 points each from y = 100 on."""
    cells = tuple(
        RegionCell(
            row - first,
            column,
            box(x0, 100 + 20 * row, x1, 120 + 20 * row),
            is_head=row - first < n_heads,
        )
        for row in range(first, stop)
        for column, (x0, x1) in enumerate(COLUMNS)
    )
    return Region(BlockKind.TABLE, box(45, 100 + 20 * first, 345, 100 + 20 * stop), cells)


@pytest.mark.parametrize(
    "table", [part(0, 3, 1), part(1, 4), part(1, 3, 1)], ids=["end", "head", "both"]
)
def test_a_head_and_a_last_row_outside_are_of_the_table(table: Region) -> None:
    words = assemble(page_of(lines_of(ROWS, XS), seen(table)))
    assert cells_of(words) == [list(row) for row in ROWS]
    assert heads_of(words) == ["Item", "2024", "2023"]


def test_a_text_that_loses_its_last_line_to_a_table_keeps_the_others() -> None:
    lines: list[Line] = [(50.0, 85.0, "The sums are"), *lines_of(ROWS, XS)]
    text = Region(BlockKind.TEXT, box(45, 84, 345, 119))
    words = assemble(page_of(lines, seen(text, part(1, 4))))
    assert text_of(words, words.layout.blocks[0]) == "The sums are"
    assert heads_of(words) == ["Item", "2024", "2023"]


def test_a_name_between_two_parts_of_a_table_is_a_row_of_it() -> None:
    rows = [("Item", "2024", "2023"), ("Rent", "12", "14"), ("Costs", "", ""), ("Power", "3", "4"),
            ("Water", "15", "18")]  # fmt: skip
    lines = [line for line in lines_of(rows, XS) if line[2]]
    words = assemble(page_of(lines, seen(part(0, 2, 1), part(3, 5, 1))))
    (block,) = tables_of(words)
    assert rows_of(words, block)[1:4] == [["Rent", "12", "14"], ["Costs"], ["Power", "3", "4"]]


@pytest.mark.parametrize(
    "below",
    [
        [(50.0, 185.0, "All figures are those of the board")],  # over two columns
        [(50.0, 185.0, "Paid")],  # a name that nothing follows
        [(50.0, 225.0, "Paid"), (150.0, 225.0, "7"), (250.0, 225.0, "9")],  # too far away
    ],
)
def test_what_does_not_stand_in_the_columns_next_to_it_is_no_row(below: list[Line]) -> None:
    words = assemble(page_of([*lines_of(ROWS, XS), *below], seen(part(0, 4, 1))))
    assert cells_of(words) == [list(row) for row in ROWS]


def test_a_caption_in_the_columns_stays_a_caption() -> None:
    below: list[Line] = [(50.0, 185.0, "Table 1"), (150.0, 185.0, "of 3")]
    regions: PageRegions = seen(part(0, 4, 1), Region(BlockKind.CAPTION, box(45, 180, 245, 200)))
    words = assemble(page_of([*lines_of(ROWS, XS), *below], regions))
    assert cells_of(words) == [list(row) for row in ROWS]
