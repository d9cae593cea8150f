"""Rows that the layout model has in one cell, or outside of the table, are told by their lines and rules."""

from __future__ import annotations

from itertools import pairwise

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import PageRegions, Region, RegionCell
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, seen, text_of
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of, with_rules
from tests.unit.indexer.layout.test_tables import cells_of, table

TWO = [(45.0, 245.0), (245.0, 345.0)]
THREE = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0)]


def grid(columns: list[tuple[float, float]], ys: list[float], n_heads: int = 1) -> PageRegions:
    """The regions of a page with a table whose rows go from height to height."""
    cells = tuple(
        RegionCell(row, column, box(x0, top, x1, bottom), is_head=row < n_heads)
        for row, (top, bottom) in enumerate(pairwise(ys))
        for column, (x0, x1) in enumerate(columns)
    )
    area = box(columns[0][0], ys[0], columns[-1][1], ys[-1])
    return seen(Region(BlockKind.TABLE, area, cells))


def spans_of(words: PageWords) -> dict[str, tuple[int, int]]:
    (block,) = tables_of(words)
    return {words.quote(c.start, c.stop): (c.n_rows, c.n_columns) for c in block.cells}


def test_figures_that_stand_on_lines_of_their_own_are_rows_and_names_may_have_more_lines() -> None:
    lines: list[Line] = [
        (50, 101, "Director"), (150, 101, "Meetings"), (250, 101, "Present"),
        (50, 121, "R. Lund"), (150, 121, "7"), (250, 121, "Yes"), (50, 133, "(chair)"),
        (50, 145, "B. Sen"), (150, 145, "6"), (250, 145, "Yes"),
    ]  # fmt: skip
    regions = grid(THREE, [98, 115, 160])
    rows = [
        ["Director", "Meetings", "Present"],
        ["R. Lund (chair)", "7", "Yes"],
        ["B. Sen", "6", "Yes"],
    ]
    assert cells_of(assemble(page_of(lines, regions))) == rows

    more = [
        (50.0, 165.0, "C. Ray"),
        (150.0, 165.0, "5"),
        (50.0, 185.0, "D. Poe"),
        (150.0, 185.0, "4"),
    ]
    ruled = with_rules(grid(THREE, [98, 115, 160, 180, 200]), [98, 115, 160, 180, 200])
    words = assemble(page_of([*lines, *more], ruled))
    assert cells_of(words)[1] == ["R. Lund (chair) B. Sen", "7 6", "Yes Yes"]  # rules part rows


def test_dots_lead_to_the_last_line_of_a_row_also_out_of_the_heads() -> None:
    lines: list[Line] = [
        (310, 101, "Page"), (50, 113, "Hearing held ........"), (310, 113, "1"),
        (50, 131, "Boehner, a Member from"), (50, 143, "Ohio ........."), (310, 143, "3"),
        (50, 155, "Statement of ....."), (310, 155, "5"), (50, 170, "Kildee ......"), (310, 170, "69"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(TWO, [98, 126, 167, 185])))
    assert [row[1] for row in cells_of(words)] == ["Page", "1", "3", "5", "69"]
    assert cells_of(words)[2][0] == "Boehner, a Member from Ohio ........."
    assert heads_of(words) == ["Page"]


def test_a_rule_below_heads_parts_the_first_row_from_them() -> None:
    lines: list[Line] = [
        (50, 101, "No."), (150, 101, "Form"), (250, 101, "Filed"),
        (50, 115, "3.1"), (150, 115, "8-K"), (250, 115, "6/12/20"),
        (50, 135, "3.2"), (150, 135, "S-8"), (250, 135, "7/15/11"),
    ]  # fmt: skip
    regions = grid(THREE, [98, 128, 150])
    words = assemble(page_of(lines, with_rules(regions, [113])))
    assert heads_of(words) == ["No.", "Form", "Filed"]
    assert cells_of(words)[1:] == [["3.1", "8-K", "6/12/20"], ["3.2", "S-8", "7/15/11"]]


