"""What runs over the end of a page is quoted whole, and both pages are cited."""

from __future__ import annotations

from dataclasses import replace

from generator.answering.answers import Citation, CitationAdded, Token
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.writer import WritingRequest
from generator.passages.support import PageBeside, ReadPage
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords
from tests.support.laid_out import block, page_of
from tests.support.typed_pages import ENCODER, hit, read_page

FIRST = page_of(
    block(
        BlockKind.TEXT, "The harbour opens at dawn. The deposit for the north slip is paid to the"
    ),
    block(BlockKind.PAGE_FOOTER, "3"),
)
SECOND = page_of(
    block(BlockKind.PAGE_HEADER, "Saltmarsh harbour"),
    block(BlockKind.TEXT, "clerk and comes to 1,200 pounds. Boats are washed on Fridays."),
)
LIST_BEGINS = page_of(
    block(BlockKind.TEXT, "The winter kit contains these parts:"),
    block(BlockKind.LIST_ITEM, "- a wear ring"),
    block(BlockKind.LIST_ITEM, "- a shaft key"),
    block(BlockKind.PAGE_FOOTER, "3"),
)
LIST_ENDS = page_of(
    block(BlockKind.LIST_ITEM, "- an O-ring"),
    block(BlockKind.LIST_ITEM, "- a gasket"),
    block(BlockKind.TEXT, "Order it by telephone."),
)


def pages(first: PageWords, second: PageWords) -> tuple[ReadPage, ReadPage]:
    """Return pages 3 and 4 as they are read, each beside the other."""
    a, b = read_page(first, 3), read_page(second, 4)
    behind = PageBeside(hit(4).page, second)
    before = PageBeside(hit(3).page, first)
    return replace(a, behind=behind), replace(b, before=before)


def answer(question: str, page: ReadPage) -> tuple[str, list[Citation]]:
    query = ENCODER.encode_queries([question])[0]
    events = list(ExtractiveWriter(0.2, 1).write(WritingRequest(question, query, [page])))
    text = "".join(event.text for event in events if isinstance(event, Token))
    return text, [event.citation for event in events if isinstance(event, CitationAdded)]


def test_a_sentence_over_a_page_end_is_quoted_whole_from_either_page() -> None:
    for page in pages(FIRST, SECOND):
        text, citations = answer("How much is the deposit for the north slip?", page)
        value, proof = text.split("\n")
        assert value == "1,200 pounds"
        assert proof == (
            "“The deposit for the north slip is paid to the clerk and comes to 1,200 pounds.” [1] [2]"
        )
        assert [(c.page_number, c.quote) for c in citations] == [
            (3, "The deposit for the north slip is paid to the"),
            (4, "clerk and comes to 1,200 pounds."),
        ]
        assert [citation.value for citation in citations] == ["", "1,200 pounds"]


def test_a_list_over_a_page_end_is_quoted_with_all_its_items() -> None:
    text, citations = answer(
        "Which parts does the winter kit contain?", pages(LIST_BEGINS, LIST_ENDS)[0]
    )
    assert "a wear ring - a shaft key - an O-ring - a gasket” [1] [2]" in text
    assert "telephone" not in text
    assert [citation.page_number for citation in citations] == [3, 4]


def test_what_is_whole_on_its_page_stays_there() -> None:
    _, (citation,) = answer("When does the harbour open?", pages(FIRST, SECOND)[0])
    assert citation.quote == "The harbour opens at dawn."
    whole = page_of(block(BlockKind.TEXT, "The deposit is 900 pounds."))
    _, (citation,) = answer("How much is the deposit?", pages(whole, SECOND)[0])
    assert (citation.page_number, citation.quote) == (3, "The deposit is 900 pounds.")
