"""A page as Markdown: everything in its place, and nothing of a page becomes markup."""

import numpy as np
import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from indexer.base.word_marks import BROKEN, GLUED
from indexer.layout.export.markdown import page_markdown, page_markdown_within
from indexer.layout.export.page_content import page_content
from tests.support.factories import words
from tests.support.laid_out import block, field, page_of, plain_table, table

TEXT, HEADING, ITEM = BlockKind.TEXT, BlockKind.HEADING, BlockKind.LIST_ITEM


def markdown(*parts: object, with_furniture: bool = False) -> str:
    return page_markdown(page_content(page_of(*parts)), with_furniture=with_furniture)  # type: ignore[arg-type]


def test_headings_have_the_level_of_their_number_or_of_their_size() -> None:
    text = markdown(
        block(BlockKind.TITLE, "Pump manual", height=600),
        block(HEADING, "Safety", height=360),
        block(TEXT, "Read this first."),
        block(HEADING, "Signs", height=220),
        block(HEADING, "4.2.1 Bolts"),
        block(HEADING, "5. Care"),
    )
    lines = [line for line in text.splitlines() if line.startswith("#")]
    assert lines == ["# Pump manual", "## Safety", "### Signs", "#### 4.2.1 Bolts", "## 5. Care"]


def test_a_paragraph_is_one_line_with_parted_words_whole() -> None:
    page = page_of(block(TEXT, "for a pe-\nriod of two years"))
    marks = np.zeros(len(page), np.uint8)
    marks[2] = BROKEN
    marks[3] = GLUED
    page = PageWords(page.texts, page.boxes, page.lines, "text", marks, page.layout)
    assert page_markdown(page_content(page)) == "for a period of two years"


def test_list_items_are_one_list_and_numbers_out_of_turn_are_text() -> None:
    text = markdown(
        block(ITEM, "• Open the valve"),
        block(ITEM, "– Close it"),
        block(TEXT, "Then:"),
        block(ITEM, "1. Wait"),
        block(ITEM, "2. Look"),
        block(ITEM, "7. Leave"),
    )
    assert text == ("- Open the valve\n- Close it\n\nThen:\n\n1. Wait\n2. Look\n- 7\\. Leave")


def test_a_spanning_cell_stands_in_each_place_that_it_covers() -> None:
    text = markdown(
        table(
            [
                (0, 0, "Part", {"is_head": True, "n_rows": 2}),
                (0, 1, "Price", {"is_head": True, "n_columns": 2}),
                (1, 1, "net", {"is_head": True}),
                (1, 2, "gross", {"is_head": True}),
                (2, 0, "Bolt", {"is_row_head": True, "n_rows": 2}),
                (2, 1, "1.00", {}),
                (2, 2, "1.19", {}),
                (3, 1, "on request", {"n_columns": 2}),
            ]
        )
    )
    assert text == (
        "| Part | Price / net | Price / gross |\n| --- | --- | --- |\n"
        "| Bolt | 1.00 | 1.19 |\n| Bolt | on request | on request |"
    )


def test_a_table_without_heads_has_the_heads_of_the_page_before_or_empty_ones() -> None:
    cells = [(0, 0, "Bolt", {}), (0, 1, "1.00", {})]
    assert markdown(table(cells, heads=("Part", "Price"))).startswith("| Part | Price |\n")
    assert markdown(table(cells)) == "|  |  |\n| --- | --- |\n| Bolt | 1.00 |"


def test_the_corner_above_row_heads_is_no_row_of_its_own() -> None:
    text = markdown(
        table(
            [
                (0, 0, "Year", {"is_row_head": True}),
                (0, 1, "Sales", {"is_head": True}),
                (1, 0, "2024", {"is_row_head": True}),
                (1, 1, "7", {}),
            ]
        )
    )
    assert text.splitlines()[0] == "| Year | Sales |"


def test_no_word_of_a_table_is_lost_that_stands_in_no_cell() -> None:
    def add(draft: object) -> None:
        plain_table(("A", "B"), ("1", "2"))(draft)  # type: ignore[arg-type]
        whole = draft.blocks.pop()  # type: ignore[attr-defined]
        draft.add_line("in thousands")  # type: ignore[attr-defined]
        draft.add_block(BlockKind.TABLE, whole.start, cells=whole.cells)  # type: ignore[attr-defined]

    assert markdown(add).endswith("| 1 | 2 |\n\nin thousands")


