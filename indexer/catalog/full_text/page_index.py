"""The words of all pages, by which searches find them.

Pages are added in the transaction that makes them visible, and go with them: the database sees to that
itself, also where a pagesight of before deletes. Pages that such a one has added, and those of a catalog that
was migrated or copied, are added by `fill`.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from indexer.base.page_terms import PageTerms, name_terms, page_terms
from indexer.base.pages import PageWords
from indexer.catalog.database import Database, Transaction
from indexer.catalog.document_records import PageDraft
from indexer.catalog.full_text.dialect import (
    CollectionPages,
    FullText,
    PagesAndTerms,
    Phrase,
    PhraseMatches,
)
from indexer.catalog.full_text.postgres import PostgresFullText
from indexer.catalog.full_text.sqlite import SqliteFullText

_BATCH_PAGES = 200  # in one transaction, so that other writers wait for less than a second


class PageIndex:
    """The full text of one catalog. Every method is one transaction, but for `fill` and `forget_deleted`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def matches(
        self, phrases: Sequence[Phrase], pages: CollectionPages, most_pages: int
    ) -> list[PhraseMatches | None]:
        """Return where each phrase stands among the pages; None where that is on more pages."""
        with self._database.reading() as transaction:
            return _full_text(transaction).matches(transaction, phrases, pages, most_pages)

    def lengths(
        self, collection_id: str, first_page_ids: tuple[int, int]
    ) -> dict[str, PagesAndTerms]:
        """Return the lengths of a collection's documents, by id; of those whose first page is in the range.

        Documents whose pages have no terms yet are not in it.
        """
        with self._database.reading() as transaction:
            return _full_text(transaction).lengths(transaction, collection_id, first_page_ids)

    def with_places(self, places: Sequence[str], page_ids: tuple[int, int]) -> NDArray[np.int64]:
        """Return those of the pages first..last on which one of the places begins."""
        with self._database.reading() as transaction:
            return _full_text(transaction).with_places(transaction, places, page_ids)

    def n_missing(self, collection_id: str) -> int:
        """Return how many pages of a collection have no terms yet."""
        with self._database.reading() as transaction:
            condition = _full_text(transaction).is_missing
            query = (
                "SELECT count(*) FROM pages JOIN documents ON documents.id = pages.document_id "  # noqa: S608
                f"WHERE documents.collection_id = :id AND {condition}"
            )
            return int(transaction.execute(text(query), {"id": collection_id}).scalar_one())

    def fill(self, collection_id: str | None = None) -> int:
        """Add the pages that have no terms yet, by default of all collections; returns how many.

        Raises StorageError.
        """
        n_added = 0
        while batch := self._missing(collection_id):
            with self._database.writing() as transaction:
                _full_text(transaction).insert(transaction, batch)
            n_added += len(batch)
        return n_added

    def mend(self) -> int:
        """Make the terms of all pages anew where the index is damaged, else add those that lack theirs.

        Returns how many pages that is. Raises StorageError.
        """
        with self._database.writing() as transaction:
            is_whole = _full_text(transaction).is_whole(transaction)
        if not is_whole:
            with self._database.writing() as transaction:
                _full_text(transaction).clear(transaction)
        return self.fill()

    def forget_deleted(self) -> None:
        """Overwrite the terms of deleted pages, in steps between which others write. Raises StorageError."""
        is_left = True
        while is_left:
            with self._database.writing() as transaction:
                is_left = _full_text(transaction).forget_deleted(transaction)

    def _missing(self, collection_id: str | None) -> list[tuple[int, PageTerms]]:
        with self._database.reading() as transaction:
            condition = _full_text(transaction).is_missing
            query = (
                "SELECT pages.id, label, name, first_page_id, words FROM pages "  # noqa: S608
                "JOIN documents ON documents.id = pages.document_id "
                f"JOIN page_words ON page_words.page_id = pages.id WHERE {condition} "
                f"{'AND documents.collection_id = :id ' if collection_id else ''}"
                "ORDER BY pages.id LIMIT :n"
            )
            values = {"n": _BATCH_PAGES} | ({"id": collection_id} if collection_id else {})
            rows = transaction.execute(text(query), values).fetchall()
            first_words = {
                id_: _first_words(transaction, id_) for id_ in {row.first_page_id for row in rows}
            }
        names = {
            (row.name, row.first_page_id): name_terms(row.name, first_words[row.first_page_id])
            for row in rows
        }
        return [
            (
                row.id,
                page_terms(
                    PageWords.from_bytes(row.words), row.label, names[row.name, row.first_page_id]
                ),
            )
            for row in rows
        ]


def index_pages(transaction: Transaction, name: str, drafts: Sequence[PageDraft]) -> None:
    """Add the pages of a document, whose rows must be there; `name` is its file name."""
    if not drafts:
        return
    first = drafts[0]
    first_words = PageWords.from_bytes(first.words) if first.page.page_number == 1 else None
    names = name_terms(name, first_words)
    terms_of_pages = [
        (
            draft.page.id,
            draft.terms or page_terms(PageWords.from_bytes(draft.words), draft.page.label, names),
        )
        for draft in drafts
    ]
    _full_text(transaction).insert(transaction, terms_of_pages)


def _full_text(transaction: Transaction) -> FullText:
    if transaction.dialect.name == "sqlite":
        return SqliteFullText()
    return PostgresFullText()


def _first_words(transaction: Transaction, page_id: int) -> PageWords | None:
    query = text("SELECT words FROM page_words WHERE page_id = :id")
    words = transaction.execute(query, {"id": page_id}).scalar()
    return PageWords.from_bytes(words) if words is not None else None
