"""Tables whose rows, heads or parts the layout model has torn or joined, as words and rules show."""

from __future__ import annotations

from dataclasses import replace

import pytest

from indexer.base.layout import Block, BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import PageRegions, Region, RegionCell, Remark
from indexer.base.word_marks import RAISED
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, rows_of, seen, text_of
from tests.unit.indexer.layout.test_tables import cells_of, lines_of, table

THREE = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0)]
XS = (50.0, 150.0, 250.0)


def tables_of(words: PageWords) -> list[Block]:
    return [block for block in words.layout.blocks if block.kind == BlockKind.TABLE]


def heads_of(words: PageWords) -> list[str]:
    (block,) = tables_of(words)
    return [words.quote(c.start, c.stop) for c in block.cells if c.is_head and c.stop > c.start]


def with_rules(regions: PageRegions, ys: list[float]) -> PageRegions:
    rules = tuple(box(45, y, 345, y + 0.5) for y in ys)
    return seen(*regions.regions, rules=rules)


def test_a_table_cut_in_two_is_one_and_its_second_part_has_no_heads() -> None:
    rows = [("Item", "2024", "2023"), ("Rent", "12", "14"), ("Loss", "**", "**"), ("Sum", "7", "9")]
    upper, lower = table(THREE, 2).regions[0], table(THREE, 2).regions[0]
    cells = tuple(
        RegionCell(c.row, c.column, (c.box[0], c.box[1] + 4000, c.box[2], c.box[3] + 4000), is_head=c.is_head)
        for c in lower.cells
    )  # fmt: skip
    regions = seen(
        Region(BlockKind.TABLE, box(45, 100, 345, 140), upper.cells),
        Region(BlockKind.TABLE, box(45, 140, 345, 180), cells),
    )
    words = assemble(page_of(lines_of(rows, XS), regions))
    assert cells_of(words) == [list(row) for row in rows]
    assert heads_of(words) == ["Item", "2024", "2023"]


def test_what_is_about_a_part_of_a_table_or_paragraph_is_about_the_whole() -> None:
    upper, lower = table(THREE, 2).regions[0], table(THREE, 2).regions[0]
    rows = [("Item", "2024", "2023"), ("Rent", "12", "14"), ("Loss", "3", "5"), ("Sum", "7", "9")]
    cells = tuple(
        RegionCell(c.row, c.column, (c.box[0], c.box[1] + 4700, c.box[2], c.box[3] + 4700))
        for c in lower.cells
    )
    lines = [
        line if line[1] < 140 else (line[0], line[1] + 6, line[2]) for line in lines_of(rows, XS)
    ]
    regions = seen(
        Region(BlockKind.TABLE, box(45, 100, 345, 140), upper.cells),
        Region(BlockKind.TABLE, box(45, 146, 345, 186), cells),
        Region(BlockKind.CAPTION, box(45, 188, 345, 204)),
    )
    words = assemble(page_of([*lines, (50.0, 190.0, "Table 4: rent")], regions))
    (whole,) = tables_of(words)
    (caption,) = [b for b in words.layout.blocks if b.kind == BlockKind.CAPTION]
    assert whole.n_rows == 4 and words.layout.blocks[caption.about or 0] == whole

    remarks = (Remark(box(48, 116, 300, 130), "which?", "A. Lund", about=box(48, 116, 300, 130)),)
    prose = [(50.0, 100.0, "The seal of the pump is"), (50.0, 118.0, "changed every year.")]
    parts = (
        Region(BlockKind.TEXT, box(45, 98, 345, 114)),
        Region(BlockKind.TEXT, box(45, 116, 345, 132)),
    )
    words = assemble(page_of(prose, replace(seen(*parts), remarks=remarks)))
    (note,) = [b for b in words.layout.blocks if b.kind == BlockKind.NOTE]
    assert note.about is not None and text_of(words, words.layout.blocks[note.about]) == (
        "The seal of the pump is\nchanged every year."
    )


