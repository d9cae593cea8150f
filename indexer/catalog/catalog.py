"""Every question that is asked of the catalog, by name.

The catalog is the truth about what exists: a document is visible from the moment its transaction
commits, wholly, and gone from the moment its row is deleted. Files are only bytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from uuid import uuid4

from sqlalchemy import Connection, delete, func, insert, select, tuple_, update
from sqlalchemy.exc import IntegrityError

from indexer.base.errors import (
    CollectionExists,
    CollectionNotFound,
    DocumentNotFound,
    InvalidName,
    PageNotFound,
)
from indexer.base.pages import PageWords
from indexer.base.verdicts import Verdict
from indexer.catalog.database import Database
from indexer.catalog.records import (
    Collection,
    CollectionSnapshot,
    CollectionTotals,
    Committed,
    Document,
    DocumentDraft,
    DocumentError,
    Page,
)
from indexer.catalog.rows import (
    collection_of,
    document_of,
    document_values,
    segment_of,
    segment_values,
)
from indexer.catalog.statements import (
    Outdone,
    bump,
    make_way,
    named_blobs,
    remove_collection,
    remove_document,
)
from indexer.catalog.tables import (
    collections,
    counters,
    documents,
    page_words,
    pages,
    segments,
)
from indexer.encoders.base import EncoderFingerprint
from indexer.storage.segments import SegmentRecord

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

InTransaction = Callable[[Connection], None]  # joins a transaction; undoes it by raising


def new_id() -> str:
    """An opaque id of a collection or a document."""
    return uuid4().hex


def check_collection_name(name: str) -> None:
    """Raises InvalidName."""
    if not _NAME.fullmatch(name):
        raise InvalidName(
            f"{name!r} cannot name a collection: use 1 to 100 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit"
        )


class Catalog:
    """Collections, documents, pages and segments. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # -- collections -------------------------------------------------------------------------------

    def create_collection(self, name: str, fingerprint: EncoderFingerprint) -> Collection:
        """Raises InvalidName or CollectionExists."""
        check_collection_name(name)
        collection = Collection(new_id(), name, fingerprint, 0, datetime.now(UTC))
        try:
            with self._database.writing() as connection:
                connection.execute(
                    insert(collections).values(
                        id=collection.id,
                        name=name,
                        fingerprint=fingerprint.to_dict(),
                        generation=0,
                        created_at=collection.created_at,
                    )
                )
        except IntegrityError as error:
            raise CollectionExists(f"collection {name!r} exists already") from error
        return collection

    def collection(self, name: str) -> Collection:
        """Raises CollectionNotFound, naming the collections there are."""
        with self._database.reading() as connection:
            row = connection.execute(select(collections).where(collections.c.name == name)).first()
            if row is not None:
                return collection_of(row)
            known = connection.execute(
                select(collections.c.name).order_by(collections.c.name).limit(8)
            ).scalars()
            there_are = ", ".join(known) or "none yet; `pagesight ingest PATH -c NAME` makes one"
        raise CollectionNotFound(f"no collection {name!r} (there are: {there_are})")

    def collection_of(self, document: Document) -> Collection:
        """The collection that holds the document. Raises CollectionNotFound when it was deleted."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(collections).where(collections.c.id == document.collection_id)
            ).first()
        if row is None:
            raise CollectionNotFound("the collection was deleted meanwhile")
        return collection_of(row)

    def collections(
        self,
        *,
        after: str | None = None,
        limit: int | None = None,
        within: frozenset[str] | None = None,
    ) -> list[Collection]:
        """By name; at most `limit`, from behind the name `after`; only those with the ids `within`."""
        wanted = select(collections).order_by(collections.c.name).limit(limit)
        if within is not None:
            wanted = wanted.where(collections.c.id.in_(within))
        if after is not None:
            wanted = wanted.where(collections.c.name > after)
        with self._database.reading() as connection:
            return [collection_of(row) for row in connection.execute(wanted)]

    def totals(self, collection_id: str) -> CollectionTotals:
        indexed = documents.c.first_page_id.is_not(None)
        of_this = documents.c.collection_id == collection_id
        with self._database.reading() as connection:
            n_documents, n_all = connection.execute(
                select(func.count().filter(indexed), func.count()).where(of_this)
            ).one()
            n_pages, n_vectors = connection.execute(
                select(func.count(), func.coalesce(func.sum(pages.c.n_vectors), 0))
                .join(documents, documents.c.id == pages.c.document_id)
                .where(of_this)
            ).one()
        return CollectionTotals(n_documents, n_all - n_documents, n_pages, int(n_vectors))

    def delete_collection(self, name: str) -> list[SegmentRecord]:
        """Forget a collection, its jobs and all in it; returns segments whose files may now go."""
        collection = self.collection(name)
        with self._database.writing() as connection:
            return remove_collection(connection, collection.id)

    # -- documents ---------------------------------------------------------------------------------

    def find_document(self, collection_id: str, sha256: str) -> Document | None:
        """The document with these bytes, indexed or refused."""
        with self._database.reading() as connection:
            row = connection.execute(
                select(documents).where(
                    documents.c.collection_id == collection_id, documents.c.sha256 == sha256
                )
            ).first()
        return None if row is None else document_of(row)

    def document(self, document_id: str) -> Document:
        """Raises DocumentNotFound."""
        with self._database.reading() as connection:
            row = connection.execute(select(documents).where(documents.c.id == document_id)).first()
        if row is None:
            raise DocumentNotFound(f"no document {document_id!r}")
        return document_of(row)

    def documents(
        self,
        collection_id: str,
        *,
        after: tuple[str, str] | None = None,
        limit: int | None = None,
    ) -> list[Document]:
        """Documents of a collection by name, the refused ones included; at most `limit`.

        after  name and id of the last document that was seen
        """
        wanted = (
            select(documents)
            .where(documents.c.collection_id == collection_id)
            .order_by(documents.c.name, documents.c.id)
            .limit(limit)
        )
        if after is not None:
            wanted = wanted.where(tuple_(documents.c.name, documents.c.id) > after)
        with self._database.reading() as connection:
            return [document_of(row) for row in connection.execute(wanted)]

    def reserve_page_ids(self, n: int) -> int:
        """The first of `n` consecutive page ids that are never given out again."""
        with self._database.writing() as connection:
            raised = (
                update(counters)
                .where(counters.c.name == "page_id")
                .values(value=counters.c.value + n)
                .returning(counters.c.value)
            )
            after = connection.execute(raised).scalar()
            if after is None:
                after = n + 1
                connection.execute(insert(counters).values(name="page_id", value=after))
        return int(after) - n

    def commit_document(
        self, draft: DocumentDraft, also: InTransaction | None = None
    ) -> Committed | None:
        """The commit point: the document, its pages and its segment become visible together.

        It takes the place of what the same bytes have so far: a refusal, its own first pages, or, if
        it is whole, those of somebody else. `also` takes part in the transaction.
        Returns None, and changes nothing, when the same bytes were indexed by someone else meanwhile.
        Raises CollectionNotFound or DocumentNotFound when the collection, or what was there of the
        document, was deleted meanwhile.
        """
        document, segment = draft.document, draft.segment
        try:
            with self._database.writing() as connection:
                bump(connection, document.collection_id)
                if also is not None:
                    also(connection)
                replaced = make_way(connection, document, was_shown=draft.was_shown)
                connection.execute(insert(segments).values(**segment_values(segment)))
                connection.execute(
                    insert(documents).values(**document_values(document), segment=segment.name)
                )
                connection.execute(insert(pages), [asdict(page.page) for page in draft.pages])
                connection.execute(
                    insert(page_words),
                    [{"page_id": page.page.id, "words": page.words} for page in draft.pages],
                )
        except (IntegrityError, Outdone):
            return None
        return Committed(replaced)

    def record_refusal(self, document: Document, also: InTransaction | None = None) -> None:
        """Remember that a file was refused and why; an indexed document of the same bytes stays.

        `also` takes part in the transaction.
        """
        try:
            with self._database.writing() as connection:
                bump(connection, document.collection_id)
                if also is not None:
                    also(connection)
                make_way(connection, document)  # files that it leaves go with the next sweep
                connection.execute(insert(documents).values(**document_values(document)))
        except (IntegrityError, Outdone):
            return

    def delete_document(self, document_id: str) -> list[SegmentRecord]:
        """Make a document vanish from every answer; returns segments whose files may now go.

        Raises DocumentNotFound.
        """
        with self._database.writing() as connection:
            row = connection.execute(select(documents).where(documents.c.id == document_id)).first()
            if row is None:
                raise DocumentNotFound(f"no document {document_id!r}")
            return remove_document(connection, row)

    def withdraw_document(self, document_id: str, reason: DocumentError) -> list[SegmentRecord]:
        """Take a damaged document out of every answer but keep its row, to be indexed anew.

        Returns segments whose files may now go. Raises DocumentNotFound.
        """
        with self._database.writing() as connection:
            row = connection.execute(select(documents).where(documents.c.id == document_id)).first()
            if row is None:
                raise DocumentNotFound(f"no document {document_id!r}")
            emptied = remove_document(connection, row)
            withdrawn = replace(
                document_of(row), verdict=Verdict.FAILED, error=reason, first_page_id=None
            )
            connection.execute(insert(documents).values(**document_values(withdrawn)))
        return emptied

    # -- pages and segments ------------------------------------------------------------------------

    def page(self, page_id: int) -> tuple[Page, Document]:
        """Raises PageNotFound."""
        with self._database.reading() as connection:
            row = connection.execute(select(pages).where(pages.c.id == page_id)).first()
            if row is None:
                raise PageNotFound(f"no page {page_id}")
            owner = connection.execute(
                select(documents).where(documents.c.id == row.document_id)
            ).one()
        return Page(**row._mapping), document_of(owner)

    def pages(self, page_ids: Sequence[int]) -> dict[int, Page]:
        """The pages that exist among `page_ids`."""
        with self._database.reading() as connection:
            rows = connection.execute(select(pages).where(pages.c.id.in_(page_ids)))
            return {row.id: Page(**row._mapping) for row in rows}

    def pages_of(self, document_id: str) -> list[Page]:
        """A document's pages in order; pages that were left out are absent."""
        with self._database.reading() as connection:
            rows = connection.execute(
                select(pages).where(pages.c.document_id == document_id).order_by(pages.c.id)
            )
            return [Page(**row._mapping) for row in rows]

    def words(self, page_ids: Sequence[int]) -> dict[int, PageWords]:
        """The words of the pages that exist among `page_ids`."""
        with self._database.reading() as connection:
            rows = connection.execute(select(page_words).where(page_words.c.page_id.in_(page_ids)))
            return {row.page_id: PageWords.from_bytes(row.words) for row in rows}

    def generation(self, name: str) -> tuple[str, int]:
        """(collection id, generation): the cheap question whether a snapshot is still true."""
        collection = self.collection(name)
        return collection.id, collection.generation

    def snapshot(self, name: str) -> CollectionSnapshot:
        """All that a search of the collection needs, in one consistent view."""
        collection_id = self.collection(name).id
        with self._database.reading() as connection:
            row = connection.execute(
                select(collections).where(collections.c.id == collection_id)
            ).first()
            if row is None:
                raise CollectionNotFound(f"no collection {name!r}")
            found = connection.execute(
                select(documents).where(
                    documents.c.collection_id == collection_id,
                    documents.c.first_page_id.is_not(None),
                )
            ).all()
            held = connection.execute(
                select(segments).where(segments.c.collection_id == collection_id)
            ).all()
        return CollectionSnapshot(
            collection=collection_of(row),
            documents=tuple(document_of(document) for document in found),
            segments=tuple(segment_of(segment) for segment in held),
        )

    def segments(self) -> list[SegmentRecord]:
        """Every segment of every collection."""
        with self._database.reading() as connection:
            return [segment_of(row) for row in connection.execute(select(segments))]

    def touch(self, collection_id: str) -> None:
        """Raise the collection's generation: readers look at it anew. Raises CollectionNotFound."""
        with self._database.writing() as connection:
            bump(connection, collection_id)

    def replace_segments(self, old: Sequence[SegmentRecord], new: SegmentRecord) -> bool:
        """The commit point of a compaction: `new`, which holds the live pages of `old`, takes their place.

        Returns False, and changes nothing, when one of them is gone or no document stands in them any
        more. Raises CollectionNotFound when the collection was deleted meanwhile.
        """
        theirs = [segment.name for segment in old]
        with self._database.writing() as connection:
            bump(connection, new.collection_id)
            held = select(func.count()).where(segments.c.name.in_(theirs))
            standing = select(func.count()).where(documents.c.segment.in_(theirs))
            if (
                connection.execute(held).scalar_one() != len(theirs)
                or not connection.execute(standing).scalar_one()
            ):
                return False
            connection.execute(insert(segments).values(**segment_values(new)))
            connection.execute(
                update(documents).where(documents.c.segment.in_(theirs)).values(segment=new.name)
            )
            connection.execute(delete(segments).where(segments.c.name.in_(theirs)))
        return True

    def named_blobs(self) -> tuple[set[str], set[str]]:
        """(SHA-256 of every original, SHA-256 of every page image) that the catalog needs.

        Jobs need theirs too: those that have not ended, and those that a retry may help.
        """
        with self._database.reading() as connection:
            return named_blobs(connection)
