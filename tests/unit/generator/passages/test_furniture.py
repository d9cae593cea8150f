"""Running heads and contents entries are told from what a page says."""

from __future__ import annotations

from generator.passages.furniture import contents_entries, running_heads
from generator.passages.splitting import Passage, passages_of
from tests.typed_pages import typed


def page(text: str) -> list[Passage]:
    return passages_of(typed(text))


def test_what_stands_at_the_top_of_two_pages_is_a_running_head() -> None:
    one = page("KD-340 manual  4 Installation\n\n\nPut the pump on level ground.")
    other = page("KD-340 manual  5 Wiring\n\n\nOnly an electrician may do it.")
    assert running_heads(one, [other]).tolist() == [True, False]


def test_the_same_words_elsewhere_on_the_page_are_no_running_head() -> None:
    low = "\n" * 10 + "The KD-340 manual says so."
    one, other = page("Title\n" + low), page("Another\n" + low)
    assert running_heads(one, [other]).tolist() == [False, False]


def test_a_single_page_has_no_running_head() -> None:
    assert not running_heads(page("KD-340 manual"), []).any()


def test_a_leader_of_dots_makes_a_contents_entry() -> None:
    assert contents_entries(page("Safety ........ 6\n\n\nSafety comes first.")).tolist() == [
        True,
        False,
    ]


def test_titles_with_rising_page_numbers_are_contents_entries() -> None:
    contents = """
    Letter from the chair          3
    Review of the year             4
    Where the money comes from     6
    Leaks                          6
    """
    assert contents_entries(page(contents)).all()


def test_rows_of_falling_figures_are_no_contents() -> None:
    table = """
    Bolts of the flange            30
    Nuts of the foot               20
    Rings of the seal              40
    Screws of the lid              10
    """
    assert not contents_entries(page(table)).any()


def test_an_empty_page_has_no_furniture() -> None:
    assert len(contents_entries([])) == len(running_heads([], [])) == 0
