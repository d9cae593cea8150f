"""Heads on several lines, sums of two columns, and what the layout model left outside of a table."""

from __future__ import annotations

import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import PageRegions, Region, RegionCell
from indexer.layout.assembly import assemble
from indexer.layout.document_layout import DocumentLayout
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, rows_of, seen, text_of
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_tables import cells_of, lines_of, table

TWO = [(45.0, 245.0), (245.0, 545.0)]
THREE = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0)]
FIVE = [(45.0 + 100 * n, 145.0 + 100 * n) for n in range(5)]
XS = (50.0, 150.0, 250.0)
SALES = [("Rent", "1,200", "1,400"), ("Fees", "300", "410"), ("Sum", "1,500", "1,810")]


def spans_of(words: PageWords) -> dict[str, tuple[int, int]]:
    """Return the first column and the number of columns of each cell that spans some."""
    return {
        words.quote(c.start, c.stop): (c.column, c.n_columns)
        for block in tables_of(words)
        for c in block.cells
        if c.n_columns > 1
    }


def with_rules(regions: PageRegions, *rules: tuple[float, float, float]) -> PageRegions:
    return seen(*regions.regions, rules=tuple(box(x0, y, x1, y + 0.5) for x0, x1, y in rules))


@pytest.mark.parametrize("name", ["", "Costs:"])
def test_a_line_in_the_middle_below_all_heads_is_a_head_of_all(name: str) -> None:
    lines: list[Line] = [
        (150.0, 105.0, "2024"), (250.0, 105.0, "2023"), (177.5, 125.0, "(in thousands)"),
        *[(x, y + 40, text) for x, y, text in lines_of(SALES, XS)],
    ]  # fmt: skip
    if name:
        lines.append((50.0, 125.0, name))
    words = assemble(page_of(lines, table(THREE, 5)))
    assert spans_of(words).items() >= {"(in thousands)": (1, 2)}.items()
    assert heads_of(words) == ["2024", "2023", "(in thousands)"]
    (block,) = tables_of(words)
    assert rows_of(words, block)[-3:] == [list(row) for row in SALES]
    assert (name in spans_of(words)) == bool(name)


def test_a_sum_in_the_middle_below_the_two_columns_of_a_name_spans_them() -> None:
    rows = [("", "Shares", "Price", "Shares", "Price"), ("May", "3,255", "73.83", "10,852", "63.48"),
            ("June", "4,849", "79.76", "9,100", "60.10")]  # fmt: skip
    xs = (50.0, 150.0, 250.0, 350.0, 450.0)
    lines = [(190.0, 105.0, "2024"), (390.0, 105.0, "2023")]
    lines += [(x, y + 20, text) for x, y, text in lines_of(rows, xs) if text]
    lines += [(50.0, 185.0, "Cost"), (195.0, 185.0, "$627,082"), (395.0, 185.0, "$688,902")]
    regions = with_rules(table(FIVE, 5, n_heads=2), (150, 290, 119), (350, 490, 119))
    words = assemble(page_of(lines, regions))
    assert spans_of(words) == {
        "2024": (1, 2), "2023": (3, 2), "$627,082": (1, 2), "$688,902": (3, 2)
    }  # fmt: skip


def test_what_stands_between_the_last_row_and_the_last_rule_is_of_the_last_cell() -> None:
    lines: list[Line] = [
        (50.0, 105.0, "Question"), (250.0, 105.0, "How much does it weigh?"),
        (50.0, 125.0, "Answer"), (250.0, 125.0, "Step one is to look."),
        (250.0, 150.0, "Step two is to weigh it."), (50.0, 190.0, "The text goes on."),
    ]  # fmt: skip
    text = Region(BlockKind.TEXT, box(250, 148, 420, 162))
    regions = seen(*table(TWO, 2).regions, text)
    rules = [(45.0, 545.0, y) for y in (99.0, 121.0, 170.0)]
    words = assemble(page_of(lines, with_rules(regions, *rules)))
    assert cells_of(words)[1] == ["Answer", "Step one is to look. Step two is to weigh it."]
    assert text_of(words, words.layout.blocks[-1]) == "The text goes on."
    words = assemble(page_of(lines, with_rules(regions, *rules[:2])))
    assert cells_of(words)[1] == ["Answer", "Step one is to look."]


