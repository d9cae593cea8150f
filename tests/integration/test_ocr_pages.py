"""Pages of PDF files get the words that their text layers lack, by the rasterizer and the engine."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pymupdf
import pytest

from indexer.base.pages import RenderedPage
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer
from indexer.layout.document_layout import DocumentLayout
from indexer.ocr import PageReader

pytest.importorskip("rapidocr", reason="rapidocr is not installed")

SETTINGS = IndexerSettings()
LINES = (
    "The jetty is 38 metres long.",
    "The treasurer is Odile Verne.",
    "Renewal costs 2,150 pounds.",
)
PROSE = (
    "Copy from the reading room of the county archive, made for private study on 12 June. Passing on this "
    "copy, printing more than one sheet of it or putting it on a public server is not allowed. Questions "
    "about rights are answered by the archive desk on weekdays between nine and noon, all year."
)

PROSE_LINES = ("The pump is inspected each spring.", "The roof is tiled with grey slate.")


@pytest.fixture(scope="module")
def reader() -> PageReader:
    return PageReader(1)


@pytest.fixture
def completed(reader: PageReader, tmp_path: Path) -> Callable[..., RenderedPage]:
    def complete(document: pymupdf.Document, reader: PageReader = reader) -> RenderedPage:
        path = tmp_path / "drawn.pdf"
        document.save(path)
        with Rasterizer(SETTINGS).open(path) as pdf:
            page = next(pdf.pages())
            return reader.complete([page], [pdf.part_renderer])[0]

    return complete


def picture(size_pt: float = 16, dpi: int = 150, lines: tuple[str, ...] = LINES) -> pymupdf.Pixmap:
    """Print lines on a sheet and take its picture."""
    document = pymupdf.open()
    page = document.new_page(width=420, height=40 + 2 * size_pt * len(lines))
    for row, line in enumerate(lines):
        page.insert_text((20, 20 + 2 * size_pt * (row + 0.5)), line, fontsize=size_pt)
    return page.get_pixmap(dpi=dpi, colorspace=pymupdf.csGRAY)


def page_with(pixmap: pymupdf.Pixmap, text: str = "", **options: int) -> pymupdf.Document:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(pymupdf.Rect(80, 300, 500, 500), pixmap=pixmap, **options)
    if text:
        page.insert_textbox(pymupdf.Rect(50, 50, 545, 200), text, fontsize=11)
    return document


def test_a_picture_of_print_on_a_text_page_is_read(completed):
    page = completed(page_with(picture(), PROSE))
    assert page.words.texts[: len(PROSE.split())] == tuple(PROSE.split())
    assert page.words.text().endswith("\n".join(LINES))
    assert page.words.source == "text"
    assert page.warnings == ()


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_picture_on_its_side_or_head_is_read(completed, degrees):
    page = completed(page_with(picture(), rotate=degrees))
    assert page.words.text() == "\n".join(LINES)


@pytest.mark.parametrize("degrees", [90, 180, 270])
def test_a_scan_that_lies_on_its_side_or_head_is_laid_out_as_it_is_read(completed, degrees):
    lines = (*LINES, *(line.replace("is", "was") for line in PROSE_LINES))
    pixmap = picture(lines=lines)
    document = pymupdf.open()
    is_turned = degrees != 180
    size = (pixmap.height, pixmap.width) if is_turned else (pixmap.width, pixmap.height)
    page = document.new_page(width=size[0] * 0.48, height=size[1] * 0.48)
    page.insert_image(page.rect, pixmap=pixmap, rotate=degrees)
    words = DocumentLayout().lay_out(completed(document)).words
    assert words.text() == "\n".join(lines)


def test_letters_drawn_as_outlines_are_read(completed):
    document = pymupdf.open("pdf", page_with(picture(), PROSE).tobytes())
    source = pymupdf.open()
    sheet = source.new_page()
    sheet.insert_text((100, 600), "Outlined total 7,310 euros", fontsize=14)
    outlined = pymupdf.open("svg", sheet.get_svg_image(text_as_path=True).encode())
    document[0].show_pdf_page(sheet.rect, pymupdf.open("pdf", outlined.convert_to_pdf()))
    assert "Outlined total 7,310 euros" in completed(document).words.text()


def test_small_print_is_read_from_the_pixels_of_its_picture(completed):
    small = picture(5, 600, tuple(f"The fee of line {n} is {185 + n} euros" for n in range(5)))
    document = pymupdf.open()
    document.new_page().insert_image(pymupdf.Rect(80, 300, 500, 385), pixmap=small)
    text = completed(document).words.text()
    assert sum(f"{185 + n} euros" in text for n in range(5)) >= 4


def scan_with_layer(layer_lines: tuple[str, ...]) -> pymupdf.Document:
    """Draw a scan of a page, and over it what an OCR program took it for, invisibly."""
    sheet, document = pymupdf.open(), pymupdf.open()
    paper, page = sheet.new_page(), document.new_page()
    for row, line in enumerate(LINES):
        paper.insert_text((80, 200 + 40 * row), line, fontsize=16)
    page.insert_image(page.rect, pixmap=paper.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY))
    for row, line in enumerate(layer_lines):
        page.insert_text((80, 200 + 40 * row), line, fontsize=16, render_mode=3)
    return document


def test_an_old_ocr_layer_that_says_something_else_makes_way(completed):
    page = completed(scan_with_layer(("Xqwv zbrk 88 pflmg hdnvc.",) * 3))
    assert page.words.text() == "\n".join(LINES)
    assert page.words.source == "ocr"


def test_an_old_ocr_layer_with_some_errors_stays(completed):
    layer = tuple(line.replace("m", "rn").replace("e ", "c ") for line in LINES)
    page = completed(scan_with_layer(layer))
    assert page.words.text() == "\n".join(layer)
    assert page.words.source == "text"


def test_a_page_of_ink_without_words_says_so(completed):
    document = pymupdf.open()
    shape = document.new_page().new_shape()
    for n in range(4000):  # a pattern that no line of print resembles
        x, y = 40 + 8 * (n % 64), 40 + 12 * (n // 64)
        shape.draw_line((x, y), (x + 5, y + 9))
    shape.finish(width=1.5)
    shape.commit()
    assert completed(document).warnings == ("much ink, 0 words read",)


SCRIPTS = {
    "Greek": "Ο μισθωτής καταβάλλει εγγύηση 3.250 ευρώ πριν από την παράδοση των κλειδιών.",
    "Russian": "Арендатор вносит залог в размере 3250 евро до передачи ключей от квартиры.",
    "Hebrew": "השוכר משלם פיקדון של 3250 אירו לפני מסירת המפתחות לדירה החדשה.",
    "Arabic": "يدفع المستأجر وديعة قدرها ٣٢٥٠ يورو قبل تسليم مفاتيح الشقة الجديدة.",
    "Thai": "ผู้เช่าต้องจ่ายเงินมัดจำจำนวน 3250 ยูโรก่อนส่งมอบกุญแจห้องพักใหม่",
    "Korean": "임차인은 아파트 열쇠를 받기 전에 보증금 3250유로를 지불해야 합니다.",
    "Hindi": "किरायेदार को चाबी मिलने से पहले 3250 यूरो की जमा राशि देनी होगी।",
}


@pytest.mark.parametrize("script", SCRIPTS)
def test_a_scan_in_a_script_that_is_not_read_says_so(completed, monkeypatch, script):
    monkeypatch.setattr("indexer.ocr.tesseract.shutil.which", lambda _: None)
    reader = PageReader(1)
    sheet, document = pymupdf.open(), pymupdf.open()
    paper, page = sheet.new_page(), document.new_page()
    text = "".join(f"<p>{SCRIPTS[script]}</p>" for _ in range(4))
    paper.insert_htmlbox(pymupdf.Rect(60, 60, 540, 400), text, css="* {font-size: 12pt}")
    page.insert_image(page.rect, pixmap=paper.get_pixmap(dpi=150, colorspace=pymupdf.csGRAY))
    (warning,) = completed(document, reader).warnings
    assert "its script is not one that this OCR reads" in warning


def photograph() -> pymupdf.Pixmap:
    """Draw soft and hard patches of all tones, as leaves and stones have them."""
    generator = np.random.default_rng(7)
    grey = np.zeros((600, 450))
    for size in (4, 12, 50):
        patches = generator.uniform(0, 255 / 3, (600 // size + 1, 450 // size + 1))
        grey += np.kron(patches, np.ones((size, size)))[:600, :450]
    return pymupdf.Pixmap(pymupdf.csGRAY, 450, 600, grey.astype(np.uint8).tobytes(), False)


def test_a_page_that_is_a_photograph_does_not_warn(completed):
    document = pymupdf.open()
    page = document.new_page()
    page.insert_image(page.rect, pixmap=photograph())
    assert completed(document).warnings == ()


@pytest.mark.parametrize(("ground", "print_"), [("#101828", "#f2f4f7"), ("#3b0764", "#fde047")])
def test_a_dark_slide_is_read(completed, ground, print_):
    slide, document = pymupdf.open(), pymupdf.open()
    sheet, page = slide.new_page(width=720, height=405), document.new_page(width=720, height=405)
    html = f'<div style="background-color: {ground}; color: {print_}">'
    html += "".join(f"<p>{line}</p>" for line in LINES) + "</div>"
    sheet.insert_htmlbox(pymupdf.Rect(40, 40, 680, 360), html, css="* {font-size: 24pt}")
    page.insert_image(page.rect, pixmap=sheet.get_pixmap(dpi=110))
    assert completed(document).words.text() == "\n".join(LINES)


def test_a_slanted_stamp_is_read(completed):
    stamp = pymupdf.open()
    sheet = stamp.new_page(width=300, height=300)
    middle = pymupdf.Point(150, 150)
    matrix = pymupdf.Matrix(1, 1).prerotate(15)
    sheet.draw_rect(pymupdf.Rect(60, 120, 240, 175), color=(0.7, 0, 0), width=3)
    sheet.insert_text(
        (72, 157), "RECEIVED 7 MAY", fontsize=18, color=(0.7, 0, 0), morph=(middle, matrix)
    )
    document = page_with(sheet.get_pixmap(dpi=150), PROSE)
    assert "RECEIVED 7 MAY" in completed(document).words.text()


def test_the_labels_of_a_chart_picture_are_read(completed):
    chart = pymupdf.open()
    sheet = chart.new_page(width=420, height=260)
    for n, (city, value) in enumerate((("Lisbon", 41), ("Oslo", 27), ("Graz", 63))):
        bar = pymupdf.Rect(60 + 120 * n, 210 - 2.4 * value, 120 + 120 * n, 210)
        sheet.draw_rect(bar, fill=(0.2, 0.4, 0.8))
        sheet.insert_text((70 + 120 * n, 230), city, fontsize=13)
        sheet.insert_text((80 + 120 * n, bar.y0 - 6), f"{value}%", fontsize=13)
    text = completed(page_with(sheet.get_pixmap(dpi=150), PROSE)).words.text()
    assert "Lisbon Oslo Graz" in text
    assert all(value in text for value in ("41%", "27%", "63%"))


def test_reading_stops_at_its_limits_and_says_so(tmp_path):
    path = tmp_path / "scan.pdf"
    page_with(picture()).save(path)
    with Rasterizer(SETTINGS).open(path) as pdf:
        (page,) = PageReader(1, max_px=1000).complete([next(pdf.pages())], [pdf.part_renderer])
    assert len(page.words) == 0
    assert any("PAGESIGHT_OCR_PAGE_PX" in warning for warning in page.warnings)