def test_a_form_has_no_heads_and_what_is_said_of_a_label_goes_on_below_it() -> None:
    lines: list[Line] = [
        (50, 101, "Title:"), (250, 101, "Pump manual"), (50, 121, "Articulated?"), (250, 121, "Yes"),
        (250, 141, "with Chaffey"), (50, 161, "Before:"), (250, 161, "None"),
        (50, 173, "After:"), (250, 173, "Repair"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(TWO, [98, 118, 138, 158, 190])))
    assert heads_of(words) == []
    assert cells_of(words) == [["Title:", "Pump manual"], ["Articulated?", "Yes with Chaffey"],
                               ["Before:", "None"], ["After:", "Repair"]]  # fmt: skip


def test_first_entries_are_no_heads_where_they_say_something_as_those_below_do() -> None:
    lines: list[Line] = [
        (50, 101, "Date"), (250, 101, "27th July, 2007"), (50, 121, "Venue"), (250, 121, "Town Hall"),
        (50, 141, "Time"), (250, 141, "10.30 a.m."),
    ]  # fmt: skip
    assert heads_of(assemble(page_of(lines, grid(TWO, [98, 118, 138, 158])))) == []


def test_names_of_groups_in_the_cell_of_a_row_are_rows() -> None:
    lines: list[Line] = [
        (50, 101, "Item"), (150, 101, "2024"), (250, 101, "2023"),
        (50, 121, "Funds"), (50, 133, "Capital"), (150, 133, "10"), (250, 133, "11"),
        (50, 145, "Reserves"), (150, 145, "20"), (250, 145, "21"),
        (50, 163, "Net profit"), (150, 163, "30"), (250, 163, "31"), (50, 175, "Adjusted for:"),
        (50, 193, "FLOWS FROM SALES"), (50, 205, "Sold"), (150, 205, "40"), (250, 205, "41"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(THREE, [98, 118, 160, 190, 220])))
    assert [row[0] for row in cells_of(words)] == [
        "Item", "Funds", "Capital", "Reserves", "Net profit", "Adjusted for:", "FLOWS FROM SALES", "Sold",
    ]  # fmt: skip


def test_a_name_on_two_lines_is_nearer_to_its_row_than_the_name_of_a_group() -> None:
    lines: list[Line] = [
        (50, 101, "Holder"), (250, 101, "Share"), (50, 121, "Banks, Insurers"), (250, 121, "37"),
        (50, 133, "Mutual Funds"), (50, 151, "Foreign"), (250, 151, "32"), (50, 181, "Others:"),
        (50, 195, "Public"), (250, 195, "15"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(TWO, [98, 118, 131, 148, 168, 192, 210])))
    assert [row[0] for row in cells_of(words)] == [
        "Holder", "Banks, Insurers Mutual Funds", "Foreign", "Others:", "Public",
    ]  # fmt: skip


def test_signatures_below_figures_are_lines_of_text() -> None:
    rows = [("Item", "2024", "2023"), ("Rent", "12", "14"), ("Sum", "7", "9"),
            ("Seen by", "L. MODI", "R. SHAH"), ("For B & Co", "Director", "Chair")]  # fmt: skip
    ys = [101, 121, 141, 185, 205]
    lines = [
        (x, float(y), t)
        for y, row in zip(ys, rows, strict=True)
        for x, t in zip((50.0, 150.0, 250.0), row, strict=True)
    ]
    words = assemble(page_of(lines, grid(THREE, [98, 118, 138, 158, 202, 222])))
    assert cells_of(words) == [list(row) for row in rows[:3]]
    texts = [text_of(words, b) for b in words.layout.blocks if b.kind == BlockKind.TEXT]
    assert texts == ["Seen by L. MODI R. SHAH", "For B & Co Director Chair"]