def test_a_picture_has_its_box_its_caption_and_its_words_once() -> None:
    text = markdown(
        block(BlockKind.PICTURE, "Flow\n95 %"),
        block(BlockKind.CAPTION, "Figure 3. Flow of water", about=0),
        block(BlockKind.CAPTION, "Table 1. Prices"),
    )
    picture, words_inside, caption = text.split("\n\n")
    assert picture.startswith("*Picture (0.0458, ")
    assert picture.endswith("): Figure 3. Flow of water*")
    assert words_inside == "> Flow\n> 95 %"
    assert caption == "*Table 1. Prices*"


def test_fields_are_label_and_value_and_boxes_are_ticked_or_not() -> None:
    text = markdown(field("Name:", "Ann Lee"), field("Paid", "", True), field("Late", "", False))
    assert text == "- Name: Ann Lee\n- ☑ Paid\n- ☐ Late"


def test_a_note_says_who_wrote_it() -> None:
    text = markdown(block(BlockKind.NOTE, "Is this right?", author="Ida *Q*"))
    assert text == "> **Note by Ida \\*Q\\*:** Is this right?"


def test_running_heads_and_feet_are_left_out_unless_asked_for() -> None:
    parts = (block(BlockKind.PAGE_HEADER, "ACME"), block(TEXT, "Body."))
    assert markdown(*parts) == "Body."
    assert markdown(*parts, with_furniture=True) == "ACME\n\nBody."
    assert markdown(parts[0]) == "ACME"  # else the page would seem empty


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("# not a heading", "\\# not a heading"),
        ("#7 is a number", "#7 is a number"),
        ("- not an item", "\\- not an item"),
        ("-5 degrees", "-5 degrees"),
        ("---", "\\---"),
        ("===", "\\==="),
        ("> no quotation", "\\> no quotation"),
        ("1. no item", "1\\. no item"),
        ("1.5 bar", "1.5 bar"),
        ("<script>alert(1)</script>", "&lt;script>alert(1)&lt;/script>"),
        ("a < b and c > d", "a < b and c > d"),
        ("&lt;b&gt; AT&T", "&amp;lt;b&amp;gt; AT&T"),
        ("[x](http://evil) ![y](z) [1] said", "[x\\](http://evil) ![y\\](z) [1] said"),
        ("[a]: http://evil", "[a\\]: http://evil"),
        ("snake_case _emphasis_ 2 * 3", "snake_case \\_emphasis\\_ 2 \\* 3"),
        ("`code` ~5 C:\\x", "\\`code\\` \\~5 C:\\\\x"),
        ("| a | b", "\\| a | b"),
        ("___", "\\_\\_\\_"),
    ],
)  # fmt: skip
def test_text_is_escaped_exactly_where_it_would_be_markup(text: str, shown: str) -> None:
    assert markdown(block(TEXT, text)) == shown


def test_a_cell_cannot_begin_another_cell() -> None:
    text = markdown(plain_table(("a|b", "c"), ("x\\|y", "<b>z")))
    assert text.splitlines()[0] == "| a\\|b | c |"
    assert text.splitlines()[2] == "| x\\\\\\|y | &lt;b>z |"


def test_a_page_of_before_has_paragraphs_of_lines_that_stand_close() -> None:
    text = "First line\nsecond line\n\n\nA new paragraph"
    assert page_markdown(page_content(words(text))) == "First line second line\n\nA new paragraph"


def test_an_empty_page_is_empty() -> None:
    assert page_markdown(page_content(PageWords())) == ""
    assert page_markdown_within(page_content(PageWords()), 10) == ("", False)


LONG = page_content(
    page_of(
        block(TEXT, "A first paragraph."),
        plain_table(("Part", "Price"), *[(f"Bolt {i}", f"{i}.00") for i in range(30)]),
        block(TEXT, "The end."),
    )
)


@pytest.mark.parametrize("limit", range(21, 700, 7))
def test_a_page_is_cut_behind_a_block_or_a_row_and_says_so(limit: int) -> None:
    whole = page_markdown(LONG, with_furniture=True)
    text, is_cut = page_markdown_within(LONG, limit)
    assert len(text) <= limit
    assert is_cut == (limit < len(whole))
    if is_cut:
        body = text.removesuffix("\n\n…")
        assert text != body
        assert set(body.splitlines()) <= set(whole.splitlines())
        assert not body.endswith("--- |")  # heads without a row say nothing


@pytest.mark.parametrize("limit", [1, 2, 4, 9, 17])
def test_only_a_first_block_that_is_too_long_is_cut_between_words(limit: int) -> None:
    text, is_cut = page_markdown_within(LONG, limit)
    assert is_cut
    assert len(text) <= max(limit, 2)
    assert text.endswith("…")
