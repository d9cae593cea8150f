"""What a question says of the document and of its own answer is asked of no passage."""

from __future__ import annotations

import pytest

from generator.passages.asked_thing import holds_thing
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.subject import subject_of
from generator.passages.support import of_any_kind, quotations
from generator.passages.work_to_do import work_to_do
from tests.support.laid_out_pages import Sheet
from tests.support.typed_pages import ENCODER, read_page, typed


@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("According to the slide, what are three bad fonts?", {"bad", "font"}),
        ("What type of court is noted on the cover page?", {"court"}),
        ("Among the two pumps mentioned, which one has the largest motor?", {"pump", "motor"}),
        ("What does the item in the top left corner say?", set()),
        ("How long does the drone fly?", {"dron", "fly"}),
        ("The drone flies.", {"dron", "fly"}),
    ],
)
def test_words_that_ask_are_no_subject(text: str, subject: set[str]) -> None:
    assert set(subject_of(read_question(text)).weights) == subject


def test_words_that_ask_weigh_less_than_what_is_asked_about() -> None:
    terms = read_question("What fonts does the presentation mention?").terms
    assert terms["mention"] == terms["present"] < terms["font"] == 1.0


def test_a_mask_of_a_date_is_an_instruction_and_the_date_is_asked_for() -> None:
    question = read_question("Format the date mentioned on page 14 as YYYY-MM-DD.")
    assert question.kind is AnswerKind.DATE
    assert question.instructions == ("as YYYY-MM-DD",)
    assert "yyyy" not in question.terms


def test_a_share_tells_how_much_time_but_not_how_long() -> None:
    (passage,) = passages_of(typed("Families spent 21% on meals at home."))
    assert holds_thing(read_question("How much time was spent on meals at home?"), passage)
    assert not holds_thing(read_question("How long were meals at home?"), passage)


def test_the_row_with_the_longer_name_of_the_question_is_meant() -> None:
    rows = [["Model", "Score"], ["Alto", "66.4"], ["Alto + Basso (ours)", "73.2"]]
    text = "What score did Alto + Basso achieve?"
    pages = [read_page(Sheet().table(rows).words())]
    best = quotations(read_question(text), ENCODER.encode_queries([text])[0], pages)[0]
    assert best.passage.quote == "Alto + Basso (ours) 73.2"


def test_what_has_to_be_compared_is_said_and_keeps_its_support() -> None:
    text = "Which programme takes the longest?"
    page = typed("The programme of nursing takes two years. The programme of law takes five years.")
    question = read_question(text)
    ranking = quotations(question, ENCODER.encode_queries([text])[0], [read_page(page)])
    assert work_to_do(question, ranking) == "compared"
    assert of_any_kind(ranking).strength >= ranking[0].strength


def test_a_figure_that_has_to_be_counted_does_not_cost_the_page_its_support() -> None:
    text = "How many dogs are there?"
    page = typed("Our dogs and their owners meet in the park.")
    question = read_question(text)
    ranking = quotations(question, ENCODER.encode_queries([text])[0], [read_page(page)])
    assert work_to_do(question, ranking) == "counted"
    assert ranking[0].lacks_thing
    assert of_any_kind(ranking).support > ranking[0].support


def test_what_stands_on_a_page_that_was_ranked_lower_is_weaker() -> None:
    text = "Who is the landlord?"
    page = read_page(typed("The landlord is Ada Orchard."), 1)
    other = read_page(typed("Rent is due each month."), 2)
    query = ENCODER.encode_queries([text])[0]
    first, second = (
        quotations(read_question(text), query, pages)[0] for pages in ([page, other], [other, page])
    )
    assert first.passage.quote == second.passage.quote == "The landlord is Ada Orchard."
    assert first.strength > second.strength


@pytest.mark.parametrize(
    ("text", "page", "holds"),
    [
        ("What does the insurance cost?", "Show cover of at least 5 million euros first.", False),
        ("What does the insurance cost?", "The insurance is 40 euros a year for each of us.", True),
        ("What is the least that one must pay?", "Give at least 5 euros to the man there.", True),
        ("How much is the seal kit?", "Its parts are changed in 3 h by two fitters.", False),
        ("How much is the seal kit?", "We sell the kit of seals for 45 euros.", True),
        ("Who inspected the winch?", "The inspection found two broken strands in it.", False),
        ("Who inspected the winch?", "The winch was inspected by Ada Orchard in May.", True),
        ("Who inspected the winch?", "The tenant has seen to the inspection of it.", True),
    ],
)
def test_a_limit_is_no_price_and_a_deed_is_somebody_s(text: str, page: str, holds: bool) -> None:
    (passage,) = passages_of(typed(page))
    assert holds_thing(read_question(text), passage) is holds


def test_what_something_else_costs_is_not_the_price_of_what_stands_beside_it() -> None:
    text = "How much did the tower cost?"
    query = ENCODER.encode_queries([text])[0]
    of_another, of_it = (
        quotations(
            read_question(text), query, [read_page(typed(f"The tower is 41 metres high. {behind}"))]
        )[0]
        for behind in ("A new wing cost 14 million euros.", "It cost 14 million euros.")
    )
    assert of_another.support < of_it.support
