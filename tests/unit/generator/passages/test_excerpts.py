"""Short prompts: whole pages where they fit, else the likeliest passages in page order."""

from __future__ import annotations

from generator.passages.excerpts import excerpts
from indexer.base.pages import PageWords
from tests.support.typed_pages import ENCODER, read_page, typed

QUESTION = "How tight must the bolts of the suction flange be?"
FILLER = " ".join(f"Paragraph {n} speaks of other things." for n in range(60))
BOLTS = "The bolts of the suction flange are tightened to 95 Nm."


def texts(max_characters: int, *pages: PageWords) -> list[str]:
    query = ENCODER.encode_queries([QUESTION])[0]
    read_pages = [read_page(words, number) for number, words in enumerate(pages, start=1)]
    return excerpts(QUESTION, query, read_pages, max_characters)


def test_pages_that_fit_are_given_whole() -> None:
    page, other = typed(BOLTS), typed("The motor is lifted by a crane.")
    n_characters = len(page.text()) + len(other.text())
    assert texts(n_characters, page, other) == [page.text(), other.text()]
    assert texts(n_characters - 1, page, other) != [page.text(), other.text()]


def test_the_passage_of_the_answer_comes_with_its_neighbours_and_says_what_is_left_out() -> None:
    around = f"The casing is closed before. {BOLTS} The pump is filled behind."
    (text,) = texts(300, typed(f"{FILLER} {around} {FILLER}"))
    assert text.startswith("…\n")
    assert f"The casing is closed before.\n{BOLTS}\nThe pump is filled behind." in text
    assert len(text) <= 320


def test_a_page_without_a_likely_passage_is_empty() -> None:
    first, second = texts(200, typed(f"{BOLTS} {FILLER}"), typed(FILLER))
    assert BOLTS in first
    assert second == ""


def test_pages_keep_their_order_whichever_holds_the_answer() -> None:
    first, second = texts(200, typed(FILLER), typed(f"{FILLER} {BOLTS}"))
    assert BOLTS in second
    assert first == ""


def test_a_single_passage_that_is_longer_than_the_room_is_given_all_the_same() -> None:
    long = "The bolts of the suction flange " + "and of the other flange " * 40 + "take 95 Nm."
    (text,) = texts(100, typed(f"{FILLER} {long}"))
    assert "take 95 Nm." in text
    assert len(text) > 100


def test_no_pages_have_no_excerpts() -> None:
    assert texts(100) == []
