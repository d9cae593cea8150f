"""What each API key has used today, and what its quota leaves. Off for a key without a quota.

Use is counted in the catalog, so all processes share it and a restart forgets nothing. Uploads are counted
one by one. Questions are taken from the catalog in small blocks, because a write for each would cost more
than many a search; what is left of a block when a process ends is lost. A catalog that does not answer
keeps nobody from asking: what was asked meanwhile is counted later.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta
from threading import Lock

from sqlalchemy import and_, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.base.errors import QuotaReached
from api.services.keys import ApiKey
from indexer.base.errors import CatalogUnavailable
from indexer.catalog.database import Database, Transaction
from indexer.catalog.service_tables import api_key_usage as usage_rows

_BLOCK = 20  # questions that are taken at once, or a 50th of the quota
_BLOCKS_IN_QUOTA = 50
_PATIENCE_S = 0.25  # a question does not wait for writers
_KEPT = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Usage:
    """What a key has used of a day, by UTC."""

    n_bytes: int = 0
    n_documents: int = 0
    n_questions: int = 0

    def plus(self, addition: Usage) -> Usage:
        return Usage(*(getattr(self, f.name) + getattr(addition, f.name) for f in fields(Usage)))


class Quotas:
    """The use of all keys. For any thread."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock
        self._lock = Lock()
        # By key and day: questions that are paid for and not asked yet; below 0, asked and not paid for.
        self._questions: dict[tuple[str, str], int] = {}

    def used_today(self, key_id: str) -> Usage:
        """Return what is counted. Raises CatalogUnavailable."""
        with self._database.reading() as transaction:
            return _usage(transaction, key_id, self._today()) or Usage()

    def bytes_left(self, key: ApiKey) -> int | None:
        """Return what the key may still upload today; None: anything. Raises QuotaReached, if nothing."""
        quota = key.quota
        if quota.max_bytes_per_day is None and quota.max_documents_per_day is None:
            return None
        usage = self.used_today(key.id)
        self._require(key, usage.plus(Usage(n_bytes=1, n_documents=1)))
        limit = quota.max_bytes_per_day
        return None if limit is None else limit - usage.n_bytes

    def take_upload(self, key: ApiKey, n_bytes: int, n_documents: int) -> None:
        """Count an upload before it is queued. Raises QuotaReached, CatalogUnavailable."""
        if key.quota.max_bytes_per_day is not None or key.quota.max_documents_per_day is not None:
            self._add(key, lambda _: Usage(n_bytes=n_bytes, n_documents=n_documents))

    def take_question(self, key: ApiKey) -> None:
        """Count a question. Raises QuotaReached."""
        limit = key.quota.max_questions_per_day
        if limit is None:
            return
        place = (key.id, self._today())
        block = min(_BLOCK, max(1, limit // _BLOCKS_IN_QUOTA))
        with self._lock:
            if self._questions.get(place, 0) <= 0:
                self._buy(key, place, limit, block)
            self._questions[place] -= 1

    def _buy(self, key: ApiKey, place: tuple[str, str], limit: int, block: int) -> None:
        debt = -self._questions.get(place, 0)
        n_bought = 0

        def choose(usage: Usage) -> Usage:
            nonlocal n_bought
            n_bought = max(1, min(block + debt, limit - usage.n_questions))
            return Usage(n_questions=n_bought)

        try:
            self._add(key, choose, patience_s=_PATIENCE_S)
        except CatalogUnavailable:
            n_bought = 0
        self._questions = {k: n for k, n in self._questions.items() if k[1] == place[1]}
        self._questions[place] = n_bought - debt

    def _add(
        self, key: ApiKey, choose: Callable[[Usage], Usage], patience_s: float | None = None
    ) -> None:
        today = self._today()
        while True:
            try:
                with self._database.writing(patience_s=patience_s) as transaction:
                    usage = _usage(transaction, key.id, today)
                    total = (usage or Usage()).plus(choose(usage or Usage()))
                    self._require(key, total)
                    if _store(transaction, key.id, today, usage, total):
                        return
            except IntegrityError:  # another process has made the row
                continue

    def _require(self, key: ApiKey, total: Usage) -> None:
        quota = key.quota
        for n, limit, things in (
            (total.n_bytes, quota.max_bytes_per_day, "bytes uploaded"),
            (total.n_documents, quota.max_documents_per_day, "documents uploaded"),
            (total.n_questions, quota.max_questions_per_day, "questions"),
        ):
            if limit is not None and n > limit:
                raise QuotaReached(
                    f"the quota of this key is {limit:,} {things} a day: it begins anew at midnight UTC",
                    self._seconds_left(),
                )

    def _today(self) -> str:
        return self._clock().date().isoformat()

    def _seconds_left(self) -> float:
        now = self._clock()
        midnight = datetime.combine(now.date() + timedelta(days=1), time(), UTC)
        return (midnight - now).total_seconds()


def _usage(transaction: Transaction, key_id: str, day: str) -> Usage | None:
    is_row = and_(usage_rows.c.key_id == key_id, usage_rows.c.day == day)
    columns = (usage_rows.c.n_bytes, usage_rows.c.n_documents, usage_rows.c.n_questions)
    row = transaction.execute(select(*columns).where(is_row)).first()
    return None if row is None else Usage(*row)


def _store(
    transaction: Transaction, key_id: str, day: str, before: Usage | None, after: Usage
) -> bool:
    """Return False where another process was quicker."""
    values = {f.name: getattr(after, f.name) for f in fields(Usage)}
    if before is None:
        first_kept = (datetime.fromisoformat(day) - _KEPT).date().isoformat()
        transaction.execute(
            delete(usage_rows).where(usage_rows.c.key_id == key_id, usage_rows.c.day < first_kept)
        )
        transaction.execute(insert(usage_rows).values(key_id=key_id, day=day, **values))
        return True
    is_as_before = [usage_rows.c[f.name] == getattr(before, f.name) for f in fields(Usage)]
    result = transaction.execute(
        update(usage_rows)
        .where(usage_rows.c.key_id == key_id, usage_rows.c.day == day, *is_as_before)
        .values(**values)
    )
    return result.rowcount == 1
