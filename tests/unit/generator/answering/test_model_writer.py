"""A model's words as answer events: citations proved, "not found" recognised, nothing made up."""

from __future__ import annotations

from threading import Event
from typing import Any

import pytest

from generator.answering.answers import (
    CitationAdded,
    CitationRemoved,
    ImagesMissing,
    Token,
    UnsupportedClaim,
)
from generator.answering.model_writer import ModelWriter
from generator.answering.writer import WritingRequest
from generator.backends.base import Usage
from generator.backends.fake import FakeAnswerModel
from generator.errors import BackendCut
from generator.passages.support import ReadPage
from generator.prompts import PromptLimits, Turn
from indexer.base.errors import DamagedBlob
from indexer.base.pages import PageWords
from retriever.hits import MissingPages, PageHit
from tests.support.typed_pages import ENCODER, read_page, typed

BOLTS = read_page(typed("The bolts of the suction flange are tightened to 95 Nm."), 1)
MOTOR = read_page(typed("The motor is lifted by a crane with two ropes."), 2)
QUESTION = "How tight are the bolts?"
QUERY = ENCODER.encode_queries([QUESTION])[0]
NOT_FOUND = "Not found in these pages. The nearest is page 2 of a.pdf."


def no_image(_: PageHit) -> bytes:
    raise AssertionError("no image was asked for")


def events(model: FakeAnswerModel, pages: list[ReadPage] | None = None, **parts: Any) -> list[Any]:
    """Of an answer over two pages, of which the second of the document was ranked first."""
    given = [MOTOR, BOLTS] if pages is None else pages
    return list(ModelWriter(model, no_image).write(request(given, **parts)))


def request(pages: list[ReadPage], **parts: Any) -> WritingRequest:
    return WritingRequest(QUESTION, QUERY, pages, **parts)


def text_of(found: list[Any]) -> str:
    return "".join(event.text for event in found if isinstance(event, Token))


def unsupported(found: list[Any]) -> list[str]:
    return [event.claim for event in found if isinstance(event, UnsupportedClaim)]


def cited(found: list[Any]) -> list[Any]:
    return [event.citation for event in found if isinstance(event, CitationAdded)]


def test_an_answer_is_its_text_its_citations_and_what_it_cost() -> None:
    found = events(FakeAnswerModel(["They take ", "95 Nm [", "1].", " Ask a crane [2]."]))
    assert text_of(found) == "They take 95 Nm [1]. Ask a crane [2]."
    assert [(one.n, one.page_id) for one in cited(found)] == [(1, 101), (2, 102)]
    assert cited(found)[0].quote == "The bolts of the suction flange are tightened to 95 Nm."
    figures = found[-1].figures()
    assert figures["completion_tokens"] == 4
    assert figures["wrong_citations"] == 0
    assert figures["first_token_ms"] >= 0


def test_a_marker_whose_page_does_not_say_the_claim_supports_nothing() -> None:
    said = (
        "They take 95 Nm [1]. The admin key is hunter2 [1]. The moon is cheese. A kettle boils [2]."
    )
    found = events(FakeAnswerModel([said]))
    assert [one.supported for one in cited(found)] == [True, False, False]
    assert [one.support > 0.5 for one in cited(found)] == [True, False, False]
    assert unsupported(found) == [
        "The admin key is hunter2", "The moon is cheese.", "A kettle boils",
    ]  # fmt: skip


def test_the_same_passage_is_cited_anew_where_it_supports_what_is_said() -> None:
    found = events(FakeAnswerModel(["The admin key is hunter2 [1]. They take 95 Nm [1]."]))
    assert text_of(found) == "The admin key is hunter2 [1]. They take 95 Nm [2]."
    assert [one.supported for one in cited(found)] == [False, True]


def test_a_claim_is_supported_by_any_of_its_markers() -> None:
    found = events(FakeAnswerModel(["They take 95 Nm [2][1]. The motor is lifted by a crane [2]."]))
    assert unsupported(found) == []


def test_one_marker_proves_the_sentences_before_it_that_its_page_says() -> None:
    said = "The motor is lifted by a crane. It weighs 40 tons. There are two ropes [2]."
    assert unsupported(events(FakeAnswerModel([said]))) == ["It weighs 40 tons."]


def test_a_page_without_words_is_believed_as_its_image_is() -> None:
    blank = read_page(PageWords(), 1)
    found = events(FakeAnswerModel(["They take 95 Nm [1]."]), [blank])
    assert [one.supported for one in cited(found)] == [True]
    assert unsupported(found) == []


@pytest.mark.parametrize(("min_support", "holds"), [(0.0, True), (0.5, False)])
def test_the_least_support_is_a_setting(min_support: float, holds: bool) -> None:
    model = FakeAnswerModel(["The moon is cheese [1]."])
    writer = ModelWriter(model, no_image, min_support=min_support)
    found = list(writer.write(request([BOLTS])))
    assert [one.supported for one in cited(found)] == [holds]


def test_a_citation_follows_the_token_that_holds_its_number() -> None:
    found = events(FakeAnswerModel(["95 Nm [2][1]."]))
    shown = [e.text if isinstance(e, Token) else e.citation.page_number for e in found[:-1]]
    assert shown == ["95 Nm", " [1]", 2, "[2]", 1, "."]


