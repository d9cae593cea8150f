"""A small model's phrase as answer events: proved by where its words stand, refused where it is unsure."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from typing import Any

import pytest

from generator.answering.answers import AnswerUsage, CitationAdded, Token, UnsupportedClaim
from generator.answering.brief_answers import phrase_of, prove
from generator.answering.model_writer import ModelWriter
from generator.answering.writer import WritingRequest
from generator.backends.base import AnswerPiece, Usage
from generator.backends.fake import FakeAnswerModel
from generator.prompts import Prompt, PromptLimits
from tests.support.typed_pages import ENCODER, read_page, typed

BOLTS = read_page(typed("The bolts of the suction flange are tightened to 95 Nm."), 1)
MOTOR = read_page(typed("The motor is lifted by a crane with two ropes."), 2)
QUESTION = "How tight are the bolts?"
QUERY = ENCODER.encode_queries([QUESTION])[0]
BRIEF = PromptLimits(brief=True, max_prompt_characters=1000)
NOT_FOUND = "Not found in these pages. The nearest is page 1 of a.pdf."


class SureModel(FakeAnswerModel):
    """Tells its log-probability."""

    def __init__(self, text: str, mean_logprob: float | None) -> None:
        super().__init__([text])
        self._mean_logprob = mean_logprob

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        for piece in super().stream(prompt, is_cancelled):
            yield piece if isinstance(piece, str) else Usage(mean_logprob=self._mean_logprob)


def events(text: str, logprob: float | None = -0.1, min_logprob: float = -0.3) -> list[Any]:
    writer = ModelWriter(
        SureModel(text, logprob), lambda _: b"", BRIEF, min_support=0.5, min_logprob=min_logprob
    )
    return list(writer.write(WritingRequest(QUESTION, QUERY, [BOLTS, MOTOR])))


def text_of(found: list[Any]) -> str:
    return "".join(event.text for event in found if isinstance(event, Token))


def cited(found: list[Any]) -> list[Any]:
    return [event.citation for event in found if isinstance(event, CitationAdded)]


def usage_of(found: list[Any]) -> AnswerUsage:
    assert isinstance(found[-1], AnswerUsage)
    return found[-1]


def test_a_phrase_is_cited_where_its_words_stand() -> None:
    found = events("95 Nm")
    assert text_of(found) == "95 Nm [1]"
    (citation,) = cited(found)
    assert citation.quote == "The bolts of the suction flange are tightened to 95 Nm."
    assert (citation.n, citation.page_id, citation.supported) == (1, 101, True)


def test_its_support_is_the_model_s_own_probability() -> None:
    (citation,) = cited(events("95 Nm", -0.2))
    assert citation.support == pytest.approx(math.exp(-0.2), abs=1e-4)


@pytest.mark.parametrize(("logprob", "holds"), [(-0.3, True), (-0.31, False)])
def test_what_the_model_is_not_sure_of_is_not_found(logprob: float, holds: bool) -> None:
    found = events("95 Nm", logprob)
    assert (text_of(found) == "95 Nm [1]") is holds
    assert (text_of(found) == NOT_FOUND) is not holds
    assert usage_of(found).is_unsure is not holds
    assert ("unsure" in usage_of(found).figures()) is not holds


def test_a_model_that_does_not_tell_is_measured_by_the_support_of_the_passage() -> None:
    (citation,) = cited(events("95 Nm", None))
    assert citation.supported is (citation.support >= 0.5)
    assert not usage_of(events("95 Nm", None)).is_unsure


@pytest.mark.parametrize("text", ["NOT FOUND", "not found.", "'NOT_FOUND'", "  ", "Not found [1]"])
def test_not_found_in_any_dress_names_the_nearest_page(text: str) -> None:
    found = events(text)
    assert text_of(found) == NOT_FOUND
    assert cited(found) == []


@pytest.mark.parametrize("text", ["96 Nm", "hunter2", "the lighthouse of Northmere", "yes"])
def test_what_stands_on_no_page_is_said_without_a_citation(text: str) -> None:
    found = events(text)
    assert text_of(found) == text
    assert cited(found) == []
    assert [event.claim for event in found if isinstance(event, UnsupportedClaim)] == [text]


def test_numbers_of_pages_that_the_model_writes_are_left_out() -> None:
    assert phrase_of("95 Nm [1].") == "95 Nm."
    assert phrase_of("a\n b [1][2]") == "a b"


def test_the_passage_with_most_of_the_words_proves_a_sentence() -> None:
    page = read_page(
        typed(
            "The crane lifts the motor of the pump. The motor is lifted by a crane with two ropes."
        )
    )
    proof = prove("lifted by a crane with two ropes", "How is the motor lifted?", QUERY, [page])
    assert proof is not None
    assert proof.citation(1.0).quote == "The motor is lifted by a crane with two ropes."


def test_a_list_is_proved_by_the_shortest_run_that_holds_all_its_items() -> None:
    page = read_page(
        typed(
            "Tools are needed here. A hammer. A wrench of 24 mm. A crane for 3 tons. That is all."
        )
    )
    proof = prove("hammer, 24 mm wrench, 3 tons crane", "Which tools?", QUERY, [page])
    assert proof is not None
    assert proof.citation(1.0).quote == "A hammer. A wrench of 24 mm. A crane for 3 tons."


def test_the_prompt_asks_for_a_phrase_and_holds_the_likeliest_passages_only() -> None:
    filler = typed(" ".join(f"Filler number {n} says nothing." for n in range(200)))
    model = SureModel("95 Nm", -0.1)
    writer = ModelWriter(model, lambda _: b"", PromptLimits(brief=True, max_prompt_characters=300))
    list(writer.write(WritingRequest(QUESTION, QUERY, [BOLTS, read_page(filler, 2)])))
    (prompt,) = model.prompts
    assert "short phrase" in prompt.system
    assert "95 Nm" in prompt.pages[0].text
    assert sum(len(page.text) for page in prompt.pages) < 500
