"""What is shown beside an answer that is not sure: the next best passages."""

from __future__ import annotations

import pytest

from generator.answering.answers import Citation, CitationAdded, PassageBeside, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.calibration import CALIBRATIONS, Calibration
from tests.support.typed_pages import ENCODER, read_page, typed

PAGE = typed(
    """
    The bolts of the suction flange carry a mark of red paint.

    The bolts of the discharge flange carry no mark at all.

    Each mark on a flange is seen from the door.

    The bolts of the suction flange carry a mark of red paint, too.
    """
)
QUESTION = "Which mark do the bolts of the suction flange carry?"


def shown(
    monkeypatch: pytest.MonkeyPatch, log_odds: float, min_support: float = 0.0
) -> tuple[str, list[int], list[Citation]]:
    """Return text, numbers of citations and further passages, where every support has these log odds."""
    calibration = Calibration(0.7, 2.45, log_odds, 0.0, 0.0, 0.0)
    monkeypatch.setitem(CALIBRATIONS, "fake", calibration)
    query = ENCODER.encode_queries([QUESTION])[0]
    request = WritingRequest(QUESTION, query, [read_page(PAGE)])
    events = list(ExtractiveWriter(min_support, 1).write(request))
    return (
        "".join(event.text for event in events if isinstance(event, Token)),
        [event.citation.n for event in events if isinstance(event, CitationAdded)],
        [e.citation for e in events if isinstance(e, PassageBeside) and e.is_further],
    )


def test_beside_what_is_not_sure_stand_the_next_best_passages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text, cited, further = shown(monkeypatch, log_odds=0.0)
    assert "red paint" in text and cited == [1]
    assert further and [citation.n for citation in further] == [*range(2, 2 + len(further))]
    quotes = [citation.quote for citation in further]
    assert not any(quote in text for quote in quotes)
    assert not any("red paint" in quote for quote in quotes)  # it would say the same once more


def test_beside_a_sure_answer_stands_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    text, _, further = shown(monkeypatch, log_odds=3.0)
    assert "red paint" in text and further == []


def test_below_a_refusal_they_are_not_called_supported(monkeypatch: pytest.MonkeyPatch) -> None:
    text, cited, further = shown(monkeypatch, log_odds=0.0, min_support=0.999)
    assert text.startswith("Not found") and cited == []
    assert further and not any(citation.supported for citation in further)
