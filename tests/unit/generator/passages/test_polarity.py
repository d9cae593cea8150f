"""A sentence and its opposite."""

from __future__ import annotations

import pytest

from generator.passages.polarity import says_the_opposite
from generator.passages.questions.parsed_question import read_question

INCLUDED = "Lifting gear is included in the price."
NOT_INCLUDED = "Transport is not included in the price."


@pytest.mark.parametrize(
    ("question", "quote", "is_opposite"),
    [
        ("What is included in the price?", NOT_INCLUDED, True),
        ("What is included in the price?", INCLUDED, False),
        ("What is not included in the price?", INCLUDED, True),
        ("What is not included in the price?", NOT_INCLUDED, False),
        ("What is not included in the price?", "The price excludes transport.", False),
        ("Is transport included in the price?", NOT_INCLUDED, False),
        ("What did it cost, and was it included?", NOT_INCLUDED, False),
        ("When does the shop open?", "It does not sell bread.", False),
    ],
)
def test_a_denial_of_what_is_asked_for_is_the_opposite(
    question: str, quote: str, is_opposite: bool
) -> None:
    assert says_the_opposite(read_question(question), quote) == is_opposite
