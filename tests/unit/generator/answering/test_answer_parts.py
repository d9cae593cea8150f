"""A question that asks two things: each is searched, answered and cited by itself."""

from __future__ import annotations

from generator.answering.answers import Answer
from tests.support.typed_pages import read_page, typed
from tests.unit.generator.answering.test_answerer import Shelf, answerer

PAGES = [
    read_page(typed("The rent is 640 EUR a month.\n\n\nThe rent is due on 3 May 2026."), 1),
    read_page(typed("The bolts of the suction flange are tightened to 95 Nm."), 2),
]


def ask(question: str) -> Answer:
    return answerer(Shelf(PAGES)).answer(question, ["manuals"])


def test_each_answer_stands_below_its_question_with_its_own_citation() -> None:
    answer = ask("What is the rent and how tight are the bolts of the suction flange?")
    first, second = answer.answer.split("\n\n")
    assert first == "What is the rent?\n640 EUR a month\n“The rent is 640 EUR a month.” [1]"
    assert second.startswith("How tight are the bolts of the suction flange?\n95 Nm\n")
    assert second.endswith("[2]")
    assert [(c.n, c.value) for c in answer.citations] == [(1, "640 EUR a month"), (2, "95 Nm")]
    assert answer.values == ("640 EUR a month", "95 Nm")
    assert [part.question for part in answer.parts] == [
        "What is the rent?",
        "How tight are the bolts of the suction flange?",
    ]


def test_what_it_means_in_the_second_half_is_searched_by_its_name() -> None:
    shelf = Shelf(PAGES)
    question = "What is the rent and when is it due?"
    answer = answerer(shelf).answer(question, ["manuals"])
    assert [asked[0] for asked in shelf.asked] == [
        question,
        "What is the rent?",
        "When is the rent due?",
    ]
    assert answer.values[1] == "3 May 2026"
    assert "When is it due?\n" in answer.answer


def test_a_half_that_is_not_found_says_so_in_its_place() -> None:
    answer = ask("What is the rent and who painted the lighthouse of Northmere?")
    first, second, *_ = answer.answer.split("\n\n")
    assert "640 EUR" in first
    assert second.startswith(
        "Who painted the lighthouse of Northmere?\nNot found: none of these pages names Northmere."
    )
    assert answer.grounded and len(answer.citations) == 1
    assert answer.missing_words == ("Northmere",)
    assert answer.nearest is None


def test_the_support_is_the_least_of_the_halves() -> None:
    question = "What is the rent and how tight are the bolts of the suction flange?"
    answer = ask(question)
    supports = [citation.support for citation in answer.citations]
    assert supports[0] != supports[1]
    assert answer.support == min(supports)


def test_where_no_half_is_found_nothing_is_grounded_and_one_passage_is_the_nearest() -> None:
    answer = ask("What is the colour of the roof and how many goats live there?")
    assert not answer.grounded and answer.citations == ()
    assert answer.answer.count("Not found") == 2
    assert answer.nearest is not None


def test_pages_are_told_once_each_in_one_ranking() -> None:
    answer = ask("What is the rent and how tight are the bolts of the suction flange?")
    assert [hit.rank for hit in answer.pages] == [1, 2]
    assert answer.usage["search_ms"] == 4.5  # three searches
