"""Fills a row from what the labels of a document name: no model, and nothing that is not printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from generator.answering.page_reading import read_pages
from generator.answering.structured.field_filling import question_for
from generator.answering.structured.row_schema import ListField, RowSchema
from generator.answering.structured.schema_fields import (
    SchemaField,
    complaint_about,
    filled_object,
)
from generator.answering.structured.table_records import TableRecord, table_records
from generator.extraction.label_matching import match_label
from generator.extraction.labelled_values import LabelledValue, labelled_values
from generator.extraction.rows import ExtractedRow, ExtractedValue
from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.passage import Passage
from generator.passages.support import quotations
from generator.passages.values.value import Value
from indexer.base.pages import PageWords, fraction_box
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Document, Page
from retriever.query.filters import SearchFilter
from retriever.searcher import Searcher

_MAX_LIST_ROWS = 1000

WordsOfPage = tuple[Page, PageWords]


class LabelReader:
    """Reads rows of one schema; `collection` is where the documents lie."""

    def __init__(
        self,
        schema: RowSchema,
        collection: str,
        searcher: Searcher,
        catalog: Catalog,
        min_support: float,
    ) -> None:
        self._schema = schema
        self._collection = collection
        self._searcher = searcher
        self._catalog = catalog
        self._min_support = min_support

    def row_of(self, document: Document, pages: Sequence[Page]) -> ExtractedRow:
        """Return the row of a document, read from these pages. Raises what `Searcher.search` raises."""
        words = self._catalog.pages.words([page.id for page in pages])
        of_pages = [(page, words[page.id]) for page in pages if page.id in words]
        candidates = [(page, value) for page, own in of_pages for value in labelled_values(own)]
        data: dict[tuple[str, ...], Any] = {}
        values: list[ExtractedValue] = []
        problems: dict[str, str] = {}
        for field in self._schema.fields:
            match = match_label(field, [candidate for _, candidate in candidates])
            data[field.path] = match.value
            if match.position is not None:
                values.append(
                    self._value(document, field, match.value, *candidates[match.position])
                )
            elif match.problem:
                problems[field.name] = match.problem
        for list_field in self._schema.lists:
            by_number = {page.page_number: page for page, _ in of_pages}
            words_by_number = [(page.page_number, own) for page, own in of_pages]
            records, problem = table_records(list_field, words_by_number)
            rows, of_rows = self._records(document, list_field, records[:_MAX_LIST_ROWS], by_number)
            data[list_field.path] = rows
            values += of_rows
            if problem:
                problems[list_field.name] = problem
        return self._row(document, filled_object(data), values, problems)

    def _row(
        self,
        document: Document,
        data: dict[str, Any],
        values: Sequence[ExtractedValue],
        problems: dict[str, str],
    ) -> ExtractedRow:
        complaint = complaint_about(data, self._schema.json_schema)
        if complaint:
            problems[""] = complaint
        return ExtractedRow(
            document.id, document.title, data, not complaint, tuple(values), problems
        )

    def _value(
        self,
        document: Document,
        field: SchemaField,
        value: Any,
        page: Page,
        candidate: LabelledValue,
    ) -> ExtractedValue:
        question = question_for(field, "", len(self._schema.fields) + 1)
        support_of = self._support(document, page, question)
        return self._with_proof(
            field.name, value, page, candidate.passage, candidate.value, support_of
        )

    def _records(
        self,
        document: Document,
        field: ListField,
        records: Sequence[TableRecord],
        pages: Mapping[int, Page],
    ) -> tuple[list[dict[str, Any]], list[ExtractedValue]]:
        rows: list[dict[str, Any]] = []
        values: list[ExtractedValue] = []
        supports: dict[int, Callable[[Passage], float]] = {}
        for n, record in enumerate(records):
            page = pages[record.page_number]
            if page.id not in supports:
                names = ", ".join(part.labels[-1] for part in field.fields)
                supports[page.id] = self._support(document, page, f"{field.labels[0]}: {names}")
            rows.append(record.as_object(field))
            for name, (value, proof) in record.cells.items():
                values.append(
                    self._with_proof(
                        f"{field.name}.{n}.{name}", value, page, record.passage, proof,
                        supports[page.id],
                    )
                )  # fmt: skip
        return rows, values

    def _with_proof(
        self,
        name: str,
        value: Any,
        page: Page,
        passage: Passage,
        proof: Value,
        support_of: Callable[[Passage], float],
    ) -> ExtractedValue:
        support = support_of(passage)
        return ExtractedValue(
            field=name,
            value=value,
            page_id=page.id,
            page_number=page.page_number,
            page_label=page.label,
            box=fraction_box(proof.box),
            quote=passage.quote,
            says=proof.says,
            support=round(support, 4),
            supported=support >= self._min_support,
        )

    def _support(self, document: Document, page: Page, question: str) -> Callable[[Passage], float]:
        """Return what gives the support of a passage of one page, for a question."""
        only = SearchFilter((document.id,), page_ids=frozenset({page.id}), versions="all")
        result = self._searcher.search(question, [self._collection], 1, only)
        pages = read_pages(result.hits, self._catalog, self._searcher)
        ranking = quotations(read_question(question), result.embedding, pages)

        def support_of(passage: Passage) -> float:
            return max(
                (
                    quotation.closeness
                    for quotation in ranking
                    if quotation.passage.start < passage.stop
                    and passage.start < quotation.passage.stop
                ),
                default=0.0,
            )

        return support_of