def test_two_tables_that_the_model_has_as_one_are_parted_where_heads_come_anew() -> None:
    rows = [("", "2024", "2023"), ("Rent", "12", "14"), ("Sum", "7", "9"), ("", "May 31,", "May 30,"),
            ("Net", "1", "2"), ("Tax", "3", "4")]  # fmt: skip
    ys = [101, 121, 141, 175, 195, 215]
    lines = [
        (x, float(y), t)
        for y, row in zip(ys, rows, strict=True)
        for x, t in zip((50.0, 150.0, 250.0), row, strict=True)
        if t
    ]
    words = assemble(page_of(lines, grid(THREE, [98, 118, 138, 158, 192, 212, 232])))
    first, second = tables_of(words)
    assert (first.n_rows, second.n_rows) == (3, 3)
    assert [words.quote(c.start, c.stop) for c in second.cells if c.is_head] == [
        "",
        "May 31,",
        "May 30,",
    ]


def test_a_line_right_below_a_table_in_the_middle_of_a_cell_goes_on_with_it() -> None:
    lines: list[Line] = [
        (50, 101, "Class"), (250, 101, "Exchange"), (50, 121, "Common stock"), (250, 121, "NASDAQ LLC"),
        (250, 132, "(Global)"), (50, 170, "Registered under section 12(g) of the act, none of it."),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(TWO, [98, 118, 131])))
    assert cells_of(words)[1] == ["Common stock", "NASDAQ LLC (Global)"]


def test_rows_between_rules_of_one_length_join_the_table_that_the_model_saw_among_them() -> None:
    names = ["Name", "Atom", "Negation", "Implication", "Equivalence"]
    lines = [
        (x, 101.0 + 20 * n, text)
        for n, name in enumerate(names)
        for x, text in ((50.0, name), (250.0, f"P{n}"))
    ]
    regions = grid(TWO, [138, 158, 178])
    words = assemble(page_of(lines, with_rules(regions, [98, 118, 138, 158, 178, 198])))
    assert cells_of(words) == [[name, f"P{n}"] for n, name in enumerate(names)]


def test_a_cell_beside_several_rows_spans_them_where_no_rule_parts_it() -> None:
    lines: list[Line] = [
        (50, 101, "Year"), (150, 101, "Venue"), (250, 101, "Date"), (50, 121, "95th"), (250, 121, "21/07"),
        (50, 141, "94th"), (150, 141, "Science City"), (250, 141, "29/07"), (50, 161, "93rd"),
        (250, 161, "30/07"),
    ]  # fmt: skip
    across = [(45, 345, y) for y in (98, 118, 178)] + [
        (x, x + 100, y) for x in (45, 245) for y in (138, 158)
    ]
    rules = tuple(box(x0, y, x1, y + 0.5) for x0, x1, y in across)
    rules += tuple(box(x, 98, x + 0.5, 178) for x in (45, 145, 245, 345))
    regions = seen(*grid(THREE, [98, 118, 138, 158, 178]).regions, rules=rules)
    assert spans_of(assemble(page_of(lines, regions)))["Science City"] == (3, 1)


def test_years_in_the_first_column_name_their_rows_though_they_come_again() -> None:
    rows = [
        ("Grants", ""),
        ("2015 ....", "12"),
        ("2014 ....", "13"),
        ("Awards", ""),
        ("2015 ....", "14"),
        ("2014 ....", "15"),
    ]
    lines = [
        (x, 105.0 + 20 * i, t)
        for i, row in enumerate(rows)
        for x, t in zip((50.0, 250.0), row, strict=True)
        if t
    ]
    words = assemble(page_of(lines, table(TWO, 6, n_heads=0)))
    (block,) = tables_of(words)
    assert sum(cell.is_row_head for cell in block.cells) == 6


def test_a_cell_over_several_columns_spans_them_where_no_rule_parts_it() -> None:
    lines: list[Line] = [(150, 101, "Calendar")]
    for row, (number, name, month) in enumerate(
        [("1", "First", "July"), ("2", "Second", "May"), ("3", "Third", "June")]
    ):
        y = 121.0 + 20 * row
        lines += [(50, y, number), (150, y, name), (250, y, month)]
    rules = tuple(box(x, 118, x + 0.5, 178) for x in (145, 245))
    regions = seen(*grid(THREE, [98, 118, 138, 158, 178]).regions, rules=rules)
    assert spans_of(assemble(page_of(lines, regions)))["Calendar"] == (1, 3)
