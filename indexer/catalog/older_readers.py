"""Documents that today's reader would read otherwise, as far as the catalog can tell."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_, exists, func, or_, select

from indexer.base.reader_version import READER, SAME_WORDS_SINCE
from indexer.catalog.database import Database
from indexer.catalog.tables import documents, pages

_JPEG = "image/jpeg"
_MAY_BE_TRANSPARENT = tuple(
    f"image/{name}" for name in ("png", "webp", "gif", "tiff", "avif", "heic")
)


class OlderReaders:
    """Finds what an older reader has read. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def counts(self) -> dict[str, int]:
        """Count, by collection id, the searchable documents that would be read otherwise today."""
        query = (
            select(documents.c.collection_id, func.count())
            .where(documents.c.first_page_id.is_not(None), _is_older())
            .group_by(documents.c.collection_id)
        )
        with self._database.reading() as transaction:
            return {row[0]: row[1] for row in transaction.execute(query)}

    def documents_of(self, collection_id: str) -> set[str]:
        """Return the ids of a collection's documents that would be read otherwise today."""
        query = select(documents.c.id).where(
            documents.c.collection_id == collection_id, _is_older()
        )
        with self._database.reading() as transaction:
            return set(transaction.execute(query).scalars())


def _is_older() -> ColumnElement[bool]:
    """Of reader 5 only pictures are older: photographs of several pages, and drawings that gave no word."""
    reader = func.coalesce(documents.c.reader, 1)
    of_document = pages.c.document_id == documents.c.id
    is_blank = exists(select(pages.c.id).where(of_document, pages.c.text_source == "none"))
    is_read_otherwise = or_(
        and_(documents.c.media_type == _JPEG, documents.c.n_pages > 1),
        and_(documents.c.media_type.in_(_MAY_BE_TRANSPARENT), is_blank),
    )
    return or_(reader < SAME_WORDS_SINCE, and_(reader < READER, is_read_otherwise))
