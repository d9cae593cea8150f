"""Words that documents draw in unusual ways, in generated PDFs, through the rasterizer's child."""

from __future__ import annotations

from pathlib import Path

import pymupdf
import pytest

from indexer.base.pages import PageWords
from indexer.base.settings import IndexerSettings
from indexer.inputs.pdf.rasterizer import Rasterizer

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
