"""The catalog's half of the pair of catalog and data folder: see `indexer.storage.pair_mark`."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from indexer.catalog.database import Database
from indexer.catalog.removals import named_originals
from indexer.catalog.tables import collections, counters, pair_mark, segments
from indexer.storage.pair_mark import PairMark

_NUMBER = 1  # of the one row
_SINCE = "0005"  # the schema that has the table
_JOBS_SINCE = "0002"


@dataclass(frozen=True, slots=True)
class NamedFiles:
    """What a catalog names, and whether anybody has ever used it."""

    segments: frozenset[tuple[str, str]]
    originals: frozenset[str]
    was_used: bool


class PairMarks:
    """The mark of one catalog."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def read(self) -> PairMark | None:
        """Return the mark; None for a catalog that has none, is older than marks are, or is not there."""
        revision = self._database.revision()
        if revision is None or revision < _SINCE:
            return None
        with self._database.reading() as transaction:
            row = transaction.execute(select(pair_mark.c.id, pair_mark.c.epoch)).first()
        return None if row is None else PairMark(row.id, row.epoch)

    def write(self, mark: PairMark) -> None:
        """Put the mark in the place of the last one; of several who do so at once, one wins."""
        with suppress(IntegrityError), self._database.writing() as transaction:
            transaction.execute(delete(pair_mark))
            transaction.execute(
                insert(pair_mark).values(number=_NUMBER, id=mark.id, epoch=mark.epoch)
            )

    def named_files(self) -> NamedFiles:
        """Return what the catalog names, whatever its schema; nothing where there is no catalog."""
        revision = self._database.revision()
        if revision is None:
            return NamedFiles(frozenset(), frozenset(), was_used=False)
        with self._database.reading() as transaction:
            rows = transaction.execute(select(segments.c.collection_id, segments.c.name))
            segment_names = frozenset((row.collection_id, row.name) for row in rows)
            original_names = frozenset(
                sha256
                for query in named_originals()[: 2 if revision >= _JOBS_SINCE else 1]
                for sha256 in transaction.execute(query).scalars()
            )
            n_collections = transaction.execute(select(func.count(collections.c.id))).scalar_one()
            page_ids = select(counters.c.value).where(counters.c.name == "page_id")
            next_page_id = transaction.execute(page_ids).scalar() or 1
        return NamedFiles(segment_names, original_names, n_collections > 0 or next_page_id > 1)
