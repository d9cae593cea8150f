"""The title of a numbered part is the heading or the caption that begins with it."""

from __future__ import annotations

import pytest

from generator.answering.answers import Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.part_titles import part_asked_for
from indexer.base.layout import BlockKind
from tests.support.laid_out_pages import Sheet
from tests.support.typed_pages import ENCODER, read_page

PAGE = (
    Sheet()
    .put(BlockKind.HEADING, "12. Term and termination")
    .put(BlockKind.TEXT, "12.1 This agreement runs for three years, as clause 4 says.")
    .put(BlockKind.TEXT, "Unit 14 key assignments follow.")
    .put(BlockKind.TEXT, "UNIT 14: Using financial information")
    .put(BlockKind.CAPTION, "Table 2. Torques for dry threads.")
    .words()
)


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("What is the title of section 12?", "Term and termination"),
        ("What's clause 12 called?", "Term and termination"),
        ("What is chapter 12 about?", "Term and termination"),
        ("What is the topic of UNIT 14?", "Using financial information"),
        ("Tell me the caption of Table 2.", "Torques for dry threads"),
    ],
)
def test_the_title_of_a_part_is_read_off_its_heading(question: str, title: str) -> None:
    query = ENCODER.encode_queries([question])[0]
    request = WritingRequest(question, query, [read_page(PAGE)], lambda: False)
    events = ExtractiveWriter(0.5, 3).write(request)
    assert next(events) == Token(title, is_value=True)


@pytest.mark.parametrize(
    "question",
    ["What does section 12 say about notice?", "Who signed part 3?", "What is in the name of A?"],
)
def test_a_question_of_what_a_part_says_asks_for_no_title(question: str) -> None:
    assert part_asked_for(question) is None


def test_a_title_is_all_that_is_asked_for_or_not() -> None:
    whole, narrow = map(
        part_asked_for, ["What is the name of part 7?", "What is the name of part 7 in the pump?"]
    )
    assert whole is not None and whole.is_all
    assert narrow is not None and not narrow.is_all
