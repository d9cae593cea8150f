"""Forms that carry what was written as print, as drawn, through the rasterizer's child."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pymupdf
import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from indexer.layout.document_layout import DocumentLayout

SIDE = 10.0


def read(page: pymupdf.Page, folder: Path) -> PageWords:
    """Return the words of a page as they are stored, by lines alone, which is fast."""
    path = folder / "form.pdf"
    page.parent.save(path)
    with Rasterizer(IndexerSettings(layout="never")).open(path) as document:
        (rendered,) = document.pages()
    return DocumentLayout().lay_out(rendered).words


def fields_of(words: PageWords) -> list[tuple[str, str, bool | None]]:
    return [
        (words.quote(b.start, b.label_stop), words.quote(b.label_stop, b.stop), b.is_ticked)
        for b in words.layout.blocks
        if b.kind == BlockKind.FIELD and b.label_stop is not None
    ]


def draw_box(page: pymupdf.Page, x: float, y: float, mark: str = "") -> None:
    """Draw a box to tick whose lower left corner is at x, y, with a mark of some kind in it."""
    box = pymupdf.Rect(x, y - SIDE, x + SIDE, y)
    if mark == "four strokes":
        for a, b in pairwise((box.tl, box.tr, box.br, box.bl, box.tl)):
            page.draw_line(a, b, width=0.7)
    else:
        page.draw_rect(box, width=0.7)
    match mark:
        case "cross":
            inner = pymupdf.Rect(x + 2, y - SIDE + 2, x + SIDE - 2, y - 2)
            page.draw_line(inner.tl, inner.br)
            page.draw_line(inner.tr, inner.bl)
        case "square":
            page.draw_rect((x + 2, y - SIDE + 2, x + SIDE - 2, y - 2), fill=(0, 0, 0))
        case "letter":
            page.insert_text((x + 1.5, y - 1), "X", fontsize=10)
        case "sign":
            page.insert_text((x + 1, y - 1), "4", fontname="zadb", fontsize=9)


@pytest.mark.parametrize(
    ("mark", "is_ticked"),
    [
        ("", False),
        ("four strokes", False),
        ("cross", True),
        ("square", True),
        ("letter", True),
        ("sign", True),
    ],
)
def test_a_box_that_is_drawn_is_ticked_where_something_stands_in_it(
    mark: str, is_ticked: bool, tmp_path: Path
) -> None:
    page = pymupdf.open().new_page()
    draw_box(page, 60, 100, mark)
    page.insert_text((76, 99), "I own the vehicle")
    draw_box(page, 60, 120)
    page.insert_text((76, 119), "I rent it")
    assert fields_of(read(page, tmp_path)) == [
        ("I own the vehicle", "☑" if is_ticked else "☐", is_ticked), ("I rent it", "☐", False)]  # fmt: skip


def test_boxes_with_a_name_before_them_have_what_is_ticked_as_its_value(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    page.insert_text((60, 99), "Sex:")
    for x, label, mark in [(100, "Male", ""), (180, "Female", "cross"), (260, "Other", "")]:
        draw_box(page, x, 100, mark)
        page.insert_text((x + 14, 99), label)
    assert fields_of(read(page, tmp_path)) == [
        ("Sex:", "☑ Female", None), ("Male", "☐", False), ("Other", "☐", False)]  # fmt: skip


def test_boxes_behind_their_labels_belong_to_what_stands_before_them(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    page.insert_text((60, 99), "Had you one before?  Yes")
    draw_box(page, 210, 100)
    page.insert_text((232, 99), "No")
    draw_box(page, 252, 100, "cross")
    assert fields_of(read(page, tmp_path)) == [
        ("Had you one before?", "No ☑", None), ("Yes", "☐", False)]  # fmt: skip


def test_the_squares_of_a_legend_are_no_boxes_to_tick(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    for x, colour in ((60, (0.3, 0.35, 0.4)), (160, (0.0, 0.3, 0.35)), (260, (0.85, 0.35, 0.2))):
        page.draw_rect((x, 92.4, x + 7.2, 99.6), color=None, fill=colour)
        page.insert_text((x + 12, 99), "Hydro")
    words = read(page, tmp_path)
    assert words.texts == ("Hydro",) * 3 and fields_of(words) == []


def test_boxes_that_touch_are_places_for_letters_and_bullets_no_boxes(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    for i, figure in enumerate("482"):
        page.draw_rect((60 + 14 * i, 90, 74 + 14 * i, 104), width=0.7)
        page.insert_text((64 + 14 * i, 101), figure)
    page.draw_rect((60, 120, 67, 127), fill=(0.1, 0.1, 0.5))
    page.insert_text((76, 127), "Income of the year")
    words = read(page, tmp_path)
    assert words.texts == ("4", "8", "2", "Income", "of", "the", "year")
    assert fields_of(words) == []


def test_a_label_goes_on_in_the_lines_below_it(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    draw_box(page, 60, 100, "cross")
    page.insert_text((76, 99), "I agree that what is written here\nmay be passed on to the police")
    page.insert_text((60, 150), "Signed by the applicant")
    label = "I agree that what is written here may be passed on to the police"
    assert fields_of(read(page, tmp_path)) == [(label, "☑", True)]


def test_boxes_within_a_sentence_stay_in_it(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    page.insert_text((60, 99), "Say by a mark if the company has filed all its reports. Yes")
    draw_box(page, 370, 100, "cross")
    page.insert_text((383, 99), "No")
    draw_box(page, 400, 100)
    words = read(page, tmp_path)
    assert words.text().endswith("reports. Yes ☑ No ☐")
    assert fields_of(words) == []


def write(page: pymupdf.Page, x: float, y: float, label: str, value: str) -> None:
    """Write a label in small print and its value below it."""
    page.insert_text((x + 3, y + 8), label, fontsize=6.5)
    page.insert_text((x + 10, y + 24), value, fontsize=10, fontname="cour")


def test_what_stands_in_a_box_below_a_small_label_is_its_value(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    rows = [[("a Number", "512-88"), ("1 Wages", "52,345.67"), ("2 Tax", "")],
            [("b Employer", "Brill Mills\nLowell"), ("3 Pension", "310.00"), ("4 Tips", "")]]  # fmt: skip
    for i, row in enumerate(rows):
        for j, (label, value) in enumerate(row):
            page.draw_rect((60 + 150 * j, 80 + 45 * i, 210 + 150 * j, 125 + 45 * i), width=0.6)
            write(page, 60 + 150 * j, 80 + 45 * i, label, value)
    assert fields_of(read(page, tmp_path)) == [
        (label, value.replace("\n", " "), None) for row in rows for label, value in row
    ]


def test_a_grid_of_cells_in_one_size_of_print_is_no_form(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    for i, row in enumerate([("Port", "Ships"), ("Hull", "12"), ("Bergen", "31"), ("Oslo", "7")]):
        for j, text in enumerate(row):
            page.draw_rect((60 + 90 * j, 80 + 30 * i, 150 + 90 * j, 110 + 30 * i), width=0.6)
            page.insert_text((64 + 90 * j, 99 + 30 * i), text, fontsize=10)
    words = read(page, tmp_path)
    assert [block.kind for block in words.layout.blocks] == [BlockKind.TABLE]


def test_amounts_below_each_other_in_one_box_are_a_column_and_no_value(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    for j, head in enumerate(("Hours", "Rate", "Amount", "Tax")):
        page.draw_rect((60 + 90 * j, 80, 150 + 90 * j, 140), width=0.6)
        write(page, 60 + 90 * j, 80, head, "12.50\n310.00\n7.00")
    assert fields_of(read(page, tmp_path)) == []


def test_small_names_beside_each_other_have_what_stands_below_them(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    page.insert_text((60, 70), "Fernhill Health Plan", fontsize=14)
    pairs = [("MEMBER NAME", "Ida M. Castellan"), ("MEMBER ID", "FHP 4471"), ("COPAY", "$25")]
    for (label, value), (x, y) in zip(pairs, [(60, 100), (230, 100), (60, 140)], strict=True):
        page.insert_text((x, y), label, fontsize=6)
        page.insert_text((x, y + 14), value, fontsize=11)
    assert fields_of(read(page, tmp_path)) == [(label, value, None) for label, value in pairs]


def test_small_letters_among_formulas_are_no_names(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    for x, y, formula in ((60, 100, "a ¬b"), (230, 100, "b ¬c"), (60, 140, "c ¬d")):
        page.insert_text((x, y), "where x", fontsize=6)
        page.insert_text((x, y + 14), formula, fontsize=11)
    assert fields_of(read(page, tmp_path)) == []


def test_what_is_typed_over_a_blank_stands_in_its_sentence(tmp_path: Path) -> None:
    page = pymupdf.open().new_page()
    page.insert_text((60, 110), "I, ______________________, hereby declare", fontsize=10)
    page.insert_text((85, 108), "Maria Lopez", fontsize=10, fontname="cour")
    assert read(page, tmp_path).text() == "I, Maria Lopez , hereby declare"
