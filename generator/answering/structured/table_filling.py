"""Fills a list of a schema from pages: its objects are the rows of the table with such columns."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from generator.answering.answers import Citation
from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.quoting import cite
from generator.answering.structured.row_schema import ListField
from generator.answering.structured.table_records import TableRecord, table_records
from generator.passages.questions.parsed_question import read_question
from generator.passages.support import Quotation, ReadPage, quotations
from retriever.hits import SearchResult

_MAX_PAGES = 50  # of a document, which a table may go on over


@dataclass(frozen=True, slots=True, eq=False)
class FilledList:
    """The objects of a list, each with the row that proves it.

    result   of the search for it
    problem  why there are none, though a table may have them
    """

    result: SearchResult
    objects: tuple[dict[str, Any], ...] = ()
    citations: tuple[Citation, ...] = ()
    problem: str = ""


class TableFiller:
    """Finds the table that a list of a schema asks for, and reads its rows."""

    def __init__(self, finder: PageFinder, min_support: float) -> None:
        """`min_support` is what the best row of a table has to have, asked for what the list holds."""
        self._finder = finder
        self._min_support = min_support

    def fill(self, field: ListField, question: str, search: PageSearch) -> FilledList:
        """Return the rows of the table, of the best document that has one: none are mixed.

        Raises what `Searcher.search` raises.
        """
        columns = ", ".join(part.labels[-1] for part in field.fields)
        query = f"{question} {field.labels[0]}: {columns}".strip()
        result, pages = self._finder.find(query, search)
        no_list = FilledList(result)
        # What is asked tells two tables apart that have such columns, as the name of the list does.
        named_field = replace(field, labels=(*field.labels, question)) if question else field
        for of_document in _by_document(pages):
            pages_read, records, problem = self._records(named_field, query, search, of_document)
            support = _best_support(query, result, pages_read, records)
            if records and support is not None and support.closeness >= self._min_support:
                return replace(
                    no_list,
                    objects=tuple(record.as_object(field) for record in records),
                    citations=_citations(field, records, pages_read, support),
                )
            no_list = replace(no_list, problem=no_list.problem or problem)
        return no_list

    def _records(
        self, field: ListField, query: str, search: PageSearch, pages: Sequence[ReadPage]
    ) -> tuple[dict[int, ReadPage], list[TableRecord], str]:
        """Return pages of one document by number and the records on them, those that go on included."""
        own_pages = {page.hit.page.page_number: page for page in pages}
        while True:
            in_order = sorted(own_pages.items())
            records, problem = table_records(field, [(n, page.words) for n, page in in_order])
            missing_ids = {
                beside.page.id
                for number in {record.page_number for record in records}
                for beside in (own_pages[number].before, own_pages[number].behind)
                if beside is not None and beside.page.page_number not in own_pages
            }
            next_pages = self._finder.read(query, missing_ids, search) if missing_ids else []
            if not next_pages:
                return own_pages, records, problem
            if len(own_pages) >= _MAX_PAGES:
                return own_pages, [], f"its table goes on over more than {_MAX_PAGES} pages"
            own_pages |= {page.hit.page.page_number: page for page in next_pages}


def _by_document(pages: Sequence[ReadPage]) -> Iterator[list[ReadPage]]:
    """Yield the pages of each document, the one with the best page first."""
    by_document: dict[str, list[ReadPage]] = {}
    for page in pages:
        by_document.setdefault(page.hit.document.id, []).append(page)
    yield from by_document.values()


def _best_support(
    query: str,
    result: SearchResult,
    pages: dict[int, ReadPage],
    records: Sequence[TableRecord],
) -> Quotation | None:
    """Return the quotation of these rows that suits the question best: it stands for its table."""
    tables = {id(record.passage.table): record.page_number for record in records}
    own_pages = [pages[number] for number in dict.fromkeys(tables.values())]
    rows = {(record.page_number, record.passage.start) for record in records}
    ranking = quotations(read_question(query), result.embedding, own_pages)
    return next(
        (q for q in ranking if (q.page.hit.page.page_number, q.passage.start) in rows), None
    )


def _citations(
    field: ListField,
    records: Sequence[TableRecord],
    pages: dict[int, ReadPage],
    support: Quotation,
) -> tuple[Citation, ...]:
    """Return a citation for each row."""
    citations = []
    for n, record in enumerate(records):
        quotation = replace(support, page=pages[record.page_number], passage=record.passage)
        row = cite(n + 1, quotation, None)
        path = f"{field.name}.{n}"
        citations.append(replace(row, field=path, support=round(support.closeness, 4)))
    return tuple(citations)
