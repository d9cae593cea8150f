"""What has to be counted, calculated or seen is told apart from what pages say."""

from __future__ import annotations

import pytest

from generator.passages.questions.parsed_question import read_question
from generator.passages.support import quotations
from generator.passages.work_to_do import work_to_do
from tests.support.typed_pages import ENCODER, read_page, typed


def work(text: str, page: str) -> str:
    query = ENCODER.encode_queries([text])[0]
    question = read_question(text)
    return work_to_do(question, quotations(question, query, [read_page(typed(page))]))


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("How many charts does the report contain?", "counted"),
        ("How many people are in the photograph?", "counted"),
        ("What is the number of figures in the report?", "counted"),
        ("How many pumps are shown on the drawing?", "counted"),
        ("What colour is the line of the pumps?", "seen"),
        ("Which pump does the red line in the chart stand for?", "seen"),
        ("What is the ratio of pumps to valves?", "calculated"),
        ("What is the return on equity of the pump maker?", "calculated"),
        ("Which is larger, the number of pumps or that of valves?", "calculated"),
    ],
)
def test_what_no_sentence_says_is_left_to_the_reader(text: str, kind: str) -> None:
    assert work(text, "The report speaks of pumps, valves, charts and people.") == kind


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("How many charts does the report contain?", "The report contains 12 charts."),
        ("How many pumps are shown on the drawing?", "The drawing shows four pumps."),
        ("What colour is the line of the pumps?", "The line of the pumps is green."),
        ("What is the ratio of pumps to valves?", "The ratio of pumps to valves is 3."),
        ("How many days of leave are given to new staff?", "New staff are given 25 days of leave."),
        ("How many visitors came in 2022?", "In 2022 there came visitors of all ages."),
        ("Which pump is the largest?", "The largest pump is KD-485."),
        ("What does Best Pumps make?", "Best Pumps make valves."),
    ],
)
def test_what_the_page_says_is_quoted(text: str, page: str) -> None:
    assert work(text, page) == ""
