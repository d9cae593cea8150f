"""What is read out of a question, and how its words are compared with a page's."""

from __future__ import annotations

import unicodedata

import pytest

from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import read_question
from generator.passages.questions.terms import terms_of


def test_stop_words_are_no_terms() -> None:
    assert set(read_question("what is the torque of the bolts?").terms) == terms_of("torque bolt")


def test_names_and_numbers_weigh_more_and_are_marked() -> None:
    question = read_question("Which torque does the flange of the KD-340 in Oslo need?")
    assert question.key_terms == {"kd-340", "oslo"}
    assert question.terms["kd-340"] > question.terms["oslo"] > question.terms["flang"]


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("I've lost a key and can't get in", "lost key get"),
        ("What happens when there's lightning?", "happen lightning"),
        ("It’s raining, couldn’t we paddle?", "raining paddle"),
    ],
)
def test_two_words_in_one_that_say_nothing_are_no_terms(asked: str, words: str) -> None:
    assert set(read_question(asked).terms) == terms_of(words)


def test_a_comma_joins_figures_and_parts_words() -> None:
    assert terms_of("red,green,frame,120") == terms_of("red green frame 120")
    assert terms_of("12,500") == {"12500"}


def test_the_first_word_is_no_name() -> None:
    assert read_question("Torque of the bolts?").key_terms == frozenset()


@pytest.mark.parametrize(
    ("one", "other"),
    [("Bolts", "bolt"), ("companies", "company"), ("1,350", "1350"), ("Adobe’s", "Adobe's")],
)
def test_the_same_word_in_another_form_is_the_same_term(one: str, other: str) -> None:
    assert terms_of(one) == terms_of(other)


def test_different_numbers_are_different_terms() -> None:
    assert terms_of("1.35").isdisjoint(terms_of("135"))


def test_cover_is_the_weighted_share_of_the_terms() -> None:
    question = read_question("torque of the bolts")
    assert question.cover(terms_of("torque")) == pytest.approx(0.5)
    assert question.cover(terms_of("torque bolt nut")) == 1.0


def test_a_question_without_content_words_is_covered_by_nothing() -> None:
    assert read_question("what is it?").cover({"what", "it"}) == 0.0


@pytest.mark.parametrize(
    ("asked", "kind"),
    [
        ("What percentage of seniors go online?", AnswerKind.SHARE),
        ("When was the letter sent?", AnswerKind.DATE),
        ("Tell me when the letter was sent", AnswerKind.DATE),
        ("What was paid, and when?", AnswerKind.DATE),
        ("What does it do when it trips?", AnswerKind.ANY),
        ("How many bolts hold the foot?", AnswerKind.NUMBER),
        ("Who leads the programme?", AnswerKind.NAME),
        ("Describe the seal.", AnswerKind.ANY),
    ],
)
def test_the_kind_of_the_answer_is_read_from_the_question(asked: str, kind: AnswerKind) -> None:
    assert read_question(asked).kind is kind


@pytest.mark.parametrize(
    ("asked", "quote", "is_answer"),
    [
        ("What percentage go online?", "59% of seniors go online", True),
        ("What percentage go online?", "most seniors go online", False),
        ("When was it sent?", "It was sent on 4 March", True),
        ("When was it sent?", "It was sent by post", False),
        ("How many bolts has the KD-340?", "the KD-340 has 8 bolts", True),
        ("How many bolts has the KD-340?", "the bolts of the KD-340", False),
        ("How many bolts has it?", "It has four bolts", True),
        ("How many bolts has it?", "It has had bolts since 2023", False),
        ("How tight is the bolt?", "tightened to 95 Nm", True),
        ("Who leads it?", "Anna Berg leads it", True),
        ("Who leads it?", "the board leads it", False),
        ("Describe the seal.", "The seal is 4 mm wide", False),
    ],
)
def test_an_answer_holds_something_of_its_kind_that_the_question_has_not(
    asked: str, quote: str, is_answer: bool
) -> None:
    assert read_question(asked).answered_in_kind(quote) is is_answer


def test_terms_can_be_given_less_weight() -> None:
    question = read_question("torque of the bolts").with_less_weight({"bolt"}, 0.5)
    assert question.cover(terms_of("torque")) == pytest.approx(2 / 3)


def test_a_letter_whose_mark_stands_apart_is_the_same_term() -> None:
    apart = unicodedata.normalize("NFD", "Kündigungsfrist")
    assert terms_of(apart) == terms_of("Kündigungsfrist") and len(terms_of(apart)) == 1
    assert read_question(f"Wie lange ist die {apart}?").cover(terms_of("kündigungsfrist")) > 0


@pytest.mark.parametrize(
    "text", ["Drawing no. 77-4120-B", "Drawing No.77-4120-B", "Drawing Nr. 77-4120-B"]
)
def test_the_sign_of_a_number_is_the_word(text: str) -> None:
    assert terms_of(text) >= terms_of("drawing number")


def test_a_no_that_denies_is_no_number() -> None:
    assert terms_of("number").isdisjoint(terms_of("no pump is left, and no 13th valve"))


@pytest.mark.parametrize(
    ("asked", "quote", "answers"),
    [
        ("What is the drawing number?", "Drawing no. 77-4120-B", True),
        ("What is the drawing number?", "The drawing has a number.", False),
        ("Which order number is it?", "Order A/12", True),
        ("What is the number of visitors?", "Visitors of all ages", False),
        ("How long is the jetty?", "The jetty was measured on 6 May.", False),
        ("How many visitors came?", "Figure 3: visitors by year", False),
        ("How many visitors came?", "4,120 visitors came.", True),
    ],
)
def test_dates_and_numbers_of_parts_are_no_quantities(
    asked: str, quote: str, answers: bool
) -> None:
    assert read_question(asked).answered_in_kind(quote) is answers
