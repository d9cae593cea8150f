"""Names that bytes were given under: the rows that say it.

They belong to the bytes and not to the row of a document, which is made anew whenever the document is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, delete, insert, select, update

from indexer.catalog.column_values import new_id, utc
from indexer.catalog.database import Transaction
from indexer.catalog.document_records import Document, GivenName, document_of, own_name
from indexer.catalog.tables import document_names, documents
from indexer.catalog.versions import named_documents
from indexer.inputs.names import same_name, spellings_of

_TICK = timedelta(microseconds=1)
_START = 200  # letters of a name that are looked up: a whole one may be too long for an index


def given_names(
    transaction: Transaction, collection_id: str, *conditions: ColumnElement[bool]
) -> list[GivenName]:
    """Return the names that were given in a collection, as far as they have rows."""
    query = select(document_names).where(
        document_names.c.collection_id == collection_id, *conditions
    )
    return [_given_of(row) for row in transaction.execute(query)]


def with_names(
    transaction: Transaction, collection_id: str, some_documents: Sequence[Document]
) -> list[Document]:
    """Return the documents with the names they go by; what else that depends on is read, and no more."""
    nearby = {document.sha256: document for document in some_documents}
    names: dict[GivenName, None] = {}
    new = set(nearby)
    while new:
        of_new = given_names(transaction, collection_id, document_names.c.sha256.in_(new))
        names |= dict.fromkeys(of_new)
        known_names = {row.name for row in of_new} | {nearby[sha256].name for sha256 in new}
        namesakes = given_names(transaction, collection_id, _is_named(known_names))
        related_bytes = {row.sha256 for row in namesakes}
        related_bytes |= {row.attached_to for row in of_new if row.attached_to is not None}
        rows = transaction.execute(
            select(documents).where(
                documents.c.collection_id == collection_id,
                documents.c.sha256.in_(related_bytes - nearby.keys()),
            )
        )
        fresh = {row.sha256: document_of(row) for row in rows}
        nearby |= fresh
        new = set(fresh)
    by_id = {document.id: document for document in named_documents(nearby.values(), names)}
    return [by_id[document.id] for document in some_documents]


def give_name(transaction: Transaction, collection_id: str, name_given: GivenName) -> bool:
    """Let bytes go by a name, as the newest of that name unless it was given to others later.

    Returns whether that changes anything. Whoever calls this holds the collection's row, and has called
    `keep_own_name` where the bytes were there before.
    """
    names = given_names(transaction, collection_id, document_names.c.sha256 == name_given.sha256)
    given_at = given_anew_at(transaction, collection_id, name_given, names)
    if given_at is None:
        return False
    for name in names:
        if _is_same(name, name_given):
            row = _is_row_of(collection_id, name)
            transaction.execute(update(document_names).where(*row).values(given_at=given_at))
            return True
    _insert(transaction, collection_id, name_given, given_at)
    return True


def given_anew_at(
    transaction: Transaction, collection_id: str, name_given: GivenName, names: Sequence[GivenName]
) -> datetime | None:
    """Return when bytes that go by `names` are given a name; None where that would change nothing."""
    last_at = max((name.given_at for name in names if _is_same(name, name_given)), default=None)
    rivals = _given_to_others(transaction, collection_id, name_given)
    newest_at = max((rival.given_at for rival in rivals), default=None)
    if last_at is not None and (newest_at is None or last_at > newest_at):
        return None
    given_at = name_given.given_at
    if newest_at is not None and newest_at > datetime.now(UTC):  # the clock was put back
        given_at = newest_at + _TICK
    return given_at if last_at is None or given_at > last_at else None


def keep_own_name(transaction: Transaction, collection_id: str, sha256: str) -> list[GivenName]:
    """Return the names of bytes; a document that has only that of its own row gets a row for it."""
    names = given_names(transaction, collection_id, document_names.c.sha256 == sha256)
    if names:
        return names
    row = transaction.execute(
        select(documents).where(
            documents.c.collection_id == collection_id, documents.c.sha256 == sha256
        )
    ).first()
    if row is None:
        return []
    own = own_name(document_of(row))
    _insert(transaction, collection_id, own, own.given_at)
    return [own]


def take_name(transaction: Transaction, collection_id: str, name: GivenName) -> None:
    """Let bytes not go by a name any more."""
    transaction.execute(delete(document_names).where(*_is_row_of(collection_id, name)))


def rename(transaction: Transaction, collection_id: str, old_name: str, new_name: str) -> None:
    """Let all documents that go by a name, its versions, go by another in its place."""
    for name in names_like(transaction, collection_id, old_name):
        take_name(transaction, collection_id, name)
        names = given_names(transaction, collection_id, document_names.c.sha256 == name.sha256)
        new = replace(name, name=new_name)
        if not any(_is_same(known_name, new) for known_name in names):
            _insert(transaction, collection_id, new, new.given_at)
        transaction.execute(
            update(documents)
            .where(
                documents.c.collection_id == collection_id,
                documents.c.sha256 == name.sha256,
                documents.c.name == name.name,
            )
            .values(name=new_name)
        )


def names_like(transaction: Transaction, collection_id: str, name: str) -> list[GivenName]:
    """Return what goes by a name, in any spelling, and came by itself; refused files are among it.

    A document that has only the name of its own row gets a row for it.
    """
    rows = transaction.execute(
        select(documents.c.sha256).where(
            documents.c.collection_id == collection_id, documents.c.name.in_(spellings_of(name))
        )
    )
    for sha256 in list(rows.scalars()):
        keep_own_name(transaction, collection_id, sha256)
    return [
        row
        for row in given_names(
            transaction,
            collection_id,
            _is_named([name]),
            document_names.c.attached_to.is_(None),
        )
        if same_name(row.name) == same_name(name)
    ]


def forget_names(transaction: Transaction, collection_id: str, sha256: str) -> None:
    """Forget the names of bytes, whose document is gone."""
    transaction.execute(
        delete(document_names).where(
            document_names.c.collection_id == collection_id, document_names.c.sha256 == sha256
        )
    )


def forget_names_of_collection(transaction: Transaction, collection_id: str) -> None:
    """Forget all names of a collection that is gone."""
    transaction.execute(
        delete(document_names).where(document_names.c.collection_id == collection_id)
    )


def detach_all(transaction: Transaction, collection_id: str, sha256: str) -> list[str]:
    """Forget what is attached to a document; returns the SHA-256 of each attachment."""
    attachments = given_names(transaction, collection_id, document_names.c.attached_to == sha256)
    for name in attachments:
        take_name(transaction, collection_id, name)
    return list(dict.fromkeys(name.sha256 for name in attachments))


def lost_parents(transaction: Transaction, collection_id: str) -> list[str]:
    """Return the SHA-256 of documents that something is attached to, and that are not there."""
    is_there = select(documents.c.id).where(
        documents.c.collection_id == document_names.c.collection_id,
        documents.c.sha256 == document_names.c.attached_to,
    )
    query = select(document_names.c.attached_to).where(
        document_names.c.collection_id == collection_id,
        document_names.c.attached_to.is_not(None),
        ~is_there.exists(),
    )
    return list(transaction.execute(query.distinct()).scalars())


def _is_same(a: GivenName, b: GivenName) -> bool:
    return a.attached_to == b.attached_to and same_name(a.name) == same_name(b.name)


def _given_to_others(
    transaction: Transaction, collection_id: str, name_given: GivenName
) -> Sequence[GivenName]:
    """Return when other bytes were given the same name; an attachment shares its name with nothing."""
    if name_given.attached_to is not None:
        return []
    return [
        row
        for row in given_names(
            transaction,
            collection_id,
            _is_named([name_given.name]),
            document_names.c.sha256 != name_given.sha256,
            document_names.c.attached_to.is_(None),
        )
        if same_name(row.name) == same_name(name_given.name)
    ]


def _is_named(names: Iterable[str]) -> ColumnElement[bool]:
    """Select what has one of the names, in any spelling, and perhaps what begins as they do."""
    starts = {spelling[:_START] for name in names for spelling in spellings_of(name)}
    return document_names.c.name_start.in_(starts)


def _insert(
    transaction: Transaction, collection_id: str, name_given: GivenName, given_at: datetime
) -> None:
    transaction.execute(
        insert(document_names).values(
            id=new_id(),
            collection_id=collection_id,
            sha256=name_given.sha256,
            name=name_given.name,
            name_start=name_given.name[:_START],
            attached_to=name_given.attached_to,
            given_at=given_at,
        )
    )


def _is_row_of(collection_id: str, name_given: GivenName) -> tuple[ColumnElement[bool], ...]:
    return (
        document_names.c.collection_id == collection_id,
        document_names.c.sha256 == name_given.sha256,
        document_names.c.name == name_given.name,
        document_names.c.attached_to.is_not_distinct_from(name_given.attached_to),
    )


def _given_of(row: Row[Any]) -> GivenName:
    return GivenName(row.sha256, row.name, utc(row.given_at), row.attached_to)
