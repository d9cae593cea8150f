"""Documents: each becomes visible in one transaction, wholly, and is gone when its row is deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from indexer.base.document_properties import DocumentProperties, properties_of
from indexer.base.errors import DocumentNotFound
from indexer.base.reader_version import READER
from indexer.base.verdicts import Verdict
from indexer.catalog.collections import raise_generation
from indexer.catalog.database import Database, TransactionStep
from indexer.catalog.document_listing import DocumentListing, SortKey, listed_documents
from indexer.catalog.document_records import (
    CommitResult,
    Document,
    DocumentDraft,
    DocumentError,
    GivenName,
    document_of,
    own_name,
)
from indexer.catalog.document_rows import (
    AlreadyIndexed,
    delete_attachments,
    delete_for_good,
    delete_row,
    insert_row,
    keep_names,
    make_way,
    make_way_for_itself,
    row_of,
    row_of_bytes,
    show_under_one_of,
)
from indexer.catalog.full_text.page_index import index_pages
from indexer.catalog.names import (
    give_name,
    given_anew_at,
    given_names,
    keep_own_name,
    lost_parents,
    take_name,
    with_names,
)
from indexer.catalog.pages import insert_pages
from indexer.catalog.properties import (
    Origin,
    add_properties,
    properties_of_bytes,
    set_properties,
    state_properties,
    with_properties,
)
from indexer.catalog.segments import insert_segment
from indexer.catalog.tables import document_names, documents
from indexer.inputs.names import same_name
from indexer.storage.segments import SegmentRecord


class Documents:
    """The documents of all collections. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find(self, collection_id: str, sha256: str) -> Document | None:
        """Return the document with these bytes, indexed or refused; None when there is none."""
        with self._database.reading() as transaction:
            row = row_of_bytes(transaction, collection_id, sha256)
        return None if row is None else document_of(row)

    def get(self, document_id: str) -> Document:
        """Return the document, with the names it goes by. Raises DocumentNotFound."""
        with self._database.reading() as transaction:
            document = document_of(row_of(transaction, document_id))
            documents_in_use = with_properties(transaction, document.collection_id, [document])
            return with_names(transaction, document.collection_id, documents_in_use)[0]

    def set_properties(
        self,
        document_id: str,
        tags: Iterable[str] | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        """Let a document have exactly these tags, this metadata; None: what it has.

        Raises DocumentNotFound, InvalidProperties.
        """
        with self._database.writing() as transaction:
            row = row_of(transaction, document_id)
            raise_generation(transaction, row.collection_id)
            of_bytes = row.collection_id, row.sha256
            properties = properties_of_bytes(transaction, *of_bytes)
            new_properties = properties_of(
                properties.tags if tags is None else tags,
                dict(properties.metadata) if metadata is None else metadata,
            )
            set_properties(transaction, *of_bytes, new_properties)

    def add_properties(self, document_id: str, additions: DocumentProperties) -> None:
        """Give a document more tags and metadata. Raises DocumentNotFound, InvalidProperties."""
        with self._database.writing() as transaction:
            row = row_of(transaction, document_id)
            add_properties(transaction, row.collection_id, row.sha256, additions)

    def of_collection(
        self,
        collection_id: str,
        listing: DocumentListing = DocumentListing(),  # noqa: B008 - frozen
        *,
        after: tuple[SortKey, str] | None = None,
        limit: int | None = None,
    ) -> list[Document]:
        """Return documents of a collection in order, the refused ones included; at most `limit`.

        Each has the name of its own row, and all that it goes by in `names`.

        after  place of the last document that was seen, as the listing gives it
        """
        with self._database.reading() as transaction:
            return listed_documents(transaction, collection_id, listing, after, limit)

    def in_segment(self, name: str) -> list[Document]:
        """Return the documents whose pages stand in a segment."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(documents).where(documents.c.segment == name))
            return [document_of(row) for row in rows]

    def commit(
        self, draft: DocumentDraft, step: TransactionStep | None = None
    ) -> CommitResult | None:
        """Make the document, its pages and its segment visible together: the commit point.

        It takes the place of what the same bytes have so far: a refusal, its own first pages, or, if
        it is whole, those of somebody else; or of itself, when it was read anew. `step` takes part in the
        transaction.
        Returns None, and changes nothing, when the same bytes were indexed by someone else meanwhile.
        Raises CollectionNotFound or DocumentNotFound when the collection, or what was there of the
        document, was deleted meanwhile.
        """
        document, segment = draft.document, draft.segment
        try:
            with self._database.writing() as transaction:
                raise_generation(transaction, document.collection_id)
                if step is not None:
                    step(transaction)
                is_named = keep_names(transaction, document)
                replaced_segments = (
                    make_way_for_itself(transaction, document)
                    if draft.replaces
                    else make_way(transaction, document, was_shown=draft.was_shown)
                )
                insert_segment(transaction, segment)
                insert_row(transaction, document, segment.name)
                insert_pages(transaction, draft.pages)
                index_pages(transaction, document.name, draft.pages)
                if document.verdict is not Verdict.INDEXING:
                    of_bytes = document.collection_id, document.sha256
                    state_properties(transaction, *of_bytes, draft.file_properties, Origin.FILE)
                if not is_named and document.verdict is not Verdict.INDEXING:
                    give_name(
                        transaction, document.collection_id, draft.name_given or own_name(document)
                    )
        except (IntegrityError, AlreadyIndexed):
            return None
        return CommitResult(replaced_segments)

    def record_refusal(
        self,
        document: Document,
        step: TransactionStep | None = None,
        name_given: GivenName | None = None,
    ) -> None:
        """Remember that a file was refused and why; an indexed document of the same bytes stays.

        What was attached to it goes. `step` takes part in the transaction.

        name_given  that of an attachment

        Raises CollectionNotFound.
        """
        try:
            with self._database.writing() as transaction:
                raise_generation(transaction, document.collection_id)
                if step is not None:
                    step(transaction)
                keep_names(transaction, document)
                if name_given is not None:
                    keep_own_name(transaction, document.collection_id, document.sha256)
                make_way(transaction, document)
                insert_row(transaction, document)
                if name_given is not None:
                    give_name(transaction, document.collection_id, name_given)
                delete_attachments(transaction, document.collection_id, document.sha256)
        except (IntegrityError, AlreadyIndexed):
            return

    def goes_by(self, document: Document, name_given: GivenName) -> bool:
        """Say whether to name a document that is there again would change nothing."""
        collection_id = document.collection_id
        with self._database.reading() as transaction:
            of_bytes = document_names.c.sha256 == document.sha256
            names = given_names(transaction, collection_id, of_bytes) or [own_name(document)]
            return given_anew_at(transaction, collection_id, name_given, names) is None

    def name_again(self, document: Document, name_given: GivenName) -> bool:
        """Let a document that is there go by one more name, or be the newest version of one that it has.

        Returns whether that changes anything. Raises DocumentNotFound.
        """
        with self._database.writing() as transaction:
            row_of(transaction, document.id)
            raise_generation(transaction, document.collection_id)
            keep_own_name(transaction, document.collection_id, document.sha256)
            return give_name(transaction, document.collection_id, name_given)

    def delete(self, document_id: str, *, for_good: bool = True) -> list[SegmentRecord]:
        """Make a document vanish from every answer, and what is attached to it and to nothing else.

        Returns segments whose files may now go. Raises DocumentNotFound.

        for_good  False: its names and attachments stay, as it is about to be indexed again
        """
        with self._database.writing() as transaction:
            row = row_of(transaction, document_id)
            raise_generation(transaction, row.collection_id)
            return delete_for_good(transaction, row) if for_good else delete_row(transaction, row)

    def delete_name(self, document_id: str, name: str) -> list[SegmentRecord]:
        """Let a document not go by one of its names any more; with its last name it vanishes, as by `delete`.

        Raises DocumentNotFound.
        """
        with self._database.writing() as transaction:
            row = row_of(transaction, document_id)
            raise_generation(transaction, row.collection_id)
            names = keep_own_name(transaction, row.collection_id, row.sha256)
            remaining = [
                name_given for name_given in names if same_name(name_given.name) != same_name(name)
            ]
            if len(remaining) == len(names):
                raise DocumentNotFound(f"document {document_id!r} does not go by {name!r}")
            if not remaining:
                return delete_for_good(transaction, row)
            for name_given in set(names) - set(remaining):
                take_name(transaction, row.collection_id, name_given)
            show_under_one_of(transaction, row, remaining)
            return []

    def delete_orphans(self, collection_id: str) -> list[SegmentRecord]:
        """Delete attachments of documents that are not there: their ingest broke off and was not repeated."""
        with self._database.writing() as transaction:
            raise_generation(transaction, collection_id)
            return [
                segment
                for parent in lost_parents(transaction, collection_id)
                for segment in delete_attachments(transaction, collection_id, parent)
            ]

    def withdraw(self, document_id: str, reason: DocumentError) -> list[SegmentRecord]:
        """Take a damaged document out of every answer but keep its row, to be indexed anew.

        Returns segments whose files may now go. Raises DocumentNotFound.
        """
        with self._database.writing() as transaction:
            row = row_of(transaction, document_id)
            raise_generation(transaction, row.collection_id)
            unused_segments = delete_row(transaction, row)
            document = replace(
                document_of(row),
                verdict=Verdict.FAILED,
                error=reason,
                first_page_id=None,
                degraded=None,
            )
            insert_row(transaction, document)
        return unused_segments

    def n_of_older_readers(self) -> dict[str, int]:
        """Count, by collection id, the searchable documents that an older reader has read."""
        is_older = documents.c.reader.is_(None) | (documents.c.reader < READER)
        query = (
            select(documents.c.collection_id, func.count())
            .where(documents.c.first_page_id.is_not(None), is_older)
            .group_by(documents.c.collection_id)
        )
        with self._database.reading() as transaction:
            return {row[0]: row[1] for row in transaction.execute(query)}

    def mark_degraded(self, document_id: str, reason: str | None) -> None:
        """Say what is lost of a document that stays searchable; None: nothing any more."""
        with self._database.writing() as transaction:
            transaction.execute(
                update(documents).where(documents.c.id == document_id).values(degraded=reason)
            )
