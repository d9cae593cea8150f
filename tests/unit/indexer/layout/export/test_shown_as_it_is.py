"""Whatever a page says, programs that show its export show just that: parsers read both formats back."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from indexer.base.layout import BlockKind
from indexer.layout.export.html import page_html
from indexer.layout.export.markdown import page_markdown
from indexer.layout.export.page_content import page_content
from tests.support.laid_out import block, page_of, plain_table

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SIGNS = "#*_-+=><&;!|[](){}`~\\/:.1ax \"'"
TEXTS = st.text(st.sampled_from(SIGNS), min_size=1, max_size=12).filter(str.strip)


class Reader(HTMLParser):
    """Collects the text of elements, and which elements there are."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.text = ""
        self.tags: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def shown(html: str) -> str:
    return " ".join(Reader(html).text.split())


@pytest.mark.parametrize(
    "kind", [BlockKind.TEXT, BlockKind.HEADING, BlockKind.TITLE, BlockKind.FOOTNOTE]
)
@given(text=TEXTS)
@example("a #")
@example("1) x")
@settings(max_examples=300, deadline=None)
def test_a_text_is_one_element_that_shows_it(kind: BlockKind, text: str) -> None:
    content = page_content(page_of(block(kind, text)))
    expected = " ".join(text.split())
    html = PARSER.render(page_markdown(content))
    assert shown(html) == expected
    assert len(Reader(html).tags) == 1
    assert shown(page_html(content)) == expected
    assert len(Reader(page_html(content)).tags) == 1


@given(first=TEXTS, second=TEXTS)
@settings(max_examples=300, deadline=None)
def test_cells_stay_in_their_places(first: str, second: str) -> None:
    content = page_content(page_of(plain_table(("A", "B"), (first, second))))
    html = PARSER.render(page_markdown(content))
    assert Reader(html).tags.count("td") == 2
    assert shown(html) == " ".join(f"A B {first} {second}".split())
    assert shown(page_html(content).replace("</td>", " </td>").replace("</th>", " </th>")) == (
        " ".join(f"A B {first} {second}".split())
    )


@given(st.lists(TEXTS, min_size=1, max_size=3))
@settings(max_examples=200, deadline=None)
def test_items_stay_items_of_one_list(texts: list[str]) -> None:
    parts = [block(BlockKind.LIST_ITEM, f"x{text}") for text in texts]
    html = PARSER.render(page_markdown(page_content(page_of(*parts))))
    assert Reader(html).tags == ["ul", *["li"] * len(texts)]
    assert shown(html) == " ".join(" ".join(f"x{text}".split()) for text in texts)
