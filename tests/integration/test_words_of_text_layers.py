"""Words that documents draw in unusual ways, in generated PDFs, through the rasterizer's child."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from indexer.base.pages import PageWords
from indexer.base.settings import IndexerSettings
from indexer.inputs.rasterizer import Rasterizer

BODY_PT, SMALL_PT, RISE_PT = 12, 7, 4


def words_of(document: pymupdf.Document, folder: Path) -> PageWords:
    path = folder / "page.pdf"
    document.save(path)
    with Rasterizer(IndexerSettings()).open(path) as opened:
        (page,) = opened.pages()
    return page.words


def draw(page: pymupdf.Page, y: float, text: str) -> None:
    """Draw a line; ^{..} is raised and small, _{..} lowered and small."""
    x = 60.0
    for part in text.replace("}", "{").split("{"):
        shift = {"^": -RISE_PT, "_": 1.5}.get(text[text.find("{" + part) - 1], 0.0) if part else 0.0
        is_small = bool(part) and "{" + part + "}" in text
        shown = part.rstrip("^_") if not is_small else part
        size, rise = (SMALL_PT, shift) if is_small else (BODY_PT, 0.0)
        page.insert_text((x, y + rise), shown, fontsize=size)
        x += pymupdf.get_text_length(shown, fontsize=size)


@pytest.mark.parametrize(
    ("drawn", "texts", "quote"),
    [
        ("costs 1,480^{2} euros", ["costs", "1,480", "2", "euros"], "costs 1,480 ² euros"),
        ("of 10^{5} pascal", ["of", "10", "5", "pascal"], "of 10⁵ pascal"),
        ("64 m^{2}, paved", ["64", "m", "2", ",", "paved"], "64 m², paved"),
        ("H_{2}O boils", ["H", "2", "O", "boils"], "H₂O boils"),
        ("only $4^{75} each", ["only", "$4", "75", "each"], "only $4.75 each"),
        ("the 1^{st} day", ["the", "1st", "day"], "the 1st day"),
        ("M^{lle} Duval", ["Mlle", "Duval"], "Mlle Duval"),
        ("in 19%^{a} of", ["in", "19%a", "of"], "in 19%a of"),
        ("about 72^{a} of", ["about", "72", "a", "of"], "about 72 ᵃ of"),
        ("arrival.^{3} Then", ["arrival.", "3", "Then"], "arrival.³ Then"),
        ("^{3} with operator", ["3", "with", "operator"], "³ with operator"),
    ],
)
def test_raised_and_lowered_figures_are_words_of_their_own(
    drawn: str, texts: list[str], quote: str, tmp_path: Path
) -> None:
    document = pymupdf.open()
    draw(document.new_page(), 100, drawn)
    words = words_of(document, tmp_path)
    assert list(words.texts) == texts
    assert words.text() == quote
    assert (words.boxes[:, 0] < words.boxes[:, 2]).all()


def test_a_larger_initial_letter_and_small_capitals_are_one_word(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 100), "N", fontsize=24)
    page.insert_text((60 + pymupdf.get_text_length("N", fontsize=24), 100), "ORVIK", fontsize=12)
    words = words_of(document, tmp_path)
    assert words.texts == ("NORVIK",)
    assert not words.marks.any()


@pytest.mark.parametrize(
    ("lines", "text"),
    [
        (["The notice pe-", "riod is long."], "The notice period is long."),
        (["The notice pe\u00ad", "riod is long."], "The notice period is long."),
        (["after twenty-", "eight days"], "after twenty-eight days"),
        (["pump KD-", "340 is new"], "pump KD-340 is new"),
        (["a well-", "known fact; a well-known one"], "a well-known fact; a well-known one"),
        (["short-", "and long-term"], "short- and long-term"),
        (["an e-", "mail came"], "an e-mail came"),
        (
            ["a light-", "house, the lighthouse, light, house"],
            "a lighthouse, the lighthouse, light, house",
        ),
        (["state-of-the-", "art tools"], "state-of-the-art tools"),
    ],
)
def test_words_parted_at_line_ends_are_read_whole(
    lines: list[str], text: str, tmp_path: Path
) -> None:
    document = pymupdf.open()
    page = document.new_page()
    font = pymupdf.Font("helv")
    for i, line in enumerate(lines):
        writer = pymupdf.TextWriter(page.rect)
        writer.append((60, 100 + 15 * i), line, font=font, fontsize=12)
        writer.write_text(page)
    words = words_of(document, tmp_path)
    assert words.quote(0, len(words)) == text
    assert len(words) == len(" ".join(lines).split())  # each part keeps its own box


FONT = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def test_a_word_drawn_several_times_is_one_word(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for shift in (0, 0.3, 0.6):
        page.insert_text((60 + shift, 100), "The bench costs 349 euros.", fontsize=12)
    x = 60.0
    for text in ("Sum", "of", "42"):
        for shift in (0, 0.4):
            page.insert_text((x + shift, 130), text, fontsize=12)
        x += pymupdf.get_text_length(text + " ", fontsize=12)
    page.insert_text((60, 160), "no no no", fontsize=12)
    assert words_of(document, tmp_path).text() == "The bench costs 349 euros.\nSum of 42\nno no no"


def test_letters_that_stand_apart_are_words_and_labels_stay_letters(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 100), "T o t a l   s u m  4 5 0", fontsize=12)
    for i, letter in enumerate("CONTENTS"):
        page.insert_text((60 + 16 * i, 130), letter, fontsize=12)
    page.insert_text((60, 160), "A B C D E", fontsize=12)
    page.insert_text((60, 190), "x x x x", fontsize=12)
    assert words_of(document, tmp_path).text() == "Total sum 450\nCONTENTS\nA B C D E\nx x x x"


@pytest.mark.skipif(not FONT.exists(), reason="needs a font with Hebrew and Arabic letters")
@pytest.mark.parametrize(
    ("visual", "text"),
    [
        (
            "2027 " + "ביוני"[::-1] + " 30 " + "החוזה מסתיים ביום"[::-1],
            "החוזה מסתיים ביום 30 ביוני 2027",
        ),
        ("NIS 1,250.50 " + "מחיר"[::-1] + " 15% " + "הנחה"[::-1], "הנחה 15% מחיר 1,250.50 NIS"),
        ("(4.2 " + "סעיף"[::-1] + ") " + "ראו"[::-1], "ראו (סעיף 4.2)"),
        ("30-06-2027 \ufefb \ufee1\ufefc\ufeb3", "سلام لا 2027-06-30"),
    ],
)
def test_a_line_from_the_right_is_whole_and_in_logical_order(
    visual: str, text: str, tmp_path: Path
) -> None:
    document = pymupdf.open()
    page = document.new_page()
    writer = pymupdf.TextWriter(page.rect)
    writer.append((100, 100), visual, font=pymupdf.Font(fontfile=str(FONT)), fontsize=12)
    writer.write_text(page)
    assert words_of(document, tmp_path).text() == text


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_a_table_typeset_sideways_is_read_along_its_rows(rotation: int, tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for row, cells in enumerate([("Gearbox", "75W-90"), ("Coolant", "G48")]):
        for column, cell in enumerate(cells):
            along, across = 100 * column, 20 * row
            at = {
                90: (200 + across, 600 - along),
                180: (500 - along, 400 - across),
                270: (400 - across, 200 + along),
            }[rotation]
            page.insert_text(at, cell, fontsize=12, rotate=rotation)
    assert words_of(document, tmp_path).text() == "Gearbox 75W-90\nCoolant G48"


def test_columns_of_vertical_text_are_read_from_the_right(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    for x, column in ((80, "二行目です"), (100, "日本語の文")):
        for i, glyph in enumerate(column):
            page.insert_text((x, 100 + 12 * i), glyph, fontsize=12, fontname="japan")
    assert words_of(document, tmp_path).text() == "日本語の文\n二行目です"


def test_a_tick_in_a_font_of_symbols_is_no_figure(tmp_path: Path) -> None:
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 100), "4", fontname="zadb")
    page.insert_text((72, 100), "Paid 4 times")
    assert list(words_of(document, tmp_path).texts) == ["✔", "Paid", "4", "times"]
