"""Pages and their words."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, fields
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, bindparam, delete, insert, select, update

from indexer.base.errors import PageNotFound
from indexer.base.pages import PageWords
from indexer.base.reader_version import READER
from indexer.catalog.database import Database, Transaction
from indexer.catalog.document_records import Document, Page, PageDraft, document_of
from indexer.catalog.tables import counters, documents, page_words, pages

_WITH_WORDS = (
    select(pages, page_words.c.words)
    .join(page_words, page_words.c.page_id == pages.c.id)
    .where(pages.c.id.in_(bindparam("ids", expanding=True)))
)
_PAGE_FIELDS = tuple(field.name for field in fields(Page))
# An answer looks again at the pages of its search, and so does the next question. A dense page takes 150 KB.
REMEMBERED_PAGES = 256


class Pages:
    """The pages of all documents. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def with_document(self, page_id: int) -> tuple[Page, Document]:
        """Return a page and the document that it belongs to. Raises PageNotFound."""
        with self._database.reading() as transaction:
            row = transaction.execute(select(pages).where(pages.c.id == page_id)).first()
            if row is None:
                raise PageNotFound(f"no page {page_id}")
            document_row = transaction.execute(
                select(documents).where(documents.c.id == row.document_id)
            ).one()
        return _page_of(row), document_of(document_row)

    def by_id(self, page_ids: Sequence[int]) -> dict[int, Page]:
        """Return those pages among `page_ids` that exist."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(pages).where(pages.c.id.in_(page_ids)))
            return {row.id: _page_of(row) for row in rows}

    def of_document(
        self, document_id: str, *, after: int = 0, limit: int | None = None
    ) -> list[Page]:
        """Return the pages of a document in order, without those that were left out.

        after  the page number behind which they begin
        """
        of_document = select(pages).where(
            pages.c.document_id == document_id, pages.c.page_number > after
        )
        with self._database.reading() as transaction:
            rows = transaction.execute(of_document.order_by(pages.c.page_number).limit(limit))
            return [_page_of(row) for row in rows]

    def with_image(self, sha256: str) -> list[Page]:
        """Return the pages, of any document, that this is the image of."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(pages).where(pages.c.image_sha256 == sha256))
            return [_page_of(row) for row in rows]

    def of_content(
        self, collection_id: str, contents: Collection[str]
    ) -> dict[str, tuple[Page, PageWords, str]]:
        """Return a page, its words and its segment for each content that today's reader has read."""
        query = (
            select(pages, page_words.c.words, documents.c.segment)
            .join(documents, documents.c.id == pages.c.document_id)
            .join(page_words, page_words.c.page_id == pages.c.id)
            .where(
                pages.c.content_sha256.in_(contents),
                documents.c.collection_id == collection_id,
                documents.c.reader == READER,
                documents.c.segment.is_not(None),
            )
        )
        with self._database.reading() as transaction:
            return {
                row.content_sha256: (
                    _page_of(row),
                    PageWords.from_bytes(row.words),
                    row.segment,
                )
                for row in transaction.execute(query)
            }

    def words(self, page_ids: Sequence[int]) -> dict[int, PageWords]:
        """Return the words of those pages among `page_ids` that exist."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(page_words).where(page_words.c.page_id.in_(page_ids)))
            return {row.page_id: _words_of(row.words) for row in rows}

    def with_words(self, page_ids: Sequence[int]) -> dict[int, tuple[Page, PageWords]]:
        """Return those pages among `page_ids` that exist, and their words."""
        with self._database.reading() as transaction:
            rows = transaction.execute(_WITH_WORDS, {"ids": list(page_ids)})
            return {row.id: (_page_of(row), _words_of(row.words)) for row in rows}

    def reserve_ids(self, n: int) -> int:
        """Return the first of `n` consecutive page ids that are never given out again."""
        with self._database.writing() as transaction:
            increment = (
                update(counters)
                .where(counters.c.name == "page_id")
                .values(value=counters.c.value + n)
                .returning(counters.c.value)
            )
            after = transaction.execute(increment).scalar()
            if after is None:
                after = n + 1
                transaction.execute(insert(counters).values(name="page_id", value=after))
        return int(after) - n


def _page_of(row: Row[Any]) -> Page:
    return Page(**{name: getattr(row, name) for name in _PAGE_FIELDS})


@lru_cache(maxsize=REMEMBERED_PAGES)
def _words_of(data: bytes) -> PageWords:
    words = PageWords.from_bytes(data)
    for array in (words.boxes, words.lines, words.marks):
        array.setflags(write=False)  # others look at the same page
    return words


def insert_pages(transaction: Transaction, drafts: Sequence[PageDraft]) -> None:
    """Add pages of a document, whose row must be there, and their words."""
    transaction.execute(insert(pages), [asdict(draft.page) for draft in drafts])
    transaction.execute(
        insert(page_words), [{"page_id": draft.page.id, "words": draft.words} for draft in drafts]
    )


def delete_pages(transaction: Transaction, of_documents: ColumnElement[bool]) -> None:
    """Delete the pages, and their words, of the documents for which the condition holds."""
    document_ids = select(documents.c.id).where(of_documents)
    page_ids = select(pages.c.id).where(pages.c.document_id.in_(document_ids))
    transaction.execute(delete(page_words).where(page_words.c.page_id.in_(page_ids)))
    transaction.execute(delete(pages).where(pages.c.document_id.in_(document_ids)))