def test_tables_with_other_columns_below_each_other_stay_two() -> None:
    rows = [("Item", "2024", "2023"), ("Rent", "12", "14")]
    lower = [
        (50.0, 150.0, "Name"),
        (250.0, 150.0, "Age"),
        (50.0, 170.0, "Ada"),
        (250.0, 170.0, "36"),
    ]
    cells = tuple(
        RegionCell(
            r, c, box((45, 245)[c], 145 + 20 * r, (245, 345)[c], 165 + 20 * r), is_head=r == 0
        )
        for r in range(2)
        for c in range(2)
    )
    regions = seen(*table(THREE, 2).regions, Region(BlockKind.TABLE, box(45, 145, 345, 185), cells))
    words = assemble(page_of([*lines_of(rows, XS), *lower], regions))
    assert [block.n_columns for block in tables_of(words)] == [3, 2]


def test_lines_that_no_rule_parts_are_one_row_where_rules_part_the_others() -> None:
    rows = [("Area", "Aim", "Result"), ("Service", "Answer all", "reached"), ("", "calls at once", ""),
            ("Stock", "Count", "open")]  # fmt: skip
    lines = [line for line in lines_of(rows, XS) if line[2]]
    regions = with_rules(table(THREE, 4), [120, 160])
    words = assemble(page_of(lines, regions))
    assert cells_of(words)[1] == ["Service", "Answer all calls at once", "reached"]


def test_a_full_row_below_heads_on_a_ground_of_their_own_is_no_line_of_them() -> None:
    rows = [("Length", "Gland", "Drop"), ("to 30 m", "M20", "0.9 V"), ("to 60 m", "M20", "1.6 V"),
            ("to 110 m", "M25", "2.2 V")]  # fmt: skip
    regions = with_rules(table(THREE, 4), [140, 160])
    words = assemble(page_of(lines_of(rows, XS), regions))
    assert heads_of(words) == list(rows[0]) and cells_of(words) == [list(row) for row in rows]


def test_a_name_below_a_row_of_figures_is_a_row_where_rules_part_the_others() -> None:
    rows = [("Assets", "2024", "2023"), ("Cash", "9", "8"), ("Total assets", "31", "29"),
            ("Liabilities", "", ""), ("Loans", "4", "5")]  # fmt: skip
    lines = [line for line in lines_of(rows, XS) if line[2]]
    regions = with_rules(table(THREE, 5), [120, 140, 180])
    assert [row[0] for row in cells_of(assemble(page_of(lines, regions)))] == [r[0] for r in rows]


def test_a_figure_and_what_stands_below_it_are_no_lines_of_one_cell() -> None:
    rows = [
        ("-150 BPS", "Fair Value"),
        ("3,172", "3,111"),
        ("-150 BPS", "Fair Value"),
        ("2,663", "2,621"),
    ]
    columns = THREE[:2]
    regions = seen(
        *table(columns, 4).regions, rules=(box(45, 120, 245, 121), box(45, 160, 245, 161))
    )
    assert cells_of(assemble(page_of(lines_of(rows, XS[:2]), regions))) == [list(r) for r in rows]


def test_the_first_full_row_below_a_title_that_spans_the_table_names_its_columns() -> None:
    rows = [("System", "New", "Address"), ("Payroll", "no", "hall"), ("Leave", "yes", "annex")]
    title = RegionCell(0, 0, box(45, 100, 345, 120), n_columns=3, is_head=True)
    body = tuple(
        RegionCell(r, c, box(x0, 100 + 20 * r, x1, 120 + 20 * r))
        for r in range(1, 4)
        for c, (x0, x1) in enumerate(THREE)
    )
    lines = [(50.0, 105.0, "8. Privacy Table"), *((x, y + 20, t) for x, y, t in lines_of(rows, XS))]
    region = Region(BlockKind.TABLE, box(45, 95, 345, 185), (title, *body))
    words = assemble(page_of(lines, seen(region)))
    assert heads_of(words) == ["8. Privacy Table", "System", "New", "Address"]


