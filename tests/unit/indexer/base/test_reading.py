"""How the words of a page are read: quotations, page text, and what encoders are given."""

from __future__ import annotations

import zlib

import numpy as np
import pytest

from indexer.base.pages import PageWords
from indexer.base.word_marks import BROKEN, GLUED, LOWERED, RAISED

MARK, INDEX = RAISED | GLUED, LOWERED | GLUED


def words(*entries: str | tuple[str, int], lines: tuple[int, ...] = ()) -> PageWords:
    pairs = [(entry, 0) if isinstance(entry, str) else entry for entry in entries]
    return PageWords(
        tuple(text for text, _ in pairs),
        np.zeros((len(pairs), 4), np.uint16),
        np.array(lines or [0] * len(pairs), np.int32),
        "text",
        np.array([mark for _, mark in pairs], np.uint8),
    )


@pytest.mark.parametrize(
    ("page", "quote", "searched"),
    [
        (
            words("costs", "1,480", ("2", MARK), "euros"),
            "costs 1,480 ² euros",
            "costs 1,480 2 euros",
        ),
        (words("at", "10", ("5", MARK), "pascal"), "at 10⁵ pascal", "at 10 5 pascal"),
        (words("64", "m", ("2", MARK), (",", GLUED)), "64 m²,", "64 m2,"),
        (words("s", ("−1", MARK)), "s⁻¹", "s−1"),
        (words("CO", ("2", INDEX), "rises"), "CO₂ rises", "CO2 rises"),
        (words("arrival.", ("2", MARK), "The"), "arrival.² The", "arrival. 2 The"),
        (words("$4", ("75", MARK)), "$4.75", "$4.75"),
        (words(("2", RAISED), "plus", "fuel"), "² plus fuel", "2 plus fuel"),
        (words("notice", ("pe-", BROKEN), "riod"), "notice period", "notice period"),
        (words("twenty-", ("eight", GLUED), "days"), "twenty-eight days", "twenty-eight days"),
    ],
)
def test_a_page_is_quoted_as_it_is_printed_and_searched_in_plain_letters(
    page: PageWords, quote: str, searched: str
) -> None:
    assert page.quote(0, len(page)) == quote
    assert " ".join(word.text for word in page.searched_words()) == searched


def test_a_parted_word_stands_on_the_line_where_it_begins() -> None:
    page = words("The", ("pe-", BROKEN), "riod", "ends", lines=(0, 0, 1, 1))
    assert page.text() == "The period\nends"
    assert [word.position for word in page.searched_words()] == [0, 1, 3]


def test_marks_are_stored_and_pages_of_before_have_none() -> None:
    page = words("CO", ("2", INDEX))
    assert PageWords.from_bytes(page.to_bytes()).marks.tolist() == [0, INDEX]
    plain = words("plain")
    assert b"marks" not in zlib.decompress(plain.to_bytes())
    assert PageWords.from_bytes(plain.to_bytes()).marks.tolist() == [0]


def test_a_part_whose_other_part_is_gone_is_a_word_of_its_own() -> None:
    page = words(("pe-", BROKEN), "riod", "CO", ("2", INDEX))
    rest = page.select(np.array([False, True, False, True]))
    assert rest.quote(0, 2) == "riod ₂"