def test_heads_above_a_group_and_the_name_over_them_are_of_the_table() -> None:
    rows = [("(millions)", "2024", "2023"), ("Assets", "", ""), *SALES]
    lines = [(190.0, 87.0, "May 31"), *[line for line in lines_of(rows, XS) if line[2]]]
    cells = tuple(
        RegionCell(row, n, box(x0, 140 + 20 * row, x1, 160 + 20 * row), is_head=row == 0)
        for row in range(3)
        for n, (x0, x1) in enumerate(THREE)
    )
    regions = seen(Region(BlockKind.TABLE, box(45, 140, 345, 200), cells))
    words = assemble(page_of(lines, with_rules(regions, (146, 290, 101), (45, 345, 118))))
    assert heads_of(words) == ["(millions)", "May 31", "2024", "2023"]
    assert spans_of(words) == {"May 31": (1, 2), "Assets": (0, 3)}


def test_heads_and_figures_that_stand_close_are_in_columns_of_their_own() -> None:
    lines: list[Line] = [
        (50.0, 105.0, "Easy"), (50.0, 125.0, "Hard"), (150.0, 105.0, "12.00(1) 14.00(2)"),
        (150.0, 125.0, "11.00(1) 13.00(2)"), (150.0, 85.0, "Ace"), (195.0, 85.0, "Task"),
    ]  # fmt: skip
    columns = [(45.0, 145.0), (145.0, 245.0)]
    cells = tuple(
        RegionCell(row, n, box(x0, 80 + 20 * row, x1, 100 + 20 * row), is_head=row == 0)
        for row in range(3)
        for n, (x0, x1) in enumerate(columns)
    )
    words = assemble(page_of(lines, seen(Region(BlockKind.TABLE, box(45, 80, 245, 140), cells))))
    assert cells_of(words) == [
        ["", "Ace", "Task"], ["Easy", "12.00(1)", "14.00(2)"], ["Hard", "11.00(1)", "13.00(2)"]
    ]  # fmt: skip


def test_a_first_row_that_goes_on_from_the_page_before_is_no_head() -> None:
    document = DocumentLayout()
    first = [("Date", "Fee"), ("In May", "none")]
    document.lay_out(page_of(lines_of(first, (50.0, 250.0)), table(TWO, 2)))
    second = [("In June", "half"), ("In July", "all")]
    page = document.lay_out(page_of(lines_of(second, (50.0, 250.0)), table(TWO, 2), 2))
    (block,) = tables_of(page.words)
    assert block.heads == ("Date", "Fee")
    assert not any(cell.is_head for cell in block.cells)
    assert [c.is_row_head for c in block.cells] == [True, False, True, False]
    again = document.lay_out(page_of(lines_of(first, (50.0, 250.0)), table(TWO, 2), 3))
    assert heads_of(again.words) == ["Date", "Fee"]


def test_signs_marks_and_heads_stand_with_their_figures() -> None:
    lines: list[Line] = [
        (50.0, 105.0, "Owned"), (150.0, 105.0, "Leased"), (50.0, 125.0, "Stock"),
        (210.0, 125.0, "32"), (50.0, 145.0, "Fund"), (210.0, 145.0, "41"),
    ]  # fmt: skip
    columns = [(45.0, 145.0), (145.0, 200.0), (200.0, 245.0)]
    words = assemble(page_of(lines, table(columns, 3)))
    assert cells_of(words) == [["Owned", "Leased"], ["Stock", "32"], ["Fund", "41"]]