@pytest.mark.parametrize(
    ("rows", "first"),
    [
        # the name of a row begins in a row of its own
        ([("Costs of sales and", "", ""), ("other services", "12", "14"), ("Rent", "9", "8")],
         ["Costs of sales and other services", "12", "14"]),
        # or ends in one
        ([("Costs of sales and", "12", "14"), ("other services", "", ""), ("Rent", "9", "8")],
         ["Costs of sales and other services", "12", "14"]),
        # prose goes on in its own column
        ([("Payroll", "paid by the", "yes"), ("", "end of a month", ""), ("Leave", "asked for", "no")],
         ["Payroll", "paid by the end of a month", "yes"]),
    ],
)  # fmt: skip
def test_a_row_that_only_goes_on_with_the_one_above_is_part_of_it(
    rows: list[tuple[str, ...]], first: list[str]
) -> None:
    rows = [("Item", "Old", "New"), *rows]
    lines = [line for line in lines_of(rows, XS) if line[2]]
    assert cells_of(assemble(page_of(lines, table(THREE, 4))))[1] == first


def test_a_group_a_figure_of_a_second_line_and_an_item_are_rows_of_their_own() -> None:
    rows = [("Item", "Old", "New"), ("Income", "", ""), ("Rent", "9", "8"), ("", "10", ""),
            ("a) fees", "", ""), ("b) fines", "2", "3")]  # fmt: skip
    lines = [line for line in lines_of(rows, XS) if line[2]]
    rows_read = cells_of(assemble(page_of(lines, table(THREE, 6))))
    assert [row[0] for row in rows_read] == ["Item", "Income", "Rent", "", "a) fees", "b) fines"]


@pytest.mark.parametrize(
    "rows",
    [
        [("Was it approved?", "Yes"), ("Was it costed?", "Yes"), ("Is it new?", "No")],
        [("Total for all", "18%"), ("Men", "17"), ("Women", "19"), ("Others", "12")],
    ],
    ids=["answers", "sum"],
)
def test_a_first_row_of_answers_or_sums_is_no_head(rows: list[tuple[str, ...]]) -> None:
    columns = [(45.0, 180.0), (180.0, 640.0)]
    words = assemble(page_of(lines_of(rows, (50.0, 185.0)), table(columns, len(rows))))
    assert heads_of(words) == []


def test_a_first_row_of_prose_is_no_head() -> None:
    prose = [
        (185.0, 101.0 + 4 * i, "the office sends the form and the report back") for i in range(4)
    ]
    lines = [(50.0, 105.0, "Student"), *prose, (50.0, 125.0, "Office"), (185.0, 125.0, "reads it")]
    words = assemble(page_of(lines, table([(45.0, 180.0), (180.0, 640.0)], 2)))
    assert heads_of(words) == []


def test_marks_of_notes_behind_amounts_are_no_part_of_them() -> None:
    rows = [("Total for all", "18%"), ("Men", "17 a"), ("Women", "19 b"), ("Others", "12 c")]
    marks = [0] * 4 + [0, 0, RAISED] * 3
    page = page_of(lines_of(rows, XS[:2]), table(THREE[:2], 4), marks=marks)
    assert heads_of(assemble(page)) == []


def test_a_column_of_letters_for_notes_names_no_rows_and_a_name_beside_it_is_a_group() -> None:
    rows = [("", "", "Share"), ("", "Age", ""), ("a", "65 and more", "23"), ("b", "under 65", "19")]
    lines = [line for line in lines_of(rows, XS) if line[2]]
    words = assemble(page_of(lines, table(THREE, 4)))
    (block,) = tables_of(words)
    named = {words.quote(c.start, c.stop): c for c in block.cells if c.is_row_head}
    assert {"Age", "65 and more", "under 65"} <= named.keys()
    assert named["Age"].n_columns == 3


