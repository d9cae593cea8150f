"""Questions that a page gives: they read as a person asks, and their answers stand there."""

from __future__ import annotations

import pytest

from api.diagnostics.drafting.page_questions import page_questions
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from tests.support.laid_out import Part, block, field, page_of, plain_table


def pairs(*parts: Part) -> list[tuple[str, str]]:
    return [(draft.question, draft.answer) for draft in page_questions(page_of(*parts))]


def test_a_cell_is_asked_for_by_its_row_and_column_with_its_unit() -> None:
    rows = (["Joint", "Thread", "Torque, Nm"], ["Suction flange", "M16", "95"])
    assert pairs(plain_table(*rows)) == [
        ("What is the thread of suction flange?", "M16"),
        ("What is the torque of suction flange?", "95 Nm"),
    ]


def test_a_year_over_figures_is_asked_for_as_one() -> None:
    rows = (["Item", "2024", "2023"], ["Net revenue", "325", "298"], ["Canada", "52", "n/a"])
    assert pairs(plain_table(*rows)) == [
        ("What was the figure for Net revenue in 2024?", "325"),
        ("What was the figure for Net revenue in 2023?", "298"),
        ("What was the figure for Canada in 2024?", "52"),
    ]


def test_a_field_is_asked_for_by_its_label() -> None:
    assert pairs(field("Date of birth:", "1 May 1970")) == [
        ("What is the date of birth?", "1 May 1970")
    ]


def test_a_definition_is_asked_for_by_its_term() -> None:
    text = "“Business Day” means a day on which banks are open."
    assert pairs(block(BlockKind.TEXT, text)) == [
        ("What does “Business Day” mean?", "a day on which banks are open")
    ]


@pytest.mark.parametrize(
    "part",
    [
        field("Date of birth", ""),
        field("Grinding degree", "fine"),
        field("I agree", "", True),
        plain_table(["Interval", "Time"], ["Daily", "2 min"]),
        plain_table(["Item", "Weight"], ["Total", "5 kg"], ["12", "3 kg"], ["A", "2 kg"]),
        plain_table(["Item", "Weight"], ["Flange", ""], ["Cover", "–"]),
        block(BlockKind.TEXT, "The torque is 95 Nm."),
        block(BlockKind.HEADING, "Tightening torques"),
    ],
)
def test_what_would_read_badly_or_has_no_answer_is_not_asked(part: Part) -> None:
    assert pairs(part) == []


def test_a_page_without_a_layout_gives_no_question() -> None:
    assert list(page_questions(PageWords())) == []
