"""Which pages are in a script that the engine does not read, and what Tesseract makes of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from indexer.ocr.printed_lines import PrintedLine
from indexer.ocr.tesseract import Tesseract
from indexer.ocr.unread_scripts import OtherScripts, unread_lines

SIZE = (1000, 200)
PAGE = Image.new("L", SIZE, "white")


def line(text: str, score: float, n: int = 0, letters: float = 2.4) -> PrintedLine:
    """A line so long as print of that many letters to its height is."""
    height = 20.0
    length = max(len(text.replace(" ", "")), 1) * height / letters
    x0, y0, x1, y1 = 10.0, 30.0 * n, 10.0 + max(length, 6 * height), 30.0 * n + height
    return PrintedLine(np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]]), 0, text, score)


@pytest.mark.parametrize(
    "lines",
    [
        [line("The tenant pays a deposit of 3,250 euros", 0.99, n) for n in range(4)],
        [line("承租人在交付钥匙之前支付押金三千二百五十元", 1.0, n, 1.35) for n in range(4)],
        [line("Die Miete ist am fünften Werktag fällig", 0.98, n, 2.1) for n in range(4)],
        [line("- 7 -", 0.6), line("Total", 0.99, 1)],
        [],
    ],
    ids=["English", "Chinese", "German", "short lines", "nothing"],
)
def test_scripts_that_are_read_are_not_warned_of(lines):
    assert unread_lines(lines) == []


@pytest.mark.parametrize(
    "lines",
    [
        [line("     .", 0.95, n) for n in range(3)],
        [line("LAICL QAO GCLLL GC QOALU LOGUULU L", 0.82, n, 2.1) for n in range(3)],
        [line("", 0.0, n) for n in range(3)],
        [line("わh晷10H暑局居品Hわ唇如ぎ化品", 0.44, n, 1.2) for n in range(3)],
        [line("Ngưi thuê tr tin đt cc trưc khi nhn chìa", 0.98, n, 2.0) for n in range(3)],
    ],
    ids=["Cyrillic", "Hebrew", "Arabic", "Korean", "Vietnamese"],
)
def test_scripts_that_are_not_read_are_noticed(lines):
    assert unread_lines(lines) == lines


def test_a_doubtful_line_on_a_page_that_was_read_is_no_script():
    lines = [line("The tenant pays a deposit of 3,250 euros", 0.99, n) for n in range(9)]
    assert unread_lines([*lines, line("sdf klj wer", 0.6, 9)]) == []


@pytest.mark.parametrize(
    "texts",
    [
        [
            "Carte Figative des pete susicsbe elmie rnais as la omage",
            "og Ciers, dégurdeezonsa dambray",
        ],
        ["adi r Oaaa Wad ionj md a'aomie ke bel", "the quick bro fox jmps ovr lzy dgs"],
    ],
)
def test_print_that_is_hard_to_read_is_no_other_script(texts):
    lines = [line(text, 0.55, n, 2.0) for n, text in enumerate(texts * 2)]
    assert unread_lines(lines) == []


def test_greek_is_noticed_however_sure_the_engine_is():
    lines = [line("ιωτ καταβλλει εγγη 3.250 ερ πριν απ την παρδση", 0.95, n) for n in range(3)]
    assert unread_lines(lines) == lines


def test_two_lines_are_noticed_only_on_a_page_without_words():
    lines = [line("     .", 0.95, n) for n in range(2)]
    assert unread_lines(lines) == lines
    words = line("Fig. 7 to 9", 0.99, 3, 1.2)
    assert unread_lines([*lines, words]) == []


class Installed(Tesseract):
    """Tesseract with two languages, of which the second fits."""

    languages = ("heb", "rus")  # type: ignore[assignment]

    def _run(self, arguments, data, wall_s):
        head = "\t".join(["level"] * 12)
        confidence = 95 if "rus" in arguments else 20
        rows = [
            ["5", "1", "1", "1", "1", "1", "20", "2", "60", "16", str(confidence), "Договор"],
            ["5", "1", "1", "1", "2", "1", "20", "32", "60", "16", str(confidence), "аренды"],
            ["5", "1", "1", "1", "2", "2", "81", "32", "9", "16", str(confidence), "!"],
            ["5", "1", "1", "1", "3", "1", "x", "32", "9", "16", "95", "broken"],
            ["5", "1", "1", "1", "3", "1", "20", "900", "9", "16", "95", "outside"],
        ]
        return "\n".join([head, *map("\t".join, rows), "too\tshort"]).encode()


def test_the_language_that_is_surest_reads_the_page():
    unread = [line("     .", 0.95, n) for n in range(2)]
    words = OtherScripts(Installed("tesseract")).read(PAGE, unread, SIZE)
    assert words.text() == "Договор\nаренды!"
    assert words.source == "ocr"


def test_without_a_language_that_fits_nothing_is_read():
    class OnlyHebrew(Installed):
        languages = ("heb",)  # type: ignore[assignment]

    words = OtherScripts(OnlyHebrew("tesseract")).read(PAGE, [line(" .", 0.9)], SIZE)
    assert len(words) == 0


def test_a_program_that_fails_or_is_gone_reads_nothing(tmp_path):
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\nexit 1\n")
    program.chmod(0o755)
    for path in (program, tmp_path / "absent"):
        tesseract = Tesseract(str(path))
        assert tesseract.languages == ()
        assert tesseract.read(PAGE, "rus") == []


def test_the_installed_languages_are_those_that_the_engine_lacks(tmp_path):
    program = tmp_path / "tesseract"
    program.write_text("#!/bin/sh\nprintf 'List of languages:\\neng\\nosd\\nrus\\nheb\\n'\n")
    program.chmod(0o755)
    assert Tesseract(str(program)).languages == ("rus", "heb")
