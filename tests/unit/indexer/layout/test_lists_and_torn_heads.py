"""Lists that dots lead through a page, heads that the layout model tears, and what is no table at all."""

from __future__ import annotations

from indexer.base.layout import BlockKind
from indexer.base.regions import Region, RegionCell
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, rows_of, seen
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_rows_by_lines import THREE, TWO, grid, spans_of
from tests.unit.indexer.layout.test_tables import cells_of


def test_lists_that_dots_lead_are_found_beside_each_other_on_a_map_without_a_table() -> None:
    lines: list[Line] = []
    for first, names in ((50.0, "ABCDE"), (250.0, "KLMNO")):
        lines += [(first - 15, 100, "*"), (first, 100, "Sights"), (first + 125, 100, "(p83)")]
        for row, name in enumerate(names):
            lines.append((first, 115.0 + 15 * row, f"{row} {name}{name} ............."))
            lines.append((first + 140, 115.0 + 15 * row, f"{name}2"))
    scan = Region(BlockKind.PICTURE, box(0, 0, 655, 655))
    words = assemble(page_of(sorted(lines, key=lambda line: (line[1], line[0])), seen(scan)))
    left, right = tables_of(words)
    assert rows_of(words, left)[:2] == [["* Sights", "(p83)"], ["0 AA .............", "A2"]]
    assert [row[1] for row in rows_of(words, right)] == ["(p83)", "K2", "L2", "M2", "N2", "O2"]


def test_contents_whose_dots_are_words_have_their_pages_in_a_column() -> None:
    names = [f"{n} Part" for n in range(10)]
    lines: list[Line] = []
    for n, name in enumerate(names):
        lines.append((50.0, 101 + 15.0 * n, f"{name} . . . . . . . ."))
        lines.append((180.0 - 5 * len(str(n + 7)), 101 + 15.0 * n, str(n + 7)))
    cells = tuple(
        RegionCell(n, column, box(x0, 98 + 15 * n, x1, 113 + 15 * n))
        for n in range(10)
        for column, (x0, x1) in enumerate(((45, 62), (62, 200)))
    )
    words = assemble(page_of(lines, seen(Region(BlockKind.TABLE, box(45, 98, 200, 248), cells))))
    assert [row[-1] for row in cells_of(words)] == [str(n + 7) for n in range(10)]
    assert cells_of(words)[9][0].startswith("9 Part .")


def test_words_of_heads_stand_over_the_parts_of_the_rule_below_them() -> None:
    lines: list[Line] = [
        (50, 101, "Brand"), (170, 101, "FISCAL 2021 FISCAL 2020"),
        (50, 121, "Rent"), (190, 121, "1,777"), (250, 121, "1,020"),
        (50, 141, "Loss"), (190, 141, "3,414"), (250, 141, "1,732"),
    ]  # fmt: skip
    columns = [(45.0, 150.0), (150.0, 257.0), (257.0, 345.0)]
    rules = tuple(box(x0, 114, x1, 114.5) for x0, x1 in ((45, 150), (150, 228), (228, 345)))
    regions = seen(*grid(columns, [98, 118, 138, 158]).regions, rules=rules)
    words = assemble(page_of(lines, regions))
    assert cells_of(words)[0] == ["Brand", "FISCAL 2021", "FISCAL 2020"]
    assert heads_of(words) == ["Brand", "FISCAL 2021", "FISCAL 2020"]


def test_a_second_row_of_heads_goes_on_with_the_first_whose_names_may_be_torn() -> None:
    columns = [(45.0, 145.0), (145.0, 205.0), (205.0, 275.0), (275.0, 345.0)]
    lines: list[Line] = [
        (50, 101, "Device"), (170, 101, "Internal Memory"), (300, 101, "Timers"),
        (150, 121, "Program"), (220, 121, "Data"), (50, 141, "8031AH"), (150, 141, "4"), (220, 141, "128"),
        (300, 141, "2"), (50, 161, "8051AH"), (150, 161, "8"), (220, 161, "256"), (300, 161, "3"),
        (50, 181, "8052AH"), (150, 181, "8"), (220, 181, "256"), (300, 181, "3"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(columns, [98, 118, 138, 158, 178, 198])))
    assert heads_of(words) == ["Device", "Internal Memory", "Timers", "Program", "Data"]
    assert spans_of(words)["Internal Memory"] == (1, 2)


def test_the_name_of_a_group_at_the_top_of_a_page_is_no_running_head() -> None:
    columns = [*THREE, (345.0, 445.0)]
    lines: list[Line] = [(225, 85, "By Reference"), (50, 101, "No."), (150, 101, "Text"), (250, 101, "Form"),
                         (350, 101, "Date"), (50, 121, "3.1"), (150, 121, "Laws"), (250, 121, "8-K"),
                         (350, 121, "6/12/20")]  # fmt: skip
    lines[0] = (310, 85, "By Reference")
    table = grid(columns, [98, 118, 138]).regions
    running_head = Region(BlockKind.PAGE_HEADER, box(305, 84, 380, 96))
    words = assemble(page_of(lines, seen(*table, running_head, rules=(box(245, 97, 440, 97.4),))))
    assert spans_of(words)["By Reference"] == (1, 2)


def test_a_heading_above_the_first_rule_is_not_in_the_first_cell() -> None:
    lines: list[Line] = [(50, 96, "Procedures"), (50, 112, "Student"), (250, 112, "To schedule a date"),
                         (50, 131, "Adviser"), (250, 131, "To conduct it")]  # fmt: skip
    rules = tuple(box(45, y, 345, y + 0.5) for y in (109, 128, 150))
    regions = seen(*grid(TWO, [94, 128, 150], n_heads=0).regions, rules=rules)
    assert cells_of(assemble(page_of(lines, regions)))[0] == ["Student", "To schedule a date"]


def test_names_in_a_picture_and_titles_of_axes_are_no_tables() -> None:
    places = [
        ("Spreckels Lake", "Lake"),
        ("Golden Gate", "Garden"),
        ("Park", "Cole"),
        ("Mint", "Pier"),
    ]
    lines = [
        (x, 100.0 + 12 * n, t)
        for n, row in enumerate(places)
        for x, t in zip((50.0, 200.0), row, strict=True)
    ]
    scan = Region(BlockKind.PICTURE, box(0, 0, 655, 655))
    assert tables_of(assemble(page_of(lines, seen(scan)))) == []

    axes = [(x, y, t) for x in (60.0, 160.0, 260.0) for y, t in ((100.0, "100"), (130.0, "score"))]
    chart = Region(BlockKind.PICTURE, box(50, 90, 345, 150))
    assert tables_of(assemble(page_of(axes, seen(chart)))) == []
