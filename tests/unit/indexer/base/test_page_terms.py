"""A page is found by its words, its document's names, and the places that begin on it."""

from __future__ import annotations

import numpy as np
import pytest

from indexer.base.layout import Block, BlockKind, Cell, LayoutSource, PageLayout
from indexer.base.page_places import places_of, printed_numbers
from indexer.base.page_terms import name_terms, page_terms, title_of
from indexer.base.pages import PageWords


def page_of(*lines: tuple[str, float, float], width: float = 0.05) -> PageWords:
    """Build a page of lines (text, top, height), in fractions of the page."""
    texts, boxes, numbers = [], [], []
    for number, (text, top, height) in enumerate(lines):
        for i, word in enumerate(text.split()):
            texts.append(word)
            boxes.append((i * 0.06, top, i * 0.06 + width, top + height))
            numbers.append(number)
    steps = np.array(np.array(boxes) * 65535, np.uint16)
    return PageWords(tuple(texts), steps, np.array(numbers, np.int32), "text")


@pytest.mark.parametrize(
    ("line", "places"),
    [
        ("Figure 3: Pumps and drives", ["figure:3"]),
        ("FIGURE 3", ["figure:3"]),
        ("Fig. 3. Pumps", ["figure:3"]),
        ("Figure 3 Pumps and drives", ["figure:3"]),
        ("Figure 3 shows the pumps", []),
        ("Figure 3 and the text below", []),
        ("as Figure 3: shows", []),
        ("Table 2.1 – Torques", ["table:2.1"]),
        ("Table IV: Torques", ["table:iv"]),
        ("Appendix B", ["appendix:b"]),
        ("Chapter 2", ["chapter:2"]),
        ("Exhibit P-10", ["exhibit:p-10"]),
        ("4.2.1 Torque of the bolts", ["section:4.2.1"]),
        ("4 Results", ["section:4"]),
        ("4 pumps were sold", []),
        ("2019 Annual report", []),
        ("4 The pump was sold.", []),
        ("part of the pump", []),
    ],
)
def test_a_place_begins_with_its_caption_or_heading(line: str, places: list[str]) -> None:
    assert places_of([line]) == places


def test_a_table_of_contents_begins_nothing() -> None:
    lines = [f"{n}.1 Part of the manual ........ {n * 7}" for n in range(1, 7)]
    assert places_of(lines) == []


@pytest.mark.parametrize(
    ("line", "numbers"),
    [
        ("iv", ["iv"]),
        ("– 7 –", ["7"]),
        ("Page 7 of 20", ["7"]),
        ("Annual report 2020 45", ["45"]),
        ("12 Handbook", ["12"]),
        ("Report 2020", []),
        ("the pump", []),
    ],
)
def test_margins_tell_the_printed_number(line: str, numbers: list[str]) -> None:
    assert printed_numbers([line]) == numbers


def test_numbers_in_the_middle_of_a_page_are_no_page_numbers() -> None:
    page = page_of(("17", 0.5, 0.02), ("9", 0.95, 0.02))
    assert page_terms(page, "", ()).places == ("page:9",)


def test_the_label_of_a_page_is_a_place() -> None:
    assert page_terms(page_of(("pump", 0.5, 0.02)), "iv", ()).places == ("page:iv",)


def test_the_title_is_the_highest_print_of_the_first_page() -> None:
    page = page_of(
        ("Northwind", 0.05, 0.01), ("Ferry handbook", 0.2, 0.05), ("for crews", 0.3, 0.01)
    )
    assert title_of(page) == "Ferry handbook"


def test_print_that_stands_sideways_is_no_title() -> None:
    page = page_of(("Ferry handbook", 0.2, 0.04), ("arXiv:2310", 0.1, 0.7))
    assert title_of(page) == "Ferry handbook"


def test_a_file_name_says_its_words() -> None:
    names = name_terms("NIKE_2021_10K.pdf", None)
    assert {"nike", "2021", "10k"} <= set(names)


def test_tables_and_headings_are_told_apart_where_the_layout_is_known() -> None:
    page = page_of(("Torque", 0.1, 0.02), ("Bolt 95", 0.3, 0.02), ("tighten", 0.5, 0.02))
    box = (0, 0, 1, 1)
    blocks = (
        Block(BlockKind.HEADING, 0, 1, box),
        Block(BlockKind.TABLE, 1, 3, box, (Cell(0, 0, 1, 2, box), Cell(0, 1, 2, 3, box))),
        Block(BlockKind.TEXT, 3, 4, box),
    )
    layout = PageLayout(blocks, LayoutSource.LINES)
    terms = page_terms(
        PageWords(page.texts, page.boxes, page.lines, "text", page.marks, layout), "", ()
    )
    assert (terms.headings, terms.cells, terms.words) == (("torque",), ("bolt", "95"), ("tighten",))


def test_a_page_without_words_has_its_names() -> None:
    terms = page_terms(PageWords(), "", ("ferry",))
    assert (terms.words, terms.names, terms.places) == ((), ("ferry",), ())
