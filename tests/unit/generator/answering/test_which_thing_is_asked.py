"""Which row, part or thing a question is about: what names another one is no answer to it."""

from __future__ import annotations

import pytest

from generator.answering.answers import Citation, CitationAdded, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.questions.parsed_question import read_question
from generator.passages.questions.terms import terms_of
from generator.passages.support import quotations
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from tests.support.laid_out_pages import Sheet
from tests.support.typed_pages import ENCODER, read_page

ROSES = (
    Sheet()
    .table(
        [
            ["Roses, bare root ....", None],
            ["Gertrude Jekyll ............", "19.00"],
            ["Madame Hardy ............", "18.25"],
            ["Roses, in pots", None],
            ["Gertrude Jekyll ............", "26.50"],
            ["Madame Hardy ............", "25.75"],
        ],
        n_head_rows=0,
    )
    .words()
)
ERRORS = (
    Sheet()
    .table(
        [
            ["Error number", "Error description", "Area"],
            ["88", "Boiler too hot", "Heating"],
            ["161", "Tank empty", "Water"],
            ["188", "Heater broken", "Heating"],
        ]
    )
    .words()
)
PROPERTIES = (
    Sheet()
    .put(BlockKind.HEADING, "9. Properties of the liquid")
    .table([["Flash point", "43 °C"], ["Boiling range", "157 to 196 °C"]], n_head_rows=0)
    .words()
)
FIGURES = (
    Sheet()
    .put(BlockKind.TEXT, "The gashes and the title of the figures were drawn by the author.")
    .put(BlockKind.CAPTION, "Figure 2. Breccia gashes in the cliff.")
    .put(BlockKind.CAPTION, "Figure 3. Fans of gravel.")
    .words()
)
MINUTES = (
    Sheet()
    .put(
        BlockKind.TEXT,
        "Present: Ayla Demir, Jonas Pratt\nApologies: Ruth Ober\nMinute taker: Jonas Pratt",
    )
    .words()
)


def answer(question: str, words: PageWords) -> str:
    """The text of the answer, whatever its support."""
    query = ENCODER.encode_queries([question])[0]
    request = WritingRequest(question, query, [read_page(words)], lambda: False)
    events = ExtractiveWriter(0.0, 3).write(request)
    return "".join(event.text for event in events if isinstance(event, Token))


def citations(question: str, words: PageWords) -> list[Citation]:
    query = ENCODER.encode_queries([question])[0]
    request = WritingRequest(question, query, [read_page(words)], lambda: False)
    events = ExtractiveWriter(0.0, 3).write(request)
    return [event.citation for event in events if isinstance(event, CitationAdded)]


def best(question: str, words: PageWords) -> tuple[str, float]:
    query = ENCODER.encode_queries([question])[0]
    first = quotations(read_question(question), query, [read_page(words)])[0]
    return first.passage.quote, first.strength


@pytest.mark.parametrize(
    ("question", "value"),
    [
        ("What does the rose Gertrude Jekyll cost in a pot?", "26.50"),
        ("What does Gertrude Jekyll cost with a bare root?", "19.00"),
    ],
)
def test_of_rows_with_one_name_the_group_that_is_asked_for_counts(
    question: str, value: str
) -> None:
    assert answer(question, ROSES).startswith(f"{value}\n")


def test_dots_that_lead_to_a_figure_are_no_part_of_a_name() -> None:
    (first, *_) = citations("What does the rose Gertrude Jekyll cost in a pot?", ROSES)
    assert first.says == "Roses, in pots, Gertrude Jekyll"


def test_rows_that_are_each_named_are_all_listed() -> None:
    text = answer("What are the error descriptions of error numbers 88 and 188?", ERRORS)
    assert text.startswith("Boiler too hot; Heater broken\n")
    assert [c.value for c in citations("Which error descriptions are of 88 and 188?", ERRORS)] == [
        "Boiler too hot",
        "Heater broken",
    ]


def test_rows_that_share_what_is_named_are_all_listed() -> None:
    text = answer("Which error descriptions are of the area heating?", ERRORS)
    assert text.startswith("Boiler too hot; Heater broken\n")


@pytest.mark.parametrize(
    "question", ["What is the error description of 88?", "What is the gap of 88 and 188?"]
)
def test_one_row_or_a_calculation_is_no_list(question: str) -> None:
    assert "too hot; Heater" not in answer(question, ERRORS)


def test_a_row_that_names_another_thing_is_weaker_where_no_page_has_the_one_asked_for() -> None:
    known, unknown = (
        best("What is the flash point?", PROPERTIES),
        best("What is the melting point?", PROPERTIES),
    )
    assert known[0] == "Flash point 43 °C"
    assert unknown[1] < known[1] - 1.5


def test_the_name_of_a_part_is_what_begins_with_it() -> None:
    assert best("What is the title of Figure 2?", FIGURES)[0].startswith("Figure 2. Breccia")
    there, missing = (
        best("What is the title of Figure 3?", FIGURES),
        best("What is the title of Figure 7?", FIGURES),
    )
    assert missing[1] < there[1] - 2


def test_lines_with_a_colon_are_labels_and_values() -> None:
    assert answer("Who took the minutes?", MINUTES).startswith("Jonas Pratt\n")


@pytest.mark.parametrize(
    ("one", "other"), [("took", "taker"), ("sold", "sells"), ("chosen", "choose"), ("led", "leads")]
)
def test_irregular_forms_of_a_verb_are_one_word(one: str, other: str) -> None:
    assert terms_of(one) == terms_of(other)


def test_the_number_of_an_account_is_no_amount() -> None:
    question = read_question("How much has to be paid?")
    assert not question.answered_in_kind("Please pay to account 3201 55 90218.")
    assert question.answered_in_kind("Please pay 921.75 to account 3201 55 90218.")
