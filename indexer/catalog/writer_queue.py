"""Few writers at a time in the database, and a line that does not grow where nothing moves.

SQLite has one writer at a time, and one that waits for its turn keeps a connection and a thread. Left
alone, writers who wait behind a lock of somebody else's take all connections, and readers, who need no turn,
get none.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from math import inf
from threading import Condition

from indexer.base.errors import CatalogUnavailable

N_WRITERS = 4
STUCK_S = 3.0  # no writer has ended for so long: the lock is held by somebody else
_BUSY = "the catalog is busy with another writer: try again in a moment"


class WriterQueue:
    """Places for writers; the others wait, as long as now and then one ends."""

    def __init__(self, n_writers: int = N_WRITERS, stuck_s: float = STUCK_S) -> None:
        self._n_free = n_writers
        self._stuck_s = stuck_s
        self._line = Condition()
        self._last_move = 0.0  # when a place was last taken or given back, by the monotonic clock

    @contextmanager
    def place(self, patience_s: float | None = None) -> Iterator[None]:
        """Hold a place for the block. Raises CatalogUnavailable where there is none in time.

        patience_s  seconds to wait for one, if not as long as the line moves
        """
        give_up = inf if patience_s is None else time.monotonic() + patience_s
        with self._line:
            while self._n_free == 0:
                left_s = min(give_up, self._last_move + self._stuck_s) - time.monotonic()
                if left_s <= 0:
                    raise CatalogUnavailable(_BUSY)
                self._line.wait(left_s)
            self._n_free -= 1
            self._last_move = time.monotonic()
        try:
            yield
        finally:
            with self._line:
                self._n_free += 1
                self._last_move = time.monotonic()
                self._line.notify()
