"""A strict answer holds only what a citation supports, and says what was left out."""

from __future__ import annotations

from typing import Any

import pytest

from generator.answering.answers import AnswerUsage, CitationAdded, Token, UnsupportedClaim
from generator.answering.model_writer import ModelWriter
from generator.answering.writer import WritingRequest
from generator.backends.fake import FakeAnswerModel
from generator.prompts import PromptLimits
from tests.support.typed_pages import ENCODER, read_page, typed

BOLTS = read_page(typed("The bolts of the suction flange are tightened to 95 Nm."), 1)
MOTOR = read_page(typed("The motor is lifted by a crane with two ropes."), 2)
QUESTION = "How tight are the bolts?"
QUERY = ENCODER.encode_queries([QUESTION])[0]
NOT_FOUND = "Not found in these pages. The nearest is page 1 of a.pdf."


def events(*pieces: str, **options: Any) -> list[Any]:
    writer = ModelWriter(FakeAnswerModel(pieces), lambda _: b"", strict=True, **options)
    return list(writer.write(WritingRequest(QUESTION, QUERY, [BOLTS, MOTOR])))


def parts(found: list[Any]) -> tuple[str, list[tuple[int, int]], list[str]]:
    """Return the text, number and page of each citation, and the claims that were left out."""
    text = "".join(event.text for event in found if isinstance(event, Token))
    citations = [
        (event.citation.n, event.citation.page_id)
        for event in found
        if isinstance(event, CitationAdded)
    ]
    claims = [
        event.claim for event in found if isinstance(event, UnsupportedClaim) and event.is_left_out
    ]
    return text, citations, claims


def test_what_is_supported_stands_as_it_was_written() -> None:
    found = events("They take ", "95 Nm [1]. The motor is lifted by a crane [2].")
    assert parts(found) == (
        "They take 95 Nm [1]. The motor is lifted by a crane [2].", [(1, 101), (2, 102)], [],
    )  # fmt: skip
    assert isinstance(found[-1], AnswerUsage)


def test_an_unsupported_sentence_goes_with_its_number_and_the_rest_is_numbered_anew() -> None:
    found = events(
        "The admin key is hunter2 [1]. The motor is lifted by a crane [2]. The moon is cheese."
    )
    assert parts(found) == (
        "The motor is lifted by a crane [1].", [(1, 102)],
        ["The admin key is hunter2", "The moon is cheese."],
    )  # fmt: skip


def test_of_several_sentences_before_a_number_the_supported_ones_stay() -> None:
    text, citations, claims = parts(
        events("The motor is lifted by a crane. It weighs 40 tons. There are two ropes [2].")
    )
    assert text == "The motor is lifted by a crane. There are two ropes [1]."
    assert citations == [(1, 102)]
    assert claims == ["It weighs 40 tons."]


@pytest.mark.parametrize("text", ["The moon is cheese.", "The admin key is hunter2 [1]. And [2]."])
def test_an_answer_of_which_nothing_stands_is_not_found(text: str) -> None:
    said, citations, claims = parts(events(text))
    assert said == NOT_FOUND
    assert citations == []
    assert claims


def test_not_found_stays_not_found() -> None:
    assert parts(events("NOT FOUND")) == (NOT_FOUND, [], [])


def test_a_phrase_that_stands_on_no_page_is_not_found() -> None:
    said, citations, claims = parts(events("96 Nm", limits=PromptLimits(brief=True)))
    assert (said, citations, claims) == (NOT_FOUND, [], ["96 Nm"])


def test_a_cancelled_answer_has_no_usage() -> None:
    writer = ModelWriter(FakeAnswerModel(["95 Nm [1]."]), lambda _: b"", strict=True)
    request = WritingRequest(QUESTION, QUERY, [BOLTS], is_cancelled=lambda: True)
    assert not any(isinstance(event, AnswerUsage) for event in writer.write(request))
