"""What is calculated over the cells of a table, and what is not."""

from __future__ import annotations

import pytest

from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.tables import Table
from generator.passages.values.calculations import calculate
from tests.support.laid_out_pages import Sheet

ROWS = [
    ["Segment", "Margin", "Sites", "Opened"],
    ["Household supply", "17.8%", "61", "1998"],
    ["Business retail", "11.8%", "27", "2004"],
    ["Metering", "31.5%", "4", "some"],
    ["Total", "18.1%", "92", ""],
]


def table(rows: list[list[str]]) -> Table:
    words = Sheet().table(rows).words()
    return Table(words, words.layout.blocks[0])


def result(question: str, rows: list[list[str]] = ROWS) -> str | None:
    calculation = calculate(read_question(question), [table(rows)])
    return None if calculation is None else calculation.text


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which segment has the highest margin?", "Metering"),
        ("What is the lowest margin?", "11.8%"),
        ("What is the sum of the sites?", "92"),
        ("How many segments are listed in the table?", "3"),
        (
            "What is the difference between household supply and business retail in sites?",
            "34",
        ),
    ],
)
def test_what_is_asked_for_in_so_many_words_is_calculated(question: str, text: str) -> None:
    assert result(question) == text


@pytest.mark.parametrize(
    "question",
    [
        "How many sites has household supply?",
        "Which segment has the highest debt?",
        "When was the highest tower opened?",
        "What is the sum of the opened ones?",
        "What is the difference between household supply and water in sites?",
    ],
)
def test_nothing_is_guessed(question: str) -> None:
    assert result(question) is None


def test_figures_of_two_units_are_not_compared() -> None:
    rows = [["Joint", "Torque"], ["Flange", "95 Nm"], ["Cover", "2 lbf"]]
    assert result("Which joint has the highest torque?", rows) is None


def test_a_calculation_names_the_cells_that_it_is_of() -> None:
    calculation = calculate(read_question("What is the sum of the sites?"), [table(ROWS)])
    assert calculation is not None
    assert [row for row, _ in calculation.cells] == [1, 2, 3]
    assert "61 + 27 + 4" in calculation.says
