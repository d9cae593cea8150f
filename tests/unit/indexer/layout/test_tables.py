"""Tables of the layout model are mended by what their words show: columns, rows and heads."""

from __future__ import annotations

import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import PageRegions, Region, RegionCell
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import box, page_of, rows_of, seen

Column = tuple[float, float]


def table(columns: list[Column], n_rows: int, height: float = 20, n_heads: int = 1) -> PageRegions:
    """The regions of a page with one table from y = 100 on, as the model sees it."""
    cells = tuple(
        RegionCell(
            row,
            column,
            box(x0, 100 + height * row, x1, 100 + height * (row + 1)),
            is_head=row < n_heads,
        )
        for row in range(n_rows)
        for column, (x0, x1) in enumerate(columns)
    )
    area = box(columns[0][0], 95, columns[-1][1], 105 + height * n_rows)
    return seen(Region(BlockKind.TABLE, area, cells))


def cells_of(words: PageWords) -> list[list[str]]:
    (block,) = [block for block in words.layout.blocks if block.kind == BlockKind.TABLE]
    return rows_of(words, block)


SALES = [("Region", "2024", "2023"), ("North", "1,777", "1,020"), ("Europe and Asia", "1,349", "712"),
         ("Greater China", "288", "—"), ("Total", "3,414", "1,732")]  # fmt: skip


def lines_of(
    rows: list[tuple[str, ...]], xs: tuple[float, ...], height: float = 20
) -> list[tuple[float, float, str]]:
    return [
        (x, 105 + height * i, text)
        for i, row in enumerate(rows)
        for x, text in zip(xs, row, strict=True)
    ]


def test_names_and_figures_that_the_model_puts_into_one_column_are_two() -> None:
    lines = lines_of(SALES, (50.0, 250.0, 350.0))
    words = assemble(page_of(lines, table([(45, 300), (300, 400)], 5)))
    assert cells_of(words) == [list(row) for row in SALES]


def test_three_columns_of_figures_in_one_are_three() -> None:
    rows = [
        ("Set", "A", "B", "C"),
        ("x", "1.5", "2.5", "3.5"),
        ("y", "4.5", "5.5", "6.5"),
        ("z", "7", "8", "9"),
    ]
    lines = lines_of(rows, (50.0, 150.0, 200.0, 250.0))
    words = assemble(page_of(lines, table([(45, 140), (140, 300)], 4)))
    assert cells_of(words) == [list(row) for row in rows]


@pytest.mark.parametrize("behind", ["of 12", "pages"])
def test_a_gap_before_words_or_in_few_rows_parts_no_column(behind: str) -> None:
    rows = [("Part", "Fee"), ("one", "5"), ("two", "6"), ("three", "7"), ("four", "8")]
    lines = [*lines_of(rows, (50.0, 350.0)), (150.0, 125.0, behind)]
    words = assemble(page_of(lines, table([(45, 300), (300, 400)], 5)))
    assert cells_of(words)[1] == [f"one {behind}", "5"]


def test_figures_that_stand_close_stay_in_their_columns() -> None:
    """A currency stands close behind the figure before it, in the next column."""
    rows = [("Income", "2024", "2023"), ("Sales", "(2,261)", "$ (1,967)"), ("Costs", "11", "12")]
    lines = lines_of(rows, (50.0, 165.0, 203.0))
    words = assemble(page_of(lines, table([(45, 150), (150, 201), (201, 300)], 3)))
    assert cells_of(words)[1] == ["Sales", "(2,261)", "$ (1,967)"]


def test_a_row_of_several_lines_of_figures_is_several_rows() -> None:
    rows = [("Region", "A", "B"), ("North", "7", "12"), ("South", "6", "9"), ("West", "3", "4")]
    lines = lines_of(rows, (50.0, 150.0, 250.0))
    columns = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0)]
    regions = table(columns, 1)
    body = tuple(RegionCell(1, i, box(x0, 120, x1, 180)) for i, (x0, x1) in enumerate(columns))
    head_cells = regions.regions[0].cells
    area = box(45, 95, 345, 185)
    words = assemble(page_of(lines, seen(Region(BlockKind.TABLE, area, head_cells + body))))
    assert cells_of(words) == [list(row) for row in rows]


@pytest.mark.parametrize(
    ("column", "text"),
    [
        (("small", "parcel"), ["small parcel", "9", "12"]),  # a name on two lines beside one figure
        (("small", ""), ["small", "9", "12"]),
    ],
)
def test_a_cell_of_several_lines_beside_cells_of_one_stays(
    column: tuple[str, str], text: list[str]
) -> None:
    lines = [(50.0, 105.0, "Kind"), (150.0, 105.0, "Fee"), (250.0, 105.0, "Sum"), (50.0, 125.0, column[0]),
             (50.0, 138.0, column[1]), (150.0, 125.0, "9"), (250.0, 125.0, "12")]  # fmt: skip
    regions = table([(45, 145), (145, 245), (245, 345)], 2, height=25)
    assert cells_of(assemble(page_of(lines, regions)))[1] == text


