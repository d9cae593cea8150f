"""A list of a schema is filled with the rows of one table, whole, or with nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from generator.answering.answerer import MIN_SUPPORT
from generator.answering.finding.page_finder import PageSearch
from generator.answering.structured.row_schema import ListField, read_row_schema
from generator.answering.structured.table_filling import FilledList, TableFiller
from generator.errors import InvalidSchema
from generator.passages.support import PageBeside, ReadPage
from indexer.base.pages import PageWords
from retriever.hits import SearchResult
from retriever.query.filters import SearchFilter
from tests.support.laid_out import page_of, plain_table
from tests.support.typed_pages import ENCODER, read_page, typed

HEADS = ["Item", "Price, EUR"]
LINE = {"type": "object", "properties": {"item": {"type": "string"}, "price": {"type": "number"}}}
SEARCH = PageSearch(["manuals"], 2, SearchFilter())
QUESTION = "What does each item cost?"


def list_of(**more: Any) -> ListField:
    (field,) = read_row_schema(
        {"properties": {"prices": {"type": "array", "items": LINE, **more}}}
    ).lists
    return field


class Finder:
    """Finds the first pages of a document; others are read when they are asked for."""

    def __init__(self, documents: dict[str, Sequence[PageWords]], n_found: int) -> None:
        self.pages = [page for name, words in documents.items() for page in _pages_of(name, words)]
        self.n_found = n_found

    def find(self, query: str, search: PageSearch) -> tuple[SearchResult, list[ReadPage]]:
        found = [page for page in self.pages if page.hit.page.page_number <= self.n_found]
        embedding = ENCODER.encode_queries([query])[0]
        return SearchResult(query, embedding, tuple(page.hit for page in found), {}), found

    def read(self, query: str, page_ids: set[int], search: PageSearch) -> list[ReadPage]:
        return [page for page in self.pages if page.hit.page.id in page_ids]


def _pages_of(name: str, words: Sequence[PageWords]) -> list[ReadPage]:
    pages = [read_page(own, n, name) for n, own in enumerate(words, start=1)]
    beside = [PageBeside(page.hit.page, page.words) for page in pages]
    return [
        replace(page, before=before, behind=behind)
        for page, before, behind in zip(
            pages, [None, *beside[:-1]], [*beside[1:], None], strict=True
        )
    ]


def fill(documents: dict[str, Sequence[PageWords]], n_found: int = 1, **more: Any) -> FilledList:
    finder: Any = Finder(documents, n_found)
    return TableFiller(finder, MIN_SUPPORT).fill(list_of(**more), QUESTION, SEARCH)


def test_a_table_is_followed_over_pages_that_no_search_found() -> None:
    pages = [
        page_of(plain_table(HEADS, ["Bolt", "1.50"], ["Nut", "on request"])),
        page_of(plain_table(HEADS, ["Washer", "0.20"])),
        page_of(plain_table(HEADS, ["Gasket", "4.00"])),
        typed("Prices hold until the end of the year."),
    ]
    filled = fill({"a.pdf": pages})
    assert filled.objects == (
        {"item": "Bolt", "price": 1.5},
        {"item": "Nut", "price": None},
        {"item": "Washer", "price": 0.2},
        {"item": "Gasket", "price": 4.0},
    )
    rows = [(c.n, c.field, c.page_number, c.quote) for c in filled.citations]
    assert rows[2] == (3, "prices.2", 2, "Washer 0.20")
    assert [c.page_number for c in filled.citations] == [1, 1, 2, 3]
    assert all(c.box[3] > c.box[1] and c.support >= MIN_SUPPORT for c in filled.citations)


def test_tables_of_two_documents_are_not_mixed() -> None:
    documents = {
        name: [page_of(plain_table(HEADS, [item, "1.00"]))]
        for name, item in (("a.pdf", "Bolt"), ("b.pdf", "Rose"))
    }
    assert fill(documents).objects == ({"item": "Bolt", "price": 1.0},)


def test_where_two_tables_fit_or_none_there_is_no_list_and_it_is_said_why() -> None:
    other = page_of(plain_table([*HEADS, "Colour"], ["Rose", "3.00", "red"]))
    both = fill({"a.pdf": [page_of(plain_table(HEADS, ["Bolt", "1.50"])), other]}, n_found=2)
    assert both.objects == () and both.problem.startswith("2 tables have such columns")
    none = fill({"a.pdf": [typed("The bolts are sold by the maker, at a price.")]})
    assert none.objects == () == none.citations and not none.problem


def test_lists_are_found_wherever_a_schema_has_them() -> None:
    schema = {
        "$ref": "#/$defs/Order",
        "$defs": {
            "Line": LINE,
            "Buyer": {"type": "object", "properties": {
                "name": {"type": "string"}, "lines": {"type": "array", "items": {"$ref": "#/$defs/Line"}}}},
            "Order": {"type": "object", "properties": {
                "buyer": {"$ref": "#/$defs/Buyer"},
                "returns": {"anyOf": [{"type": "array", "items": LINE}, {"type": "null"}]}}},
        },
    }  # fmt: skip
    row_schema = read_row_schema(schema)
    assert [field.name for field in row_schema.fields] == ["buyer.name"]
    lists = [(field.name, field.is_nullable) for field in row_schema.lists]
    assert lists == [("buyer.lines", False), ("returns", True)]


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"type": "array", "items": {"type": "string"}}, "no list of single values"),
        ({"type": "array"}, "no list of single values"),
        ({"$ref": "#"}, "too deep"),
    ],
)
def test_other_lists_are_refused_by_name(part: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidSchema, match=said):
        read_row_schema({"type": "object", "properties": {"names": part}})
    with pytest.raises(InvalidSchema, match="names no values"):
        read_row_schema({"type": "object"})
