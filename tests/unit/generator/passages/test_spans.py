"""The words of a sentence that are the answer, by their form; none where two fit as well."""

from __future__ import annotations

import pytest

from generator.passages.questions.parsed_question import read_question
from generator.passages.values.spans import answer_span
from indexer.base.pages import PageWords
from tests.support.typed_pages import typed


def span_text(question: str, sentence: str) -> str | None:
    words: PageWords = typed(sentence)
    span = answer_span(read_question(question), words, 0, len(words))
    return None if span is None else span.text


@pytest.mark.parametrize(
    ("question", "sentence", "answer"),
    [
        ("How much does the bench cost?", "The bench costs 349 euros.", "349 euros"),
        ("How much is the rent?", "The rent is $ 1,250 a month.", "$ 1,250 a month"),
        ("When does the lease end?", "It ends on 31 October 2029.", "31 October 2029"),
        (
            "When does the licence end?",
            "The licence runs from 1 April 2024 to 31 March 2027.",
            "31 March 2027",
        ),
        (
            "When does the licence begin?",
            "The licence runs from 1 April 2024 to 31 March 2027.",
            "1 April 2024",
        ),
        ("How long is the warranty?", "The warranty runs for 30 months.", "30 months"),
        ("How long is the jetty?", "The jetty is 38 metres long.", "38 metres"),
        ("How often is it tested?", "It is tested every second Tuesday.", "every second Tuesday"),
        ("How often is it tested?", "It is tested twice a year.", "twice a year"),
        ("Who is the treasurer?", "The treasurer is Odile Verne.", "Odile Verne"),
        ("What percentage voted?", "In all 61.5 % of them voted.", "61.5 %"),
        ("How many people came?", "In 2024 some 4,120 people came.", "some 4,120 people"),
        ("How heavy is the pump?", "5.2 The pump weighs 61 kg.", "61 kg"),
        (
            "What is the e-mail address?",
            "Write to parts@dunmarrow.example.",
            "parts@dunmarrow.example",
        ),
        ("What is the fax number?", "Tel: 514-312-0293 Fax: 514-312-0292", "514-312-0292"),
    ],
)
def test_the_span_is_found_by_its_form(question: str, sentence: str, answer: str) -> None:
    assert span_text(question, sentence) == answer


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("How many visitors came?", "Two seasons were short, and one was wet."),
        ("How many models were tried?", "GPT-4 was tried, see note 3 of 2023."),
        ("When was it built?", "It was planned in 1990, begun in 1992 and opened in 1995."),
        ("Which oil is used?", "Mineral oil is used."),
        ("How many audits are made?", "8.4 Audits are made."),
    ],
)
def test_there_is_no_span_where_no_form_tells(question: str, sentence: str) -> None:
    assert span_text(question, sentence) is None
