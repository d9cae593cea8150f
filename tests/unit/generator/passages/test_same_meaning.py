"""What is asked in other words than the page has is close to a passage that means the same."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from generator.passages import same_meaning
from generator.passages.calibration import CALIBRATIONS, LITE
from generator.passages.questions.parsed_question import read_question
from generator.passages.same_meaning import with_meaning
from generator.passages.support import Quotation, quotations
from indexer.base.errors import EncoderUnavailable
from indexer.base.pages import QueryEmbedding
from tests.support.typed_pages import ENCODER, read_page, typed

PAGE = typed(
    """
    At noon all striking clocks of the great hall are set going together.

    Tours begin at eleven in the wheel hall and take fifty minutes.
    """
)
QUESTION = "When do the tours of the wheel hall begin?"
IN_OTHER_WORDS = "When do the gongs sound?"


def ranking_of(question: str) -> list[Quotation]:
    query = ENCODER.encode_queries([question])[0]
    return quotations(read_question(question), query, [read_page(PAGE)])


def text_of(*vectors: tuple[float, float]) -> QueryEmbedding:
    return QueryEmbedding(
        np.array(vectors, np.float32), ("x",) * len(vectors), np.ones(len(vectors), np.bool_)
    )


def gain(similarity: float, question: str = QUESTION) -> float:
    """Strength that the best passage gains where it is so similar to the question."""
    asked_passages: list[str] = []

    def encode(texts: Sequence[str]) -> list[QueryEmbedding]:
        asked_passages.extend(texts)
        return [text_of((similarity, float(np.sqrt(1 - similarity**2)))) for _ in texts]

    before = ranking_of(question)
    after = with_meaning(before, text_of((1.0, 0.0), (2.0, 0.0)), encode)
    assert asked_passages == [before[0].passage.quote]  # no other costs a pass of the encoder
    assert [quotation.passage for quotation in after] == [q.passage for q in before]
    gains = {round(a.strength - b.strength, 4) for a, b in zip(after, before, strict=True)}
    assert len(gains) == 1
    return gains.pop()


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The fake encoder was measured, and the document is just short enough."""
    monkeypatch.setitem(CALIBRATIONS, "fake", LITE)
    n_pages = ranking_of(QUESTION)[0].page.hit.document.n_pages
    monkeypatch.setattr(same_meaning, "_SHORT_PAGES", n_pages)
    return monkeypatch


@pytest.mark.usefixtures("measured")
def test_the_nearer_a_whole_passage_the_more_it_gains_up_to_a_limit() -> None:
    assert gain(-0.5) == gain(0.3) == 0.0
    assert 0.0 < gain(0.5) < gain(0.6) < gain(0.7) == gain(0.95) == LITE.most_of_meaning


@pytest.mark.usefixtures("measured")
def test_words_that_no_page_has_cost_little_where_the_passage_means_what_is_asked() -> None:
    cost = ranking_of(IN_OTHER_WORDS)[0].absent_cost
    assert cost > 2.0 and ranking_of(QUESTION)[0].absent_cost == 0.0
    assert gain(0.49, IN_OTHER_WORDS) == gain(0.49)
    for similarity in (0.51, 0.7):
        own_gain = gain(similarity, IN_OTHER_WORDS)
        assert own_gain == pytest.approx(gain(similarity) + cost - 2.0, abs=1e-3)


def test_a_word_that_says_which_thing_is_meant_costs_what_it_costs() -> None:
    assert ranking_of("When does the iron hall open?")[0].absent_cost == 0.0
    assert ranking_of("When does the hall open?")[0].absent_cost > 0.0


def test_other_encoders_languages_and_long_documents_change_nothing(
    measured: pytest.MonkeyPatch,
) -> None:
    query = text_of((1.0, 0.0))

    def is_unchanged(question: str) -> bool:
        asked_passages: list[str] = []

        def encode(texts: Sequence[str]) -> list[QueryEmbedding]:
            asked_passages.extend(texts)
            return [query for _ in texts]

        ranking = ranking_of(question)
        return with_meaning(ranking, query, encode) == ranking and not asked_passages

    assert not is_unchanged(QUESTION)
    assert is_unchanged("Was geschieht um zwölf Uhr in der Halle?")
    measured.setattr(same_meaning, "_SHORT_PAGES", same_meaning._SHORT_PAGES - 1)
    assert is_unchanged(QUESTION)
    measured.undo()
    measured.setattr(same_meaning, "_SHORT_PAGES", 10**6)
    assert is_unchanged(QUESTION)  # the fake encoder has constants of none
    assert with_meaning([], query, lambda _: [query]) == []


@pytest.mark.usefixtures("measured")
def test_an_encoder_that_has_gone_leaves_the_answer_as_it_is() -> None:
    ranking, query = ranking_of(QUESTION), text_of((1.0, 0.0))

    def encode(texts: Sequence[str]) -> list[QueryEmbedding]:
        raise EncoderUnavailable("it was stopped")

    assert with_meaning(ranking, query, encode) == ranking
    assert with_meaning(ranking, query, None) == ranking
