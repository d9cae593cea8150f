"""Questions that are none, a lone letter or a slip of keys: nothing is quoted that does not hold the word."""

from __future__ import annotations

import pytest

from generator.answering.answers import CitationAdded
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.bare_questions import can_answer
from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from indexer.base.layout import BlockKind
from tests.support.laid_out_pages import Sheet
from tests.support.typed_pages import ENCODER, read_page

PUMP = (
    Sheet()
    .put(BlockKind.HEADING, "7 Faults")
    .put(BlockKind.TEXT, "A worn seal lets water into the oil chamber.")
    .put(BlockKind.TEXT, "The KD-340 stops by itself when its motor is too hot.")
    .table([["Code", "Meaning"], ["E12", "Moisture in the oil"], ["E13", "Motor too hot"]])
    .words()
)


def quotes(question: str) -> list[str]:
    """Return what is quoted, whatever its support."""
    query = ENCODER.encode_queries([question])[0]
    request = WritingRequest(question, query, [read_page(PUMP)], lambda: False)
    events = ExtractiveWriter(0.0, 3).write(request)
    return [event.citation.quote for event in events if isinstance(event, CitationAdded)]


@pytest.mark.parametrize("question", ["x", "?!", "...", "asdf", "asdf asdf", "8", "why?", "Q?"])
def test_a_question_that_is_none_quotes_nothing(question: str) -> None:
    assert quotes(question) == []


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("E12", "E12 Moisture in the oil"),
        ("KD-340", "The KD-340 stops by itself when its motor is too hot."),
        ("seals?", "A worn seal lets water into the oil chamber."),
        ("moistuer", "E12 Moisture in the oil"),
        ("chambers", "A worn seal lets water into the oil chamber."),
        ("engine", "The KD-340 stops by itself when its motor is too hot."),
    ],
)
def test_a_lone_word_quotes_only_what_holds_it(question: str, quote: str) -> None:
    assert quotes(question)[0] == quote


def test_words_that_no_space_parts_are_no_lone_word() -> None:
    passage = passages_of(PUMP)[0]
    assert can_answer(read_question("返品はできますか"))(passage)
    assert not can_answer(read_question("asdf"))(passage)
