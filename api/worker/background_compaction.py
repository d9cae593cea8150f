"""Compaction beside a running service: one quiet thread that looks after every collection."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from api.services.wiring import Services
from indexer.base.errors import PagesightError

STOP_S = 60.0  # a round that takes longer is left to end with the process

_log = logging.getLogger(__name__)


@contextmanager
def background_compaction(services: Services) -> Iterator[None]:
    """BackgroundCompaction as the settings want it, for as long as the context is open."""
    interval_s = services.settings.upkeep_interval_s
    if interval_s == 0:
        yield
        return
    upkeep = BackgroundCompaction(services, interval_s)
    upkeep.start()
    try:
        yield
    finally:
        upkeep.stop(STOP_S)


class BackgroundCompaction:
    """Runs a round over each collection that has changed, every `interval_s` seconds, until stopped."""

    def __init__(self, services: Services, interval_s: float) -> None:
        self._services = services
        self._interval_s = interval_s
        self._seen: dict[str, int] = {}  # collection id -> generation after its last round
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._work, name="upkeep", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, wait_s: float | None = None) -> None:
        """Returns when the round in progress has ended, or after `wait_s`: an unfinished one left nothing."""
        self._stopped.set()
        self._thread.join(wait_s)

    def run_once(self) -> None:
        """One round over every collection that has changed since its last."""
        catalog = self._services.stores.catalog
        for collection in catalog.collections.all():
            if self._seen.get(collection.id) == collection.generation or self._stopped.is_set():
                continue
            try:
                work = self._services.compactor.run(collection.name)
                self._seen[collection.id] = catalog.collections.get(collection.name).generation
            except PagesightError as error:  # deleted meanwhile, a full disk: searches stay right
                _log.warning("compaction of %s: %s", collection.name, error)
                continue
            if not work.nothing:
                _log.info("compaction of %s: %s", collection.name, work)

    def _work(self) -> None:
        while not self._stopped.wait(self._interval_s):
            try:
                self.run_once()
            except PagesightError as error:
                _log.warning("compaction: %s", error)