def test_names_and_prices_joined_by_dots_in_two_lists_are_two_tables() -> None:
    left = [("Apple", "34.50"), ("Pear", "38.50"), ("Quince", "42.00")]
    right = [("Hardy", "18.25"), ("Rector", "17.50"), ("Jekyll", "19.00")]
    lines: list[Line] = []
    for i, ((a, b), (c, d)) in enumerate(zip(left, right, strict=True)):
        y = 105.0 + 20 * i
        lines += [
            (50.0, y, f"{a} {'.' * 10}"),
            (145.0, y, b),
            (250.0, y, f"{c} {'.' * 10}"),
            (345.0, y, d),
        ]
    words = assemble(page_of(lines, table([(45, 200), (245, 400)], 3, n_heads=0)))
    first, second = tables_of(words)
    assert [row[1] for row in rows_of(words, first)] == ["34.50", "38.50", "42.00"]
    assert rows_of(words, second)[1] == ["Rector ..........", "17.50"]


def test_amounts_of_two_years_beside_names_are_no_lists() -> None:
    rows = [("Item", "2024", "Note", "2023"), ("Rent", "12", "see", "14"), ("Fees", "3", "paid", "4"),
            ("Fines", "5", "due", "1")]  # fmt: skip
    columns = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0), (345.0, 445.0)]
    words = assemble(page_of(lines_of(rows, (*XS, 350.0)), table(columns, 4)))
    assert len(tables_of(words)) == 1


@pytest.mark.parametrize("is_above", [False, True])
def test_small_names_above_or_below_entries_are_fields(is_above: bool) -> None:
    entries = [("Petra", "1988"), ("Whitby", "0700")]
    names = [("Name", "Born"), ("Town", "Telephone")]
    pairs = zip(names, entries, strict=True)
    rows = [row for name, entry in pairs for row in ((name, entry) if is_above else (entry, name))]
    page = page_of(lines_of(rows, XS[:2]), table(THREE[:2], 4, n_heads=0))
    for i, text in enumerate(page.words.texts):
        if text in ("Name", "Born", "Town", "Telephone"):
            page.words.boxes[i, 3] -= 300
    words = assemble(page)
    fields = [block for block in words.layout.blocks if block.kind == BlockKind.FIELD]
    assert [text_of(words, block).split() for block in fields] == [
        ["Name", "Petra"], ["Born", "1988"], ["Town", "Whitby"], ["Telephone", "0700"]
    ]  # fmt: skip
    assert all(block.label_stop == block.start + 1 for block in fields)


def picture_of(lines: list[Line]) -> PageWords:
    return assemble(page_of(lines, seen(Region(BlockKind.PICTURE, box(45, 95, 400, 330)))))


BARS: list[Line] = [
    (60.0, 300.0, "Q1"), (140.0, 300.0, "Q2"), (220.0, 300.0, "Q3"),
    (58.0, 200.0, "310"), (138.0, 160.0, "455"), (218.0, 140.0, "520"),
]  # fmt: skip


def test_the_figures_of_bars_stand_with_the_names_below_them() -> None:
    words = picture_of([*BARS, (60.0, 100.0, "Units fitted")])
    (block,) = tables_of(words)
    assert rows_of(words, block) == [["Q1", "310"], ["Q2", "455"], ["Q3", "520"]]
    assert all(cell.is_row_head == (cell.column == 0) for cell in block.cells)


@pytest.mark.parametrize(
    "more",
    [
        [(59.0, 240.0, "20")],  # a second figure in a bar
        [(300.0, 300.0, "Q4")],  # a name without a figure
        [(370.0, 300.0, "Q4"), (368.0, 200.0, "20")],  # at another distance
    ],
)
def test_figures_that_do_not_match_the_names_one_by_one_are_left_as_they_stand(
    more: list[Line],
) -> None:
    assert tables_of(picture_of([*BARS, *more])) == []
