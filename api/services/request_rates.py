"""How many requests each API key may make in a minute, counted over all processes. Off where it is 0.

Each key has a bucket of requests in the catalog, which fills evenly and holds a minute's worth. A process
takes a few seconds' worth at once, so that most requests write nothing, and remembers until when the bucket
is empty. A catalog that cannot be written keeps nobody from asking.
"""

from __future__ import annotations

import time
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Lock

from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from api.base.errors import TooManyRequests
from indexer.base.errors import StorageError
from indexer.catalog.column_values import utc
from indexer.catalog.database import Clock, Database, Transaction, database_time
from indexer.catalog.service_tables import request_buckets

_MINUTE_S = 60.0
_BLOCKS_IN_MINUTE = 20
_PATIENCE_S = 0.25  # a request does not wait for writers
_KEPT = timedelta(hours=1)


@dataclass(slots=True)
class _Stock:
    """What a process has of a key's bucket.

    n_left      requests that are taken and not made yet
    taken_at    when, by the monotonic clock
    empty_until  when the bucket has the next request, by the same clock
    """

    n_left: int = 0
    taken_at: float = 0.0
    empty_until: float = 0.0
    lock: Lock = field(default_factory=Lock)


class RequestRates:
    """The rates of all keys. For any thread."""

    def __init__(self, database: Database, per_minute: int, clock: Clock = database_time) -> None:
        self._database = database
        self._per_minute = per_minute
        self._clock = clock
        self._block = max(1, per_minute // _BLOCKS_IN_MINUTE)
        self._stocks: defaultdict[str, _Stock] = defaultdict(_Stock)  # of keys that exist: few

    def take(self, key_id: str) -> None:
        """Count a request. Raises TooManyRequests."""
        if not self._per_minute:
            return
        stock = self._stocks[key_id]
        with stock.lock:
            now = time.monotonic()
            if now < stock.empty_until:
                raise self._refusal(stock.empty_until - now)
            if not stock.n_left or now - stock.taken_at > _MINUTE_S:
                self._fill(stock, key_id, now)
            stock.n_left -= 1

    def _fill(self, stock: _Stock, key_id: str, now: float) -> None:
        try:
            n_taken, wait_s = self._take_block(key_id)
        except StorageError:
            n_taken, wait_s = self._block, 0.0
        stock.n_left, stock.taken_at = n_taken, now
        if not n_taken:
            stock.empty_until = now + wait_s
            raise self._refusal(wait_s)

    def _take_block(self, key_id: str) -> tuple[int, float]:
        """Take from the bucket; returns how many, and for none the seconds until there is one."""
        while True:
            try:
                with self._database.writing(patience_s=_PATIENCE_S) as transaction:
                    return self._take(transaction, key_id)
            except IntegrityError:  # another process has made the row
                continue

    def _take(self, transaction: Transaction, key_id: str) -> tuple[int, float]:
        of_key = request_buckets.c.key_id == key_id
        row = transaction.execute(select(request_buckets).where(of_key).with_for_update()).first()
        now = self._clock(transaction)
        if row is None:
            transaction.execute(
                delete(request_buckets).where(request_buckets.c.moment < now - _KEPT)
            )
            n_left = self._per_minute - self._block
            transaction.execute(
                insert(request_buckets).values(key_id=key_id, n_left=n_left, moment=now)
            )
            return self._block, 0.0
        per_s = self._per_minute / _MINUTE_S
        since_s = max(0.0, (now - utc(row.moment)).total_seconds())
        n_there = min(float(self._per_minute), row.n_left + since_s * per_s)
        n_taken = min(self._block, int(n_there))
        if n_taken:
            transaction.execute(
                update(request_buckets).where(of_key).values(n_left=n_there - n_taken, moment=now)
            )
        return n_taken, (1 - n_there) / per_s

    def _refusal(self, wait_s: float) -> TooManyRequests:
        message = f"this key may make {self._per_minute} requests a minute: slow down"
        return TooManyRequests(message, wait_s)
