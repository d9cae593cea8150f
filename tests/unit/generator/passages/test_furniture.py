"""Running heads and contents entries are told from what a page says."""

from __future__ import annotations

from generator.passages.furniture import contents_entries, running_heads
from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage
from tests.support.typed_pages import typed

# A line is 2 % of the page high, line 0 begins at 5 %; a margin is 12 % of the page.
LAST_LINE_OF_HEAD, FIRST_LINE_OF_FOOT = 2, 42


def page(text: str) -> list[Passage]:
    return passages_of(typed(text))


def on_line(number: int, text: str) -> list[Passage]:
    """The passage of a page that stands on the line of that number, 1 or more."""
    return page("x" + "\n" * number + text)[-1:]


def test_what_stands_at_the_top_of_two_pages_is_a_running_head() -> None:
    one = page("KD-340 manual  4 Installation\n\n\nPut the pump on level ground.")
    other = page("KD-340 manual  5 Wiring\n\n\nOnly an electrician may do it.")
    assert running_heads(one, [other]).tolist() == [True, False]


def test_what_stands_at_the_foot_of_two_pages_is_a_running_foot() -> None:
    foot = "\n" * (FIRST_LINE_OF_FOOT - 1)
    one = page(f"Put the pump on level ground.\n{foot}KD-340 manual, page 4")
    other = page(f"Only an electrician may do it.\n{foot}KD-340 manual, page 5")
    assert running_heads(one, [other]).tolist() == [False, True]


def test_a_margin_ends_where_the_words_of_the_page_begin() -> None:
    """At the top and at the foot: the last line that is a margin, and the line beside it."""
    for inside, outside in (
        (LAST_LINE_OF_HEAD, LAST_LINE_OF_HEAD + 1),
        (FIRST_LINE_OF_FOOT, FIRST_LINE_OF_FOOT - 1),
    ):
        head, body = on_line(inside, "KD-340 manual"), on_line(outside, "KD-340 manual")
        assert running_heads(head, [head]).tolist() == [True]
        assert running_heads(body, [body]).tolist() == [False]


def test_the_same_words_at_another_height_are_no_running_head() -> None:
    above, below = on_line(1, "KD-340 manual"), on_line(2, "KD-340 manual")
    assert running_heads(above, [below]).tolist() == [False]
    assert running_heads(below, [above]).tolist() == [False]


def test_a_running_head_shares_half_its_words_with_that_of_another_page() -> None:
    head = page("Installation of pumps and motors")
    three_of_five, two_of_five = "Installation of pumps or seals", "Maintenance of pumps or seals"
    assert running_heads(head, [page(three_of_five)]).tolist() == [True]
    assert running_heads(head, [page(two_of_five)]).tolist() == [False]
    assert running_heads(page("Pumps Motors"), [page("Pumps Seals")]).tolist() == [True]
    assert running_heads(page("-----"), [page("-----")]).tolist() == [False]  # no words at all


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


def test_three_titles_with_numbers_are_no_contents_yet() -> None:
    titles = """
    Letter from the chair          3
    Review of the year             4
    Where the money comes from     6
    """
    assert not contents_entries(page(titles)).any()


def test_a_number_of_five_digits_is_no_page_number() -> None:
    rows = [f"{title}          {{}}" for title in ("Water", "Power", "Waste", "Roads")]
    pages, litres = ("\n".join(row.format(number) for row in rows) for number in ("1999", "10999"))
    assert contents_entries(page(pages)).all()
    assert not contents_entries(page(litres)).any()


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
