"""Tables whose heads and rows are told by their rules, and lines that only stand next to a table."""

from __future__ import annotations

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import Region, RegionCell
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import box, page_of, seen, text_of
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_tables import cells_of, lines_of, table

FOUR = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0), (345.0, 445.0)]
XS = (50.0, 150.0, 250.0, 350.0)


def spans_of(words: PageWords) -> list[tuple[str, int, int]]:
    (block,) = tables_of(words)
    return [(words.quote(c.start, c.stop), c.n_rows, c.n_columns) for c in block.cells if c.is_head]


def test_a_rule_below_the_name_of_a_group_tells_its_columns() -> None:
    """As reports of companies have it; the model has cut the heads into lines of the page."""
    lines = [
        (200.0, 105.0, "Incorporated by Reference"),
        (50.0, 125.0, "Exhibit"),
        (150.0, 125.0, "Form"),
        (250.0, 125.0, "Date"),
        (350.0, 125.0, "Filed"),
        *((x, y + 40, t) for x, y, t in lines_of([("10.4", "8-K", "12/20", "X")] * 2, XS)),
    ]
    rules = (box(145, 117, 345, 118), box(45, 138, 445, 139))
    regions = seen(*table(FOUR, 4).regions, rules=rules)
    words = assemble(page_of(lines, regions))
    assert spans_of(words) == [
        ("Exhibit", 2, 1),
        ("Incorporated by Reference", 1, 2),
        ("Filed", 2, 1),
        ("Form", 1, 1),
        ("Date", 1, 1),
    ]
    assert cells_of(words)[2:] == [["10.4", "8-K", "12/20", "X"]] * 2


def test_a_rule_below_several_names_is_no_group() -> None:
    rows = [("Year", "Cars", "Ships", "Sum"), ("", "old", "new", ""), ("2024", "3", "4", "7")]
    regions = seen(*table(FOUR, 3).regions, rules=(box(145, 117, 345, 118),))
    words = assemble(page_of(lines_of(rows, XS), regions))
    assert cells_of(words) == [list(row) for row in rows]


def test_all_lines_between_the_first_two_rules_are_heads() -> None:
    rows = [("", "Reused", "Cost"), ("Name", "name", "(d)"), ("IPMS", "none", "9")]
    rules = tuple(box(45, y, 345, y + 0.5) for y in (100, 131, 145))
    regions = seen(*table(FOUR[:3], 3, height=14).regions, rules=rules)
    words = assemble(page_of(lines_of(rows, XS[:3], height=14), regions))
    assert cells_of(words) == [["Name", "Reused name", "Cost (d)"], ["IPMS", "none", "9"]]
    assert heads_of(words) == ["Name", "Reused name", "Cost (d)"]


def test_lines_of_one_box_are_one_row_and_figures_below_each_other_are_not() -> None:
    rows = [
        ("First half of semester", "Half of fees"),
        ("Sem 1: to September", ""),
        ("Sem 2: to March", ""),
        ("Second half", "Full fees"),
        ("Sem 1: to December", ""),
    ]
    columns = [(45.0, 245.0), (245.0, 445.0)]
    across = tuple(box(45, y, 445, y + 0.5) for y in (100, 157, 200))
    upright = tuple(box(x, 100, x + 0.5, 200) for x in (45, 244, 445))
    regions = seen(*table(columns, 5).regions, rules=across + upright)
    words = assemble(page_of(lines_of(rows, (50.0, 250.0)), regions))
    assert cells_of(words) == [
        ["First half of semester Sem 1: to September Sem 2: to March", "Half of fees"],
        ["Second half Sem 1: to December", "Full fees"],
    ]
    figures = [("Holder", "Shares"), *((f"Fund {n}", f"{n}00") for n in (1, 2, 3, 4))]
    words = assemble(page_of(lines_of(figures, (50.0, 250.0)), regions))
    assert cells_of(words)[1:] == [[f"Fund {n}", f"{n}00"] for n in (1, 2, 3, 4)]


def test_columns_and_rows_without_a_word_are_left_out() -> None:
    rows = [("", "", "Online", "Home"), ("", "", "", ""), ("65-69", "", "74", "65")]
    words = assemble(page_of(lines_of(rows, XS), table(FOUR, 3)))
    assert cells_of(words) == [["", "Online", "Home"], ["65-69", "74", "65"]]


def test_a_source_across_the_end_of_a_table_is_text_below_it() -> None:
    rows = [("Age", "Online"), ("65-69", "74"), ("70-74", "68")]
    columns = FOUR[:2]
    cells = table(columns, 3).regions[0].cells
    source = RegionCell(3, 0, box(45, 160, 245, 180), n_columns=2)
    lines = [*lines_of(rows, XS[:2]), (50.0, 165.0, "Source: tracking survey of 2013.")]
    region = Region(BlockKind.TABLE, box(45, 100, 245, 180), (*cells, source))
    words = assemble(page_of(lines, seen(region)))
    assert cells_of(words) == [list(row) for row in rows]
    assert [text_of(words, b) for b in words.layout.blocks if b.kind == BlockKind.TEXT] == [
        "Source: tracking survey of 2013."
    ]


def test_a_row_of_amounts_or_a_sentence_is_no_head() -> None:
    rows = [("", "Home", "Abroad"), ("Balance", "$102", "$5.10"), ("Paid", "38", "40")]
    cells = tuple(
        RegionCell(c.row, c.column, c.box, is_head=c.row < 2)
        for c in table(FOUR[:3], 3).regions[0].cells
    )
    region = Region(BlockKind.TABLE, box(45, 100, 345, 160), cells)
    words = assemble(page_of(lines_of(rows, XS[:3]), seen(region)))
    assert heads_of(words) == ["Home", "Abroad"]
    prose = [("Park", "It is a park."), ("Food", "It is some kind of food."), ("Ship", "A ship.")]
    words = assemble(
        page_of(lines_of(prose, (50.0, 150.0)), table([(45.0, 145.0), (145.0, 445.0)], 3))
    )
    assert not heads_of(words)
