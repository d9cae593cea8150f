"""What a question names and no page has."""

from __future__ import annotations

import pytest

from generator.passages.absence import missing_words
from generator.passages.questions.terms import terms_of

PAGE = (
    "KD-340/A Seal kit I 43.60. Northmere opened twelve depots in Germany on March 31,2003. "
    "Revenue grew by 4,120 euros."
)


def test_a_figure_that_is_on_no_page_is_missing_where_pages_have_others() -> None:
    texts = ["Figure 5: Rainfall. Table 2 shows the wells.", "As Fig. 6a shows, it fell."]
    assert missing_words("What does Figure 7 show?", texts, frozenset()) == ["Figure 7"]
    assert missing_words("What do Figure 6 and Table 2 show?", texts, frozenset()) == []
    assert missing_words("What does Chart 9 show?", texts, frozenset()) == []


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("What is the price of KD-340/B?", ["KD-340/B"]),
        ("Who is the chief executive of Apple?", ["Apple"]),
        ("What did Northmere open in 2019?", ["2019"]),
        ("What did Northmere open in 2003?", []),
        ("What is the price of KD-340/A?", []),
        ("Did the German depots open?", []),
        ("Which 12 depots were opened?", []),
        ("Who is the CEO in March?", []),
        ("What does Figure 7 on page 99 show?", []),
        ("What Is The Annual Revenue Of The Company?", []),
        ("Who signed for Oakhollow?", []),
        ("What if I'm out, or I’ve lost my key?", []),
        ("How tall is the Eiffel Tower?", ["Eiffel", "Tower"]),
        ("Wie viel Strom nimmt die Pumpe auf?", []),  # German: each noun has a capital
        ("Wie viel Strom nimmt die KD-340/B von AEG auf?", ["KD-340/B", "AEG"]),
    ],
)
def test_names_codes_and_numbers_have_to_stand_on_a_page(question: str, words: list[str]) -> None:
    assert missing_words(question, [PAGE], terms_of("Oakhollow agreement")) == words
