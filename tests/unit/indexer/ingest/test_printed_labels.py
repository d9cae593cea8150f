"""Numbers in the margins are page numbers where they run in step with the pages, and only there."""

from __future__ import annotations

import pytest

from indexer.ingest.printed_labels import printed_labels


def labels_of(numbers: dict[int, list[str]], n_pages: int) -> list[str]:
    labels = {page: str(page) for page in range(1, n_pages + 1)}
    return list(printed_labels(labels, numbers, n_pages).values())


def test_numbers_in_step_are_labels_and_a_page_without_one_has_none() -> None:
    numbers = {3: ["2021", "1"], 4: ["2021", "2"], 5: ["7"], 6: ["2021", "4"], 7: ["5"]}
    assert labels_of(numbers, 7) == ["", "", "1", "2", "", "4", "5"]


def test_a_preface_in_roman_numbers_is_a_run_of_its_own() -> None:
    numbers = {n: [text] for n, text in enumerate(["iii", "iv", "v", "1", "2", "3", "4"], 2)}
    assert labels_of(numbers, 8) == ["", "iii", "iv", "v", "1", "2", "3", "4"]


@pytest.mark.parametrize(
    "numbers",
    [
        {1: ["1"], 2: ["2"], 3: ["3"], 4: ["4"]},  # they are the numbers of the pages
        {2: ["7"], 3: ["8"]},  # too few
        {1: ["12"], 2: ["14"], 3: ["16"], 4: ["18"]},  # two pages on each
        {1: ["2019"], 2: ["2019"], 3: ["2019"], 4: ["2019"]},
        {9: ["3"], 10: ["4"], 11: ["5"]},  # a few of many pages
    ],
)
def test_other_numbers_change_nothing(numbers: dict[int, list[str]]) -> None:
    assert labels_of(numbers, 16) == [str(page) for page in range(1, 17)]


def test_labels_of_the_file_itself_stay() -> None:
    labels = {1: "i", 2: "2", 3: "3"}
    assert printed_labels(labels, {1: ["7"], 2: ["8"], 3: ["9"]}, 3) == labels
