"""Extracts a row of values from each document of a collection, one after another."""

from __future__ import annotations

from collections.abc import Callable, Generator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

import numpy as np

from generator.answering.answerer import Answerer
from generator.answering.structured.row_schema import RowSchema, read_row_schema
from generator.answering.structured.schema_fields import Schema
from generator.errors import GeneratorError
from generator.extraction.budget import Budget, Spending
from generator.extraction.label_reader import LabelReader
from generator.extraction.model_reader import ModelReader
from generator.extraction.rows import ExtractedRow, RowError
from indexer.base.errors import DocumentNotFound
from indexer.catalog.catalog import Catalog
from indexer.catalog.document_records import Document
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import PageScope, page_scopes
from retriever.searcher import Searcher

_K = 5  # pages that a model reads of a document


@dataclass(slots=True)
class Extraction:
    """Rows that are being read.

    documents  of which there is no row yet, in the order in which they are read
    ended_by   what of the budget was used up when it stopped; empty: all documents were read
    place      of the last document that was read: it may go on behind it
    """

    schema: RowSchema
    documents: list[Document]
    rows: Generator[ExtractedRow] = field(init=False)
    ended_by: str = ""
    place: tuple[str, str] = ("", "")


class Extractor:
    """Reads rows out of documents: with the model that answers, or from labels where none does."""

    def __init__(
        self, searcher: Searcher, catalog: Catalog, answerer: Answerer, min_support: float
    ) -> None:
        self._searcher = searcher
        self._catalog = catalog
        self._answerer = answerer
        self._min_support = min_support

    def extract(
        self,
        schema: Schema,
        collection: str,
        filter: SearchFilter = SearchFilter(),  # noqa: B008 - frozen
        budget: Budget = Budget(),  # noqa: B008 - frozen
        without: AbstractSet[str] = frozenset(),
        after: tuple[str, str] = ("", ""),
        is_cancelled: Callable[[], bool] = lambda: False,
    ) -> Extraction:
        """Return an extraction whose rows are read as they are taken.

        without  ids of documents that have a row already
        after    name and id of the document behind which it goes on: that is their order

        Raises InvalidSchema, CollectionNotFound, DocumentNotFound, EncoderMismatch.
        """
        row_schema = read_row_schema(schema, with_model=self._answerer.writes_json)
        snapshot = self._catalog.snapshot(collection)
        scope = page_scopes([snapshot], filter)[0]
        documents = {document.id: document for document in scope.documents}
        in_order = sorted(documents.values(), key=place_of)
        waiting = [row for row in in_order if row.id not in without and place_of(row) > after]
        extraction = Extraction(row_schema, waiting, place=after)
        reader: LabelReader | ModelReader
        if self._answerer.writes_json:
            reader = ModelReader(row_schema, collection, self._answerer, _K, is_cancelled)
        else:
            reader = LabelReader(
                row_schema, collection, self._searcher, self._catalog, self._min_support
            )
        extraction.rows = self._rows(extraction, reader, scope, Spending(budget), is_cancelled)
        return extraction

    def _rows(
        self,
        extraction: Extraction,
        reader: LabelReader | ModelReader,
        scope: PageScope,
        spending: Spending,
        is_cancelled: Callable[[], bool],
    ) -> Generator[ExtractedRow]:
        while extraction.documents and not is_cancelled():
            extraction.ended_by = spending.end()
            if extraction.ended_by:
                return
            row = self._row(extraction.documents[0], reader, scope)
            if is_cancelled():  # a row that was given up half is none
                return
            extraction.place = place_of(extraction.documents.pop(0))
            spending.add(row.usage if row is not None else {})
            if row is not None:
                yield row

    def _row(
        self, document: Document, reader: LabelReader | ModelReader, scope: PageScope
    ) -> ExtractedRow | None:
        """Return the row of a document; None for one that was deleted meanwhile."""
        try:
            pages = self._catalog.pages.of_document(document.id)
            is_allowed = scope.allows(np.array([page.id for page in pages], np.int64))
            pages = [page for page, is_allowed in zip(pages, is_allowed, strict=True) if is_allowed]
            return reader.row_of(document, pages) if pages else None
        except DocumentNotFound:
            return None
        except GeneratorError as error:  # the next document may do better, and this one later
            why = RowError(error.code, str(error))
            return ExtractedRow(document.id, document.title, None, False, error=why)


def place_of(document: Document) -> tuple[str, str]:
    """Return what documents are ordered by."""
    return document.name, document.id