def test_a_heading_below_rows_of_figures_is_no_row_of_them() -> None:
    rows = [("Item", "2024", "2023"), *SALES, ("10. Revenue", "", "")]
    lines = [line for line in lines_of(rows, XS) if line[2]]
    words = assemble(page_of(lines, table(THREE, 5)))
    assert cells_of(words) == [["Item", "2024", "2023"], *map(list, SALES)]
    assert text_of(words, words.layout.blocks[-1]) == "10. Revenue"


def test_the_first_line_of_a_table_of_contents_is_no_head() -> None:
    rows = [("Note 1", "Policies", "63"), ("Note 2", "Stocks", "69"), ("Note 3", "Plants", "69"),
            ("Note 4", "Debts", "70")]  # fmt: skip
    words = assemble(page_of(lines_of(rows, XS), table(THREE, 4)))
    assert heads_of(words) == []


def test_rows_between_rules_of_one_length_are_one_table_though_some_are_tables_of_their_own() -> (
    None
):
    rows = [("Event", "Template"), ("Sue", "a court is asked"),
            ("Die", "a person dies at home or by an accident or of old age"),
            ("Meet", "two come together"), ("Marry", "two are married")]  # fmt: skip
    strips = [
        Region(
            BlockKind.TABLE,
            box(45, 101 + 20 * row, 545, 119 + 20 * row),
            tuple(
                RegionCell(0, n, box(x0, 101 + 20 * row, x1, 119 + 20 * row))
                for n, (x0, x1) in enumerate(TWO)
            ),
        )
        for row in (1, 3, 4)
    ]
    heading = Region(BlockKind.HEADING, box(45, 141, 545, 159))
    lines = lines_of(rows, (50.0, 250.0))
    rules = [(45.0, 545.0, 100.0 + 20 * row) for row in range(6)]
    words = assemble(page_of(lines, with_rules(seen(*strips, heading), *rules)))
    assert cells_of(words) == [list(row) for row in rows]
    assert heads_of(words) == ["Event", "Template"]
    assert len(words.layout.blocks) == 1
    words = assemble(page_of(lines, with_rules(seen(*strips, heading), *rules[:2])))
    assert len(words.layout.blocks) > 1


def test_lists_beside_each_other_with_dots_are_lists_wherever_the_model_sees_columns() -> None:
    left = [("Sights", "", "(p78)"), ("1 Museum", "....", "B5"), ("2 Hall of the", "", ""),
            ("city", "....", "C1"), ("3 Church", "....", "D2"), ("4 Library", "....", "A1")]  # fmt: skip
    right = [("5 Rye", "....", "C2"), ("6 Oak", "....", "(see 5)"), ("7 Elm", "....", "A9"),
             ("8 Fir", "....", "E4")]  # fmt: skip
    lines: list[Line] = []
    for entries, x0, end in ((left, 50.0, 245.0), (right, 265.0, 445.0)):
        for row, (name, dots, target) in enumerate(entries):
            y = 105.0 + 20 * row
            lines.append((x0, y, name))
            lines += [(x0 + 100, y, dots)] if dots else []
            lines += [(end - 5 * len(target), y, target)] if target else []
    words = assemble(page_of(lines, table([(45.0, 200.0), (200.0, 320.0), (320.0, 445.0)], 6)))
    first, second = tables_of(words)
    assert rows_of(words, first) == [
        ["Sights", "(p78)"], ["1 Museum ....", "B5"], ["2 Hall of the city ....", "C1"],
        ["3 Church ....", "D2"], ["4 Library ....", "A1"]
    ]  # fmt: skip
    assert [row[-1] for row in rows_of(words, second)] == ["C2", "(see 5)", "A9", "E4"]


def test_a_row_with_figures_in_the_unit_of_the_figures_below_is_no_second_row_of_heads() -> None:
    rows = [("Part", "Least", "Better"), ("Memory", "4 GB", "16 GB"), ("Cores", "2", "8"),
            ("Disk", "20 GB", "100 GB")]  # fmt: skip
    words = assemble(page_of(lines_of(rows, XS), table(THREE, 4, n_heads=2)))
    assert heads_of(words) == ["Part", "Least", "Better"]
