"""Characters of fonts of symbols are read as what they show."""

from __future__ import annotations

from typing import Any

import pytest

from indexer.inputs.pdf.text.symbol_fonts import with_symbols
from indexer.layout.placed_words import PlacedWord

RUN = (0, 0)
LETTER = 10.0  # width of each


def shown(*spans: tuple[str, str]) -> list[tuple[str, float, float]]:
    """Return text, left and right edge of the words of a line of spans: (font, text)."""
    facts: list[dict[str, Any]] = []
    x = 0.0
    for font, text in spans:
        width = LETTER * len(text)
        facts.append({"font": font, "text": text, "bbox": (x, 0.0, x + width, 10.0)})
        x += width
    line = "".join(text for _, text in spans)
    words, start = [], 0
    for text in line.split(" "):
        box = (LETTER * start, 0.0, LETTER * (start + len(text)), 10.0)
        words += [PlacedWord(text, box, RUN)] if text else []
        start += len(text) + 1
    read_words = with_symbols(words, {RUN: {"spans": facts}}, "\ufffd")
    said = "".join(span["text"] for span in facts).replace(" ", "")
    assert said == "".join(word.text for word in read_words)
    return [(word.text, word.box[0], word.box[2]) for word in read_words]


@pytest.mark.parametrize(
    ("font", "code", "sign"),
    [
        ("ZapfDingbats", "4", "✔"),
        ("ABCDEF+ITC Zapf Dingbats", "8", "✘"),
        ("Wingdings-Regular", "\xfe", "☑"),
        ("Wingdings", "\uf0a8", "☐"),
        ("Wingdings2", "P", "✓"),
        ("Wingdings 3", "}", "▶"),
        ("SymbolMT", "\uf0b7", "•"),
        ("Wingdings", "✓", "✓"),
        ("ZapfDingbatsITCbyBT-Regu", "6", "6"),
        ("SymbolMT", "4", "4"),
        ("Helvetica", "4", "4"),
    ],
)
def test_a_code_of_a_font_of_symbols_is_the_sign_that_is_seen(
    font: str, code: str, sign: str
) -> None:
    assert shown((font, code), ("Helvetica", " Yes"))[0] == (sign, 0.0, 10.0)


def test_a_sign_is_a_word_apart_from_letters_that_touch_it() -> None:
    assert shown(("Arial", "No"), ("ZapfDingbats", "o"), ("Arial", "Yes")) == [
        ("No", 0.0, 20.0), ("❏", 20.0, 30.0), ("Yes", 30.0, 60.0)]  # fmt: skip


def test_a_sign_of_the_font_symbol_stays_within_its_word() -> None:
    spans = ("Times", "10"), ("Symbol", "\uf0b0"), ("Times", "C")
    assert shown(*spans) == [("10°C", 0.0, 40.0)]
