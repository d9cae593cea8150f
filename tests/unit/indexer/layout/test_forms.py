"""Forms printed with what was written: labels and values on lines, in boxes, above and below each other."""

from __future__ import annotations

from dataclasses import replace

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords, RenderedPage
from indexer.base.regions import PageRegions, Region, RegionCell
from indexer.layout.assembly import assemble
from tests.unit.indexer.layout.test_assembly import Line, box, page_of, seen, text_of
from tests.unit.indexer.layout.test_mended_tables import heads_of, tables_of
from tests.unit.indexer.layout.test_tables import lines_of, table

THREE = [(45.0, 145.0), (145.0, 245.0), (245.0, 345.0)]


def text_region(*lines: Line) -> PageRegions:
    return seen(Region(BlockKind.TEXT, box(40, 90, 600, 120 + 20 * len(lines))))


def in_small_print(page: RenderedPage, labels: set[str]) -> RenderedPage:
    """Return a page on which words of labels are half as high as the others."""
    boxes = page.words.boxes.copy()
    for i, text in enumerate(page.words.texts):
        if text in labels:
            boxes[i, 3] = boxes[i, 1] + (boxes[i, 3] - boxes[i, 1]) // 2
    return replace(page, words=replace(page.words, boxes=boxes))


def fields_of(words: PageWords) -> list[tuple[str, str]]:
    """Return label and value of each field."""
    return [
        (words.quote(b.start, b.label_stop or b.start), words.quote(b.label_stop or 0, b.stop))
        for b in words.layout.blocks
        if b.kind == BlockKind.FIELD
    ]


def test_labels_that_end_in_colons_have_the_values_beside_them_whatever_stands_around() -> None:
    pairs = [("Date:", "9 May"), ("Agency:", "Ports"), ("Name of the thing:", "A crane of some"),
             ("Berth:", "C 17")]  # fmt: skip
    lines: list[Line] = [(50.0, 100.0, "Fill in every line of this form in black ink and send it")]
    for i, (label, value) in enumerate(pairs):
        lines += [(50.0, 130.0 + 20 * i, label), (300.0, 130.0 + 20 * i, value)]
    lines.insert(7, (300.0, 181.0, "height"))
    lines.append((50.0, 220.0, "Whoever signs for a crane is liable for it as its owner would be"))
    words = assemble(page_of(lines, text_region(*lines)))
    pairs[2] = ("Name of the thing:", "A crane of some height")
    assert fields_of(words) == pairs
    around = [text_of(words, b) for b in words.layout.blocks if b.kind == BlockKind.TEXT]
    assert around == [lines[0][2], lines[-1][2]]


def test_definitions_without_colons_stay_text() -> None:
    lines = [(50.0, 100.0, "The words of the trade are these and no others may be used in it")]
    lines += lines_of([("Keel", "below"), ("Mast", "above"), ("Sail", "cloth")], (50.0, 300.0))
    lines[1:] = [(x, y + 30, text) for x, y, text in lines[1:]]
    assert fields_of(assemble(page_of(lines, text_region(*lines)))) == []


def test_names_in_small_print_below_what_was_written_name_it() -> None:
    rows = [("Okafor", "4 June"), ("Applicant", "Date"), ("Ely", ""), ("Place", "Signature")]
    lines: list[Line] = [line for line in lines_of(rows, (50.0, 300.0)) if line[2]]
    page = page_of(lines, text_region(*lines))
    words = assemble(in_small_print(page, {"Applicant", "Date", "Place", "Signature"}))
    assert fields_of(words) == [("Applicant", "Okafor"), ("Date", "4 June"), ("Place", "Ely"),
                                ("Signature", "")]  # fmt: skip


def test_boxes_of_different_widths_have_their_names_in_the_upper_left_corner() -> None:
    rows = [("Invoice", "Day", "Due"), ("A-17", "2 May", "1 June"), ("Customer", "", "Account"),
            ("Aske Bakery of Mill Lane", "", "88031")]  # fmt: skip
    (region,) = table(THREE, 4, n_heads=0).regions
    wide = RegionCell(3, 0, box(45, 160, 245, 180), n_columns=2)
    cells = [c for c in region.cells if (c.row, c.column) not in ((3, 0), (3, 1))]
    regions = seen(replace(region, cells=(*cells[:9], wide, *cells[9:])))
    page = page_of(lines_of(rows, (50.0, 150.0, 250.0)), regions)
    words = assemble(in_small_print(page, {"Invoice", "Day", "Due", "Customer", "Account"}))
    assert fields_of(words) == [("Invoice", "A-17"), ("Day", "2 May"), ("Due", "1 June"),
                                ("Customer", "Aske Bakery of Mill Lane"), ("Account", "88031")]  # fmt: skip


def test_rows_with_amounts_or_dashes_behind_their_names_are_no_further_heads() -> None:
    rows = [
        ("", "Air", "Water"),
        ("Ethane", "100", "-"),
        ("Butane", "50", "-"),
        ("Benzol", "1", "10"),
    ]
    words = assemble(page_of(lines_of(rows, (50.0, 150.0, 250.0)), table(THREE, 4, n_heads=3)))
    assert heads_of(words) == ["Air", "Water"]


def test_a_row_alone_is_a_table_only_with_a_cell_of_figures() -> None:
    for cell, n_tables in (("form 14411", 0), ("14,411", 1)):
        row = [("Notice", cell, "page two")]
        words = assemble(page_of(lines_of(row, (50.0, 150.0, 250.0)), table(THREE, 1, n_heads=0)))
        assert len(tables_of(words)) == n_tables