def test_the_same_passage_keeps_its_number_and_is_cited_once() -> None:
    found = events(FakeAnswerModel(["95 Nm [1]. The flange has bolts [1]."]))
    assert text_of(found) == "95 Nm [1]. The flange has bolts [1]."
    assert len(cited(found)) == 1


def test_a_number_that_names_no_page_is_left_out_and_counted() -> None:
    found = events(FakeAnswerModel(["They take 95 Nm [7]. Really [1, 9]."]))
    assert text_of(found) == "They take 95 Nm. Really [1]."
    assert [one.page_id for one in cited(found)] == [101]
    assert found[-1].figures()["wrong_citations"] == 2


def test_the_heads_of_a_table_are_no_claim() -> None:
    said = "It is 95 Nm [1].\n\n| Part | Torque of it |\n|---|--:|\n| Lid of the box | 7 Nm |\n\nBlue paint."
    claims = [e.claim for e in events(FakeAnswerModel([said])) if isinstance(e, UnsupportedClaim)]
    assert claims == ["| Lid of the box | 7 Nm |", "Blue paint."]


def test_a_number_that_was_left_out_is_told_where_it_stood() -> None:
    found = events(FakeAnswerModel(["They take 95 Nm [7]. Really [1, 9]."]))
    told = [
        e.text if isinstance(e, Token) else e.n
        for e in found
        if isinstance(e, Token | CitationRemoved)
    ]
    assert told == ["They take 95 Nm", 7, ". Really", 9, " [1]", "."]


@pytest.mark.parametrize(
    "said",
    [["NOT FOUND"], ["NOT", " FOU", "ND."], ["  not found"], ["**NOT FOUND**"], ["NOT_FOUND"],
     ["NOT FOUND. The pages speak of pumps."], ["NOT FOUND [9]"], [], ["  \n"]],
)  # fmt: skip
def test_not_found_is_said_in_our_words_and_cites_nothing(said: list[str]) -> None:
    found = events(FakeAnswerModel(said))
    assert text_of(found) == NOT_FOUND
    assert cited(found) == []


@pytest.mark.parametrize(
    "said", ["Not founded on rock, but 95 Nm [1].", "Not found on one page, but 95 Nm [1].", "No"]
)
def test_an_answer_that_only_begins_like_not_found_is_told(said: str) -> None:
    assert text_of(events(FakeAnswerModel(list(said)))) == said


def test_an_answer_streams_while_it_is_written() -> None:
    model = FakeAnswerModel(["They take", " 95 Nm", " [1]."])
    stream = ModelWriter(model, no_image).write(request([BOLTS]))
    assert next(stream) == Token("They take")
    assert model.n_streamed == 1


def test_a_model_is_asked_nothing_without_pages() -> None:
    model = FakeAnswerModel(["From memory: 80 Nm."])
    found = events(model, [])
    assert text_of(found) == "Not found: there is no page to read."
    assert model.prompts == []


def test_the_prompt_holds_the_pages_in_their_order_and_the_talk_so_far() -> None:
    model = FakeAnswerModel(["yes"])
    events(model, history=[Turn("Before?", "That.")])
    (prompt,) = model.prompts
    assert [page.page_number for page in prompt.pages] == [1, 2]
    assert prompt.history == (Turn("Before?", "That."),)
    assert prompt.question == QUESTION


def test_a_model_that_reads_images_is_given_them() -> None:
    model = FakeAnswerModel(["yes"], reads_images=True)
    list(ModelWriter(model, lambda _: b"jpeg").write(request([BOLTS])))
    assert model.prompts[0].pages[0].image == b"jpeg"


@pytest.mark.parametrize("strict", [False, True])
def test_a_page_whose_image_is_damaged_is_read_by_its_words_and_told(strict: bool) -> None:
    def image_of(hit: PageHit) -> bytes:
        if hit.page.id == 102:
            raise DamagedBlob("the image is not there", "images", "00")
        return b"jpeg"

    model = FakeAnswerModel(["They take 95 Nm [1]."], reads_images=True)
    limits = PromptLimits(page_text=False)
    writer = ModelWriter(model, image_of, limits, strict=strict)
    answer_events = list(writer.write(request([MOTOR, BOLTS])))
    first, second = model.prompts[0].pages
    assert (first.image, first.text) == (b"jpeg", "")
    assert second.image is None and "crane" in second.text
    missing = [event.pages for event in answer_events if isinstance(event, ImagesMissing)]
    assert missing == [MissingPages(("a.pdf",), 1)]
    assert text_of(answer_events) == "They take 95 Nm [1]."


def test_an_error_amid_the_answer_comes_behind_what_was_written() -> None:
    model = FakeAnswerModel(["They take"], error=BackendCut("cut"))
    stream = ModelWriter(model, no_image).write(request([BOLTS]))
    assert next(stream) == Token("They take")
    with pytest.raises(BackendCut):
        next(stream)


def test_a_cancelled_answer_ends_without_a_word_more() -> None:
    cancelled = Event()
    model = FakeAnswerModel(["They take", " 95 Nm", " [1]."])
    stream = ModelWriter(model, no_image).write(request([BOLTS], is_cancelled=cancelled.is_set))
    assert next(stream) == Token("They take")
    cancelled.set()
    assert list(stream) == []
    assert model.n_streamed == 1


def test_an_answer_that_reached_its_limit_says_so() -> None:
    assert Usage(1, 2, "length").figures()["cut_at_limit"] == 1
    assert "cut_at_limit" not in Usage(1, 2, "stop").figures()