def test_names_on_two_lines_in_all_cells_are_one_row() -> None:
    lines = [(50.0, 105.0, "Kind"), (150.0, 105.0, "Area"), (50.0, 135.0, "Customer"),
             (50.0, 148.0, "results"), (150.0, 135.0, "Service"), (150.0, 148.0, "access")]  # fmt: skip
    regions = table([(45, 145), (145, 245)], 2, height=30)
    words = assemble(page_of(lines, regions))
    assert cells_of(words)[1] == ["Customer results", "Service access"]


@pytest.mark.parametrize(
    ("rows", "is_head"),
    [
        (
            [("North", "$ 1,777", "$ 1,020"), ("South", "1,349", "712"), ("All", "9,126", "31")],
            False,
        ),
        ([("10.4", "Form of consent"), ("10.5", "Plan of 2014"), ("10.6", "Letter")], False),
        ([("Sales", "2024", "2023"), ("South", "1,349", "712"), ("All", "9,126", "31")], True),
        ([("Item", "1", "2"), ("South", "49", "712"), ("All", "26", "31")], True),
        ([("No.", "Name"), ("1", "Consent"), ("2", "Letter")], True),
    ],
)
def test_a_first_row_like_all_others_is_no_head(rows: list[tuple[str, ...]], is_head: bool) -> None:
    xs = (50.0, 150.0, 250.0)[: len(rows[0])]
    columns = [(x - 5, x + 95) for x in xs]
    words = assemble(page_of(lines_of(rows, xs), table(columns, len(rows))))
    (block,) = words.layout.blocks
    assert any(cell.is_head for cell in block.cells) == is_head


def test_a_name_in_the_middle_of_columns_spans_them_and_names_below_it_are_heads() -> None:
    xs = (50.0, 150.0, 250.0, 350.0, 450.0)
    rows = [("", "", "", "", ""), ("Notes", "Loan", "Rate", "Loan", "Rate"),
            ("Bank", "248", "1.65 %", "31", "1.2 %"), ("Bond", "17", "1.5 %", "12", "1.1 %")]  # fmt: skip
    lines = [*lines_of(rows, xs), (200.0, 105.0, "2024"), (400.0, 105.0, "2023")]
    words = assemble(page_of(lines, table([(x - 5, x + 95) for x in xs], 4)))
    (block,) = words.layout.blocks
    heads = [
        (cell.row, cell.column, cell.n_columns, words.quote(cell.start, cell.stop))
        for cell in block.cells
        if cell.is_head and cell.stop > cell.start
    ]
    assert heads == [
        (0, 1, 2, "2024"), (0, 3, 2, "2023"), (1, 0, 1, "Notes"), (1, 1, 1, "Loan"), (1, 2, 1, "Rate"),
        (1, 3, 1, "Loan"), (1, 4, 1, "Rate"),
    ]  # fmt: skip


def test_a_name_above_its_own_column_spans_no_other() -> None:
    xs = (50.0, 150.0, 250.0)
    rows = [("", "2024", ""), ("Region", "Fee", "Sum"), ("North", "4", "5"), ("South", "6", "7")]
    words = assemble(page_of(lines_of(rows, xs), table([(x - 5, x + 95) for x in xs], 4)))
    (block,) = words.layout.blocks
    assert {cell.n_columns for cell in block.cells} == {1}
    assert sum(cell.is_head for cell in block.cells) == 6


def test_rows_of_names_without_figures_below_are_no_heads() -> None:
    xs = (50.0, 150.0, 250.0)
    rows = [("Part", "Care", ""), ("Door", "Sponge", "Weekly"), ("Pan", "Cloth", "Daily")]
    words = assemble(page_of(lines_of(rows, xs), table([(x - 5, x + 95) for x in xs], 3)))
    (block,) = words.layout.blocks
    assert {cell.row for cell in block.cells if cell.is_head} == {0}


PROSE_LINES = ["Step one finds the place", "where all roads of the", "province come together"]


@pytest.mark.parametrize(("name", "n_rows"), [("", 2), ("Second", 3)])
def test_a_paragraph_that_goes_on_in_the_last_cell_alone_is_part_of_it(
    name: str, n_rows: int
) -> None:
    lines = [(50.0, 105.0, "Set"), (150.0, 105.0, "Answer"), (50.0, 162.0, "First"),
             (150.0, 220.0, "Step two ends it here"), (50.0, 220.0, name)]  # fmt: skip
    lines += [(150.0, 162.0 + 12 * i, text) for i, text in enumerate(PROSE_LINES)]
    words = assemble(page_of(lines, table([(45, 145), (145, 345)], 3, height=50)))
    rows = cells_of(words)
    assert len(rows) == n_rows
    assert (rows[1] == ["First", " ".join([*PROSE_LINES, "Step two ends it here"])]) == (not name)
