"""Codes of questions: which are, and which passages say nothing of them."""

from __future__ import annotations

import pytest

from generator.passages.questions.codes import codes_in, is_code, lacking_codes
from generator.passages.questions.parsed_question import read_question
from generator.passages.questions.terms import terms_of


def lacking(codes: frozenset[str], *quotes: str, heading: str = "") -> list[bool]:
    return [bool(lacks) for lacks in lacking_codes(codes, quotes, [heading] * len(quotes))]


@pytest.mark.parametrize(
    "token", ["KD-340/B", "M16x1.5", "847-2", "4.2.1", "75W-90", "HY-77410-S", "CVE-2024-1234"]
)
def test_part_and_section_numbers_are_codes(token: str) -> None:
    assert is_code(token)


@pytest.mark.parametrize(
    "token",
    [
        "2025-03-14",
        "14.03.2025",
        "18-29",
        "2019/2020",
        "1.000.000",
        "43.60",
        "10-K",
        "COVID-19",
        "well-known",
    ],
)
def test_dates_ranges_numbers_and_names_are_no_codes(token: str) -> None:
    assert not is_code(token)


def test_a_code_is_found_however_its_parts_are_joined() -> None:
    codes = codes_in("price of kd-340/b?")
    assert lacking(codes, "KD 340 B costs 9.50") == [False]
    assert lacking(codes, "Seals, as KD-340/A", heading="KD-340/B") == [False]


def test_a_passage_of_another_code_or_of_a_page_without_the_code_lacks_it() -> None:
    codes = codes_in("What is the price of KD-340/B?")
    other, silent = "KD-340/A Seal kit 43.60", "Prices are in euros."
    assert lacking(codes, other, silent) == [True, True]
    assert lacking(codes, "KD-340/B Seal kit 44.10", other, silent) == [False, True, False]
    assert lacking(codes_in("What is the price?"), other) == [False]


def test_a_code_of_a_question_is_one_term_and_a_page_has_its_parts_too() -> None:
    assert read_question("What is the price of KD-340/B?").terms == {"kd-340/b": 2.0, "pric": 1.0}
    assert {"kd-340/b", "kd", "340", "b"} <= terms_of("KD-340/B")
    assert {"2025-03-14", "2025"} <= read_question("Due by 2025-03-14?").terms.keys()


def test_small_figures_are_terms_of_units_and_powers_and_no_terms_as_footnote_marks() -> None:
    terms = terms_of("1,480 ² euros of 64 m² at 10⁵ by arrival.² CO₂")
    assert {"1480", "m2", "10^5", "arrival", "co2"} <= terms
    assert not {"2", "1480²", "arrival2"} & terms
