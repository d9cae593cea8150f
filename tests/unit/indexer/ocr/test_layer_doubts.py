"""Which text layers are doubted, and how they are compared with what is printed."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.base.pages import PageWords
from indexer.ocr.layer_doubts import alike, bits_a_letter, confirmed_words, doubtful_words
from tests.unit.indexer.ocr.drawn_pages import page_of, printed, words_of

SENTENCES = {
    "English": "The tenant pays a deposit of 3,250 euros before the keys are handed over.",
    "German": "Schäden am Fußboden trägt der Mieter, die Miete ist monatlich fällig.",
    "Polish": "Najemca wpłaca kaucję przed przekazaniem kluczy do lokalu w październiku.",
    "Finnish": "Vuokralainen maksaa vakuuden ennen avainten luovuttamista asuntoon.",
    "Hungarian": "A bérlő a kulcsok átadása előtt kauciót fizet a tulajdonosnak.",
    "Turkish": "Kiracı anahtarları teslim almadan önce depozito öder ve sözleşme başlar.",
}


def shifted(text: str, by: int) -> str:
    """Return the text with each plain letter replaced by one further on in the alphabet."""
    return "".join(
        chr((ord(c) - base + by) % 26 + base) if c.isascii() and c.isalpha() else c
        for c in text
        for base in (ord("A") if c.isupper() else ord("a"),)
    )


@pytest.mark.parametrize("language", SENTENCES)
def test_ordinary_sentences_are_believed(language):
    image, words = printed(*[SENTENCES[language]] * 4)
    assert doubtful_words(page_of(image, words)) == []


@pytest.mark.parametrize("by", [1, 3, 11, 13, 19, 25])
def test_sentences_in_shifted_letters_are_doubted(by):
    image, words = printed(*[SENTENCES["English"]] * 4)
    texts = tuple(shifted(text, by) for text in words.texts)
    wrong = PageWords(texts, words.boxes, words.lines, "text")
    positions = doubtful_words(page_of(image, wrong))
    assert 3 <= len(positions) <= 8
    assert all(len(texts[i]) >= 4 for i in positions)


def test_tables_of_codes_and_short_lines_are_believed():
    image, words = printed("KD-340/B XJ 21", "WQX 77", "Zzz 4", "BHK 12 XQ")
    assert doubtful_words(page_of(image, words)) == []


def test_other_scripts_are_believed():
    image, words = printed("Договор заканчивается тридцать первого октября", "合同于十月结束")
    assert doubtful_words(page_of(image, words)) == []


def test_invisible_text_over_a_scan_is_always_compared():
    image, words = printed(SENTENCES["English"])
    assert doubtful_words(page_of(image, words)) == []
    assert doubtful_words(page_of(image, words, invisible_text=1.0)) != []


def test_shifted_letters_have_more_bits_than_right_ones():
    right, n = bits_a_letter(SENTENCES["English"])
    wrong, _ = bits_a_letter(shifted(SENTENCES["English"], 11))
    assert n == 54
    assert right < 4.6 < 4.9 < wrong


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("deposit", "deposit,", True),
        ("Übergabe", "UBERGABE", True),
        ("cancellation", "canoellation", True),
        ("hzcvdsza", "workshop", False),
        ("7,694", "3,250", False),
    ],
)
def test_spellings_of_one_print_are_alike(first, second, expected):
    assert alike(first, second) is expected


def test_lines_that_ocr_reads_otherwise_are_not_confirmed():
    box, below = (0.1, 0.1, 0.3, 0.12), (0.1, 0.2, 0.3, 0.22)
    layer = words_of([("Workshop", box)], [("7,694", below)], [("Annex", (0.6, 0.6, 0.7, 0.62))])
    ocr = words_of([("Workshcp", box)], [("3,250", below)], source="ocr")
    assert confirmed_words(layer, ocr).tolist() == [True, False, True]
    assert confirmed_words(layer, PageWords()).all()
    assert np.all(confirmed_words(PageWords(), ocr) == np.ones(0, bool))
