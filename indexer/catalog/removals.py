"""Files to be removed because their content was deleted.

Whoever deletes says so in the same transaction: the files go in the background, also after a crash, and
only when nothing names them any more. A document that stands in a segment with others leaves its vectors
there; the segment is written anew without them, by compaction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, delete, insert, literal, select

from indexer.base.verdicts import Verdict
from indexer.catalog.column_values import utc
from indexer.catalog.database import Database, Transaction
from indexer.catalog.tables import documents, jobs, pages, removals, segments


class RemovalKind(StrEnum):
    """What is to go.

    UPLOAD   an original that was refused; it stays a while, as the job may be tried again
    VECTORS  those of deleted pages, out of a segment in which others stand
    """

    ORIGINAL = "original"
    UPLOAD = "upload"
    IMAGE = "image"
    SEGMENT = "segment"
    VECTORS = "vectors"


@dataclass(frozen=True, slots=True)
class Removal:
    """One file or segment that is to go; `name` is the SHA-256 of a blob, or the name of a segment."""

    number: int
    kind: RemovalKind
    collection_id: str
    name: str
    since: datetime


class Removals:
    """What is to be removed. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def after(self, number: int, limit: int) -> list[Removal]:
        """Return the next removals, the oldest first, that follow the one with this number."""
        query = select(removals).where(removals.c.number > number)
        with self._database.reading() as transaction:
            rows = transaction.execute(query.order_by(removals.c.number).limit(limit))
            return [_removal_of(row) for row in rows]

    def still_named(self, batch: Sequence[Removal]) -> set[tuple[RemovalKind, str]]:
        """Return (kind, name) of those that the catalog names, so that they must stay."""
        names = {kind: {r.name for r in batch if r.kind is kind} for kind in RemovalKind}
        with self._database.reading() as transaction:
            return {
                (kind, name)
                for kind, kind_names in names.items()
                if kind_names
                for query in _naming(kind, kind_names)
                for name in transaction.execute(query).scalars()
            }

    def forget(self, numbers: Sequence[int]) -> None:
        """Strike off what is gone, or is needed after all."""
        if numbers:
            with self._database.writing() as transaction:
                transaction.execute(delete(removals).where(removals.c.number.in_(numbers)))

    def names(self) -> set[str]:
        """Return the names of all that is still to go."""
        with self._database.reading() as transaction:
            return set(transaction.execute(select(removals.c.name)).scalars())

    def segments_with_deleted(self, collection_id: str, before: datetime) -> set[str]:
        """Name the segments of a collection in which vectors stand that were deleted before that moment."""
        query = select(removals.c.name).where(
            removals.c.kind == RemovalKind.VECTORS.value,
            removals.c.collection_id == collection_id,
            removals.c.since < before,
        )
        with self._database.reading() as transaction:
            return set(transaction.execute(query).scalars())


def schedule(
    transaction: Transaction, kind: RemovalKind, collection_id: str, names: Iterable[str]
) -> None:
    """Let these go once the transaction is committed."""
    rows = [
        {"kind": kind.value, "collection_id": collection_id, "name": name}
        | {"since": datetime.now(UTC)}
        for name in names
    ]
    if rows:
        transaction.execute(insert(removals), rows)


def schedule_blobs(transaction: Transaction, kind: RemovalKind, names: Select[Any]) -> None:
    """Let the blobs go whose SHA-256 the query selects, as `schedule`."""
    of_names = names.subquery()
    rows = select(
        literal(kind.value),
        literal(""),
        of_names.c[0],
        literal(datetime.now(UTC), removals.c.since.type),
    )
    transaction.execute(
        insert(removals).from_select(["kind", "collection_id", "name", "since"], rows)
    )


def named_originals() -> list[Select[Any]]:
    """Select the SHA-256 of every original that is needed: by documents, and by jobs.

    Jobs need theirs until they have ended, and afterwards if a retry may help.
    """
    may_run = jobs.c.verdict.is_(None) | (jobs.c.verdict == Verdict.FAILED.value)
    return [
        select(documents.c.sha256).where(documents.c.n_pages > 0),
        select(jobs.c.sha256).where(may_run),
    ]


def _naming(kind: RemovalKind, names: set[str]) -> list[Select[Any]]:
    """Select which of the names the catalog still needs."""
    if kind in (RemovalKind.ORIGINAL, RemovalKind.UPLOAD):
        by_document, by_job = named_originals()
        return [
            by_document.where(documents.c.sha256.in_(names)),
            by_job.where(jobs.c.sha256.in_(names)),
        ]
    if kind is RemovalKind.IMAGE:
        return [select(pages.c.image_sha256).where(pages.c.image_sha256.in_(names)).distinct()]
    return [select(segments.c.name).where(segments.c.name.in_(names))]


def _removal_of(row: Any) -> Removal:
    kind = RemovalKind(row.kind)
    return Removal(row.number, kind, row.collection_id, row.name, utc(row.since))
