"""Statements that several of the catalog's transactions share; each runs inside the caller's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, select, update

from indexer.base.errors import CollectionNotFound, DocumentNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.records import Document
from indexer.catalog.rows import segment_of
from indexer.catalog.tables import collections, documents, jobs, page_words, pages, segments
from indexer.storage.segments import SegmentRecord


def bump(connection: Connection, collection_id: str) -> None:
    """Raise the collection's generation, and hold its row. Raises CollectionNotFound."""
    raised = connection.execute(
        update(collections)
        .where(collections.c.id == collection_id)
        .values(generation=collections.c.generation + 1)
        .returning(collections.c.id)
    )
    if raised.scalar() is None:
        raise CollectionNotFound(
            "the collection was deleted meanwhile: ingest again to make it anew"
        )


def remove_collection(connection: Connection, collection_id: str) -> list[SegmentRecord]:
    """Delete a collection, its jobs and all in it; returns its segments."""
    # Locked first: an upload or a commit comes wholly before this, or finds it gone.
    connection.execute(
        select(collections.c.id).where(collections.c.id == collection_id).with_for_update()
    )
    delete_documents(connection, documents.c.collection_id == collection_id)
    connection.execute(delete(jobs).where(jobs.c.collection_id == collection_id))
    rows = connection.execute(
        delete(segments).where(segments.c.collection_id == collection_id).returning(*segments.c)
    ).all()
    connection.execute(delete(collections).where(collections.c.id == collection_id))
    return [segment_of(row) for row in rows]


class Outdone(Exception):
    """Somebody else's document of the same bytes stays; undoes the transaction."""


def make_way(
    connection: Connection, document: Document, *, was_shown: bool = False
) -> list[SegmentRecord]:
    """Remove what the same bytes have so far, for `document` to take its place.

    Returns segments that are not needed any more. Raises Outdone, and DocumentNotFound when
    `document` was there before (`was_shown`) and is not.
    """
    standing = connection.execute(
        select(documents).where(
            documents.c.collection_id == document.collection_id,
            documents.c.sha256 == document.sha256,
        )
    ).first()
    if was_shown and (standing is None or standing.first_page_id is None):
        raise DocumentNotFound(f"{document.name} was deleted while it was being indexed")
    if standing is None:
        return []
    unfinished = standing.verdict == Verdict.INDEXING.value
    ours = standing.id == document.id or document.verdict is not Verdict.INDEXING
    if standing.first_page_id is not None and not (unfinished and ours):
        raise Outdone
    return _remove(connection, standing)


def remove_document(connection: Connection, row: Row[Any]) -> list[SegmentRecord]:
    """Delete one document, and its segment when no other document stands in it."""
    bump(connection, row.collection_id)
    return _remove(connection, row)


def _remove(connection: Connection, row: Row[Any]) -> list[SegmentRecord]:
    delete_documents(connection, documents.c.id == row.id)
    still_used = select(documents.c.segment).where(documents.c.segment == row.segment)
    emptied = connection.execute(
        delete(segments)
        .where(segments.c.name == row.segment, ~still_used.exists())
        .returning(*segments.c)
    )
    return [segment_of(one) for one in emptied]


def delete_documents(connection: Connection, which: ColumnElement[bool]) -> None:
    theirs = select(documents.c.id).where(which)
    their_pages = select(pages.c.id).where(pages.c.document_id.in_(theirs))
    connection.execute(delete(page_words).where(page_words.c.page_id.in_(their_pages)))
    connection.execute(delete(pages).where(pages.c.document_id.in_(theirs)))
    connection.execute(delete(documents).where(which))


def named_blobs(connection: Connection) -> tuple[set[str], set[str]]:
    """As `Catalog.named_blobs`."""
    may_run = jobs.c.verdict.is_(None) | (jobs.c.verdict == Verdict.FAILED.value)
    originals = connection.execute(
        select(documents.c.sha256)
        .where(documents.c.n_pages > 0)
        .union(select(jobs.c.sha256).where(may_run))
    ).scalars()
    images = connection.execute(select(pages.c.image_sha256)).scalars()
    return set(originals), set(images)
