"""Passages: what can be quoted, and that it is quoted word for word."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.passages.splitting.page_passages import in_company, passages_of
from generator.passages.splitting.passage import Context
from indexer.base.pages import PageWords, boxes_from_fractions, enclosing
from tests.support.typed_pages import typed


def quotes(page: str) -> list[str]:
    return [passage.quote for passage in passages_of(typed(page))]


def test_a_sentence_is_a_passage_wherever_its_lines_break() -> None:
    page = """
    The pump stands on four feet. Each foot is held by one bolt and
    each bolt by one nut. Is the floor level? Then go on to the next
    chapter of this manual, please.
    """
    assert quotes(page) == [
        "The pump stands on four feet.",
        "Each foot is held by one bolt and each bolt by one nut.",
        "Is the floor level?",
        "Then go on to the next chapter of this manual, please.",
    ]


def test_a_row_of_a_table_is_a_passage() -> None:
    page = """
    Item                 2023      2024
    Revenue              1,200     1,350
    Cost of sales        700       810
    """
    assert quotes(page) == ["Item 2023 2024", "Revenue 1,200 1,350", "Cost of sales 700 810"]


def test_a_row_carries_the_header_of_its_columns_and_the_heading() -> None:
    page = """
    Results of the Year

    Item                 2023      2024
    Revenue              1,200     1,350
    Other income         20        30
    """
    last = passages_of(typed(page))[-1]
    assert last.context == Context("Results of the Year", "Item 2023 2024")


def test_the_header_of_one_table_is_not_carried_into_the_next() -> None:
    page = """
    Item                 Torque
    Flange bolt          95

    This paragraph stands between the two tables and is long enough to part them.

    Seal                 4,400
    """
    assert passages_of(typed(page))[-1].context == Context()


def test_the_second_line_of_the_last_cell_belongs_to_its_row() -> None:
    page = """
    E12       the seal leaks, change it
              within one hundred hours
    E13       the motor is too hot
    """
    assert quotes(page) == [
        "E12 the seal leaks, change it within one hundred hours",
        "E13 the motor is too hot",
    ]


def test_list_items_are_passages_of_their_own() -> None:
    page = """
    • close the valve in the suction line
    • let the pump run dry
    1. open the lid
    2. lift the wheel
    """
    assert quotes(page) == [
        "• close the valve in the suction line",
        "• let the pump run dry",
        "1. open the lid",
        "2. lift the wheel",
    ]


def test_a_line_that_ends_early_ends_its_passage() -> None:
    page = """
    Safety
    Always wear gloves when the machine is open and the motor runs
    at full speed
    """
    assert quotes(page) == [
        "Safety",
        "Always wear gloves when the machine is open and the motor runs at full speed",
    ]


def test_a_gap_ends_a_passage_without_a_full_stop() -> None:
    assert quotes("one two three four five\n\n\nsix seven eight nine ten") == [
        "one two three four five",
        "six seven eight nine ten",
    ]


def test_a_new_column_ends_a_passage() -> None:
    left, right = typed("the left column goes on"), typed("and the right one begins")
    boxes = np.concatenate([left.boxes + np.uint16(9_000), right.boxes])
    words = PageWords(left.texts + right.texts, boxes, np.array([0] * 5 + [1] * 5, np.int32))
    assert len(passages_of(words)) == 2


def test_a_heading_is_quoted_in_company_it() -> None:
    words = typed("Tightening Torques\n\nThe bolts are tightened to 95 Nm.\nThe rest is not.")
    passages = passages_of(words)
    led = in_company(words, passages, 0)
    assert passages[0].leads
    assert led.quote == "Tightening Torques The bolts are tightened to 95 Nm."
    assert in_company(words, passages, 1) is passages[1]


def test_the_header_of_a_table_is_quoted_with_its_first_row() -> None:
    words = typed("Item                 2023      2024\nRevenue              1,200     1,350")
    passages = passages_of(words)
    both = "Item 2023 2024 Revenue 1,200 1,350"
    assert [in_company(words, passages, i).quote for i in (0, 1)] == [both, both]


def test_the_number_of_a_clause_is_no_column() -> None:
    page = """
    5.2     The works shall send an invoice on the last day of each
            month, and the buyer shall pay it.
    5.3     Nothing else is due.
    """
    assert quotes(page) == [
        "5.2 The works shall send an invoice on the last day of each month, and the buyer shall pay it.",
        "5.3 Nothing else is due.",
    ]


def test_a_page_without_words_has_no_passages() -> None:
    assert passages_of(PageWords()) == []


def test_a_passage_has_a_box_around_all_its_words_and_one_for_each_line() -> None:
    words = typed("This sentence is long enough that it stands\non two lines.")
    (passage,) = passages_of(words)
    assert passage.box.tolist() == enclosing(words.boxes).tolist()
    assert len(passage.parts) == 2
    assert passage.box.dtype == passage.parts.dtype == np.uint16


WORDS = st.lists(
    st.tuples(
        st.text(st.characters(exclude_categories=["Z", "C"]), min_size=1, max_size=8),
        st.tuples(*[st.floats(0, 1) for _ in range(4)]),
        st.integers(0, 1),
    ),
    max_size=90,
)


@given(WORDS)
def test_every_word_of_any_page_is_in_exactly_one_verbatim_passage(
    drawn: list[tuple[str, tuple[float, ...], int]],
) -> None:
    corners = np.array([box for _, box, _ in drawn]).reshape(-1, 2, 2)
    boxes = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    lines = np.cumsum([step for _, _, step in drawn], dtype=np.int32)
    words = PageWords(tuple(text for text, _, _ in drawn), boxes_from_fractions(boxes), lines)
    passages = passages_of(words)
    ends = [0, *(passage.stop for passage in passages)]
    assert [passage.start for passage in passages] == ends[:-1]
    assert ends[-1] == len(words)
    for passage in passages:
        assert passage.quote == " ".join(words.texts[passage.start : passage.stop])


@pytest.mark.parametrize("position", [0, 1])
def test_what_is_quoted_with_a_heading_is_still_a_run_of_the_page(position: int) -> None:
    words = typed("Contents Overview\n\nChapter Two\n\nIt begins here.")
    led = in_company(words, passages_of(words), position)
    assert led.quote == " ".join(words.texts[led.start : led.stop])
    assert led.quote.endswith("It begins here.")
