"""Rows of printed tables are told by strokes and typed rules, and by how their figures are written."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.regions import PageRegions
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, seen
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_rows_by_lines import THREE, TWO, grid, spans_of
from tests.unit.indexer.layout.test_tables import cells_of


def with_strokes(regions: PageRegions, ys: list[float], x: float = 245) -> PageRegions:
    """The regions of a page with an upright rule that is drawn from height to height."""
    strokes = tuple(box(x, top, x + 0.5, bottom) for top, bottom in pairwise(ys))
    return seen(*regions.regions, rules=strokes)


def texts_of(words: PageWords, kind: BlockKind) -> list[str]:
    return [words.quote(b.start, b.stop) for b in words.layout.blocks if b.kind == kind]


MODELS: list[Line] = [
    (50, 101, "Function"), (250, 101, "Comments"),
    (50, 121, "lm()"), (250, 121, "Standard models, fit"), (250, 133, "by least squares."),
    (50, 145, "glm()"), (250, 145, "More general models."),
    (50, 157, "gls()"), (250, 157, "Generalized ones."),
]  # fmt: skip
HEAD = ["Function", "Comments"]
ROWS = [["lm()", "Standard models, fit by least squares."], ["glm()", "More general models."],
        ["gls()", "Generalized ones."]]  # fmt: skip


def test_a_rule_drawn_anew_for_each_row_tells_the_rows_that_the_model_took_for_one() -> None:
    regions = grid(TWO, [98, 118, 170])
    assert cells_of(assemble(page_of(MODELS, regions)))[1:] != ROWS
    drawn = with_strokes(regions, [98, 118, 144, 156, 170])
    assert cells_of(assemble(page_of(MODELS, drawn))) == [HEAD, *ROWS]
    through_a_line = with_strokes(regions, [98, 118, 144, 162, 170])
    assert cells_of(assemble(page_of(MODELS, through_a_line)))[1:] != ROWS


def test_rows_with_strokes_of_their_own_are_not_joined_although_their_names_are_small() -> None:
    lines: list[Line] = [
        (50, 101, "matrix"), (250, 101, "response to"), (50, 121, "mean plus"), (250, 121, "rise of eps"),
        (50, 133, "mean minus"), (250, 133, "fall of eps"),
    ]  # fmt: skip
    regions = with_strokes(grid(TWO, [98, 118, 131, 145]), [98, 118, 131, 145])
    assert cells_of(assemble(page_of(lines, regions)))[1:] == [
        ["mean plus", "rise of eps"],
        ["mean minus", "fall of eps"],
    ]


def test_strokes_of_boxes_within_a_cell_are_no_rows() -> None:
    lines: list[Line] = [
        (50, 101, "Fault"), (250, 101, "What to do"), (50, 121, "No foam"), (250, 121, "Change nozzle"),
        (250, 133, "cold milk: green"), (250, 145, "warm milk: white"),
    ]  # fmt: skip
    regions = with_strokes(grid(TWO, [98, 118, 160]), [98, 118, 131, 143, 160])
    assert cells_of(assemble(page_of(lines, regions)))[1:] == [
        ["No foam", "Change nozzle cold milk: green warm milk: white"]
    ]


def test_the_last_line_of_heads_is_a_row_if_it_is_written_as_the_rows_are() -> None:
    lines: list[Line] = [
        (50, 101, "Name"), (150, 101, "Number"), (250, 101, "Day"),
        (50, 113, "MENA"), (150, 113, "27.083.460"), (250, 113, "09/10/2013"),
        (50, 133, "PISONI"), (150, 133, "26.034.823"), (250, 133, "09/11/2013"),
        (50, 153, "SARRA"), (150, 153, "11.812.381"), (250, 153, "10/12/2013"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid(THREE, [98, 128, 148, 168])))
    assert heads_of(words) == ["Name", "Number", "Day"]
    assert cells_of(words)[1] == ["MENA", "27.083.460", "09/10/2013"]


def test_a_legend_below_typed_dashes_is_no_row_but_a_sum_is() -> None:
    lines: list[Line] = [
        (50, 101, "Term"), (150, 101, "Estimate"), (250, 101, "Error"),
        (50, 121, "age"), (150, 121, "0.02"), (250, 121, "0.03"),
        (50, 141, "hip"), (150, 141, "0.34"), (250, 141, "0.08"), (50, 161, "-----"),
    ]  # fmt: skip
    regions = grid(THREE, [98, 118, 138, 158, 178, 198])
    legend = assemble(
        page_of([*lines, (50, 181, "Codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 ' ' 1 .")], regions)
    )
    assert len(cells_of(legend)) == 3
    assert texts_of(legend, BlockKind.TEXT) == [
        "----- Codes: 0 '***' 0.001 '**' 0.01 '*' 0.05 ' ' 1 ."
    ]
    sums = assemble(
        page_of([*lines, (50, 181, "Sum"), (150, 181, "0.36"), (250, 181, "0.11")], regions)
    )
    assert cells_of(sums)[-1] == ["Sum", "0.36", "0.11"]


def test_ranges_below_one_name_over_all_columns_are_heads() -> None:
    lines: list[Line] = [
        (207, 101, "Cigarettes"), (170, 121, "<10"), (270, 121, "10-20"),
        (50, 141, "Dementia"), (170, 141, "7"), (270, 141, "15"),
        (50, 161, "Other"), (170, 161, "3"), (270, 161, "25"),
    ]  # fmt: skip
    (region,) = grid(THREE, [98, 118, 138, 158, 178]).regions
    stub, name, _, *others = region.cells
    cells = (stub, replace(name, n_columns=2, box=box(145, 98, 345, 118)), *others)
    words = assemble(page_of(lines, seen(replace(region, cells=cells))))
    assert heads_of(words)[-2:] == ["<10", "10-20"]
    assert spans_of(words)["Cigarettes"] == (1, 2)


def test_a_table_of_one_row_of_names_is_text_and_one_of_figures_is_not() -> None:
    places: list[Line] = [(50, 101, "Date"), (250, 101, "Signature")]
    words = assemble(page_of(places, grid(TWO, [98, 118], 0)))
    assert texts_of(words, BlockKind.TEXT) == ["Date Signature"]
    amounts: list[Line] = [(50, 101, "Total"), (250, 101, "1,480")]
    assert cells_of(assemble(page_of(amounts, grid(TWO, [98, 118], 0)))) == [["Total", "1,480"]]


def test_contents_whose_first_line_was_taken_for_heads_have_a_column_of_pages() -> None:
    lines: list[Line] = [
        (50, 101, "1"), (70, 101, "Introduction"), (335, 101, "2"),
        (50, 121, "2"), (70, 121, "Single Columns"), (335, 121, "7"),
        (50, 141, "3"), (70, 141, "Many Columns"), (335, 141, "9"),
    ]  # fmt: skip
    words = assemble(page_of(lines, grid([(45.0, 65.0), (65.0, 345.0)], [98, 118, 138, 158])))
    assert cells_of(words)[0] == ["1", "Introduction", "2"]
    assert heads_of(words) == []


TERMS: list[Line] = [
    (50, 121, "age"), (180, 121, "0.02"), (285, 121, "0.031"),
    (50, 141, "hip"), (180, 141, "0.34"), (285, 141, "0.082"),
    (50, 161, "waist"), (180, 161, "0.21"), (285, 161, "0.067"),
]  # fmt: skip


def test_lines_in_letters_of_one_width_that_the_model_tore_into_cells_are_prose() -> None:
    heads: list[Line] = [(50, 101, "Term"), (175, 101, "Value"), (285, 101, "Error")]
    prose: Line = (50, 181, "Likelihood ratio test=448.4 on 11 df, p=< 2.2e-16 of terms")
    regions = grid(THREE, [98, 118, 138, 158, 178, 198])
    words = assemble(page_of([*heads, *TERMS, prose], regions))
    assert texts_of(words, BlockKind.TEXT) == [prose[2]]
    assert cells_of(words)[-1] == ["waist", "0.21", "0.067"]


def test_a_line_above_a_table_whose_words_end_where_its_columns_end_is_its_heads() -> None:
    lines: list[Line] = [
        (155, 107, "A value Other errors"), (50, 121, "age"), (170, 121, "0.02"), (230, 121, "0.031"),
        (50, 141, "hip"), (170, 141, "0.34"), (230, 141, "0.082"),
        (50, 161, "waist"), (170, 161, "0.21"), (230, 161, "0.067"),
    ]  # fmt: skip
    columns = [(45.0, 145.0), (145.0, 200.0), (200.0, 270.0)]
    words = assemble(page_of(lines, grid(columns, [118, 138, 158, 178], 0)))
    assert heads_of(words) == ["A value", "Other errors"]
    moved = [(155, 107, "A value Other"), *lines[1:]]
    assert heads_of(assemble(page_of(moved, grid(columns, [118, 138, 158, 178], 0)))) == []


def test_heads_that_end_where_their_columns_end_are_no_name_of_a_group_and_na_is_a_figure() -> None:
    lines: list[Line] = [
        (165, 101, "price"), (194, 101, "and lag"), (50, 121, "2005-02-10"), (165, 121, "43.78"),
        (219, 121, "NA"), (50, 141, "2005-02-11"), (165, 141, "43.79"), (204, 141, "43.78"),
        (50, 161, "2005-02-14"), (165, 161, "43.72"), (204, 161, "43.79"),
    ]  # fmt: skip
    columns = [(45.0, 145.0), (145.0, 192.0), (192.0, 270.0)]
    words = assemble(page_of(lines, grid(columns, [98, 118, 138, 158, 178], 2)))
    assert heads_of(words) == ["price", "and lag"]
    assert cells_of(words)[1] == ["2005-02-10", "43.78", "NA"]


def test_a_row_of_one_cell_below_heads_names_the_rows_that_follow() -> None:
    lines: list[Line] = [
        (50, 101, "Program"), (150, 101, "2006"), (250, 101, "2007"), (140, 121, "Budget Authority"),
        (50, 141, "Center"), (150, 141, "$ 55"), (250, 141, "$ 58"),
        (50, 161, "Field"), (150, 161, "$ 7"), (250, 161, "$ 6"),
    ]  # fmt: skip
    (region,) = grid(THREE, [98, 118, 138, 158, 178], 2).regions
    title = replace(region.cells[3], n_columns=3, box=box(45, 118, 345, 138))
    cells = (*region.cells[:3], title, *region.cells[6:])
    words = assemble(page_of(lines, seen(replace(region, cells=cells))))
    assert heads_of(words) == ["Program", "2006", "2007"]
    assert cells_of(words)[1] == ["Budget Authority"]


def test_contents_and_an_index_have_a_name_and_a_page_whatever_columns_the_model_sees() -> None:
    contents: list[Line] = [
        (50, 101, "1"), (70, 101, "Usage"), (335, 101, "2"),
        (70, 121, "1.1 Calling ......."), (335, 121, "2"), (70, 141, "1.2 Options ......."), (335, 141, "3"),
        (70, 161, "1.3 Weights ......."), (335, 161, "5"), (50, 181, "2"), (70, 181, "Bugs"), (335, 181, "6"),
    ]  # fmt: skip
    columns = [(45.0, 65.0), (65.0, 110.0), (110.0, 345.0)]
    words = assemble(page_of(contents, grid(columns, [98, 118, 138, 158, 178, 198])))
    assert cells_of(words) == [
        ["1 Usage", "2"], ["1.1 Calling .......", "2"], ["1.2 Options .......", "3"],
        ["1.3 Weights .......", "5"], ["2 Bugs", "6"],
    ]  # fmt: skip
    index: list[Line] = [
        (x, 101 + 20 * n, text)
        for left in (50, 350)
        for n, (name, page) in enumerate([("B", ""), ("box ....", "4"), ("bag ....", "9"), ("C", ""),
                                          ("cut ....", "7"), ("car ....", "8")])
        for x, text in ([(left + 60, name)] if not page else [(left, name), (left + 145, page)])
    ]  # fmt: skip
    halves = grid([(45.0, 345.0), (345.0, 545.0)], [98, 118, 138, 158, 178, 198, 218], 0)
    lists = tables_of(assemble(page_of(index, halves)))
    assert [len(block.cells) for block in lists] == [10, 10]  # a letter is a row of one cell


def test_a_head_alone_above_an_empty_one_is_the_head_of_the_names_of_rows() -> None:
    heads: list[Line] = [(50, 81, "Coefficients:"), (175, 101, "Value"), (285, 101, "Error")]
    words = assemble(page_of([*heads, *TERMS], grid(THREE, [78, 98, 118, 138, 158, 178], 2)))
    assert heads_of(words) == ["Coefficients:", "Value", "Error"]


def test_a_first_row_that_is_written_as_all_others_is_no_head() -> None:
    lines: list[Line] = [
        (x, 101 + 20 * row, f"A = 0.{row}{column}") for row in range(3) for column, x in enumerate((50, 250))
    ]  # fmt: skip
    assert heads_of(assemble(page_of(lines, grid(TWO, [98, 118, 138, 158])))) == []


def test_names_below_a_title_in_the_middle_are_the_heads_of_two_columns() -> None:
    lines: list[Line] = [
        (188, 101, "Date formats"), (50, 121, "Format"), (250, 121, "Explanation"),
        (50, 141, "%d"), (250, 141, "day of the month"), (50, 161, "%H"), (250, 161, "hour of the day"),
    ]  # fmt: skip
    words = assemble(
        page_of(lines, grid([(45.0, 155.0), (155.0, 390.0)], [98, 118, 138, 158, 178]))
    )
    assert heads_of(words) == ["Date formats", "Format", "Explanation"]


def test_the_number_of_the_page_below_a_table_is_no_row_of_it() -> None:
    heads: list[Line] = [(50, 101, "Term"), (175, 101, "Value"), (285, 101, "Error")]
    regions = grid(THREE, [98, 118, 138, 158, 178, 215])
    words = assemble(page_of([*heads, *TERMS, (290, 200, "363")], regions))
    assert cells_of(words)[-1] == ["waist", "0.21", "0.067"]
    assert (
        cells_of(assemble(page_of([*heads, *TERMS, (290, 181, "363")], regions)))[-1][-1] == "363"
    )


def test_words_of_heads_are_parted_where_columns_end() -> None:
    lines: list[Line] = [
        (155, 101, "A value Other errors More"), (50, 121, "age"), (170, 121, "0.02"), (230, 121, "0.031"),
        (260, 121, "0.20"), (50, 141, "hip"), (170, 141, "0.34"), (230, 141, "0.082"), (260, 141, "0.51"),
    ]  # fmt: skip
    columns = [(45.0, 145.0), (145.0, 200.0), (200.0, 257.0), (257.0, 300.0)]
    (region,) = grid(columns, [98, 118, 138, 158]).regions
    wide = replace(region.cells[0], n_columns=2, box=box(45, 98, 225, 118))
    cells = (wide, *region.cells[2:])
    words = assemble(page_of(lines, seen(replace(region, cells=cells))))
    assert heads_of(words) == ["A value", "Other errors", "More"]
