"""Compaction beside a running service: one quiet thread that looks after every collection."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from api.services.wiring import Services
from indexer.base.errors import DamagedPages, DataFolderBusy, PagesightError
from indexer.base.periodic_task import PeriodicTask, warn_in

STOP_S = 60.0  # a round that takes longer is left to end with the process

_log = logging.getLogger(__name__)


@contextmanager
def background_compaction(services: Services) -> Iterator[None]:
    """Compact as the settings say, for as long as the context is open."""
    interval_s = services.settings.upkeep_interval_s
    if interval_s == 0:
        yield
        return
    with BackgroundCompaction(services, interval_s).task:
        yield


class BackgroundCompaction:
    """Runs a round over each collection that has changed, every `interval_s` seconds, while `task` runs.

    Leaving `task` waits STOP_S for the round in progress: an unfinished one has left nothing.
    """

    def __init__(self, services: Services, interval_s: float) -> None:
        self._services = services
        self._generations: dict[str, int] = {}  # by collection id, after its last round
        self.task = PeriodicTask(
            interval_s,
            self.run_once,
            name="compaction",
            on_error=warn_in(_log, "compaction"),
            close_s=STOP_S,
        )

    def run_once(self) -> None:
        """Compact every collection that has changed since its last round, unless another process does."""
        alone = self._services.stores.folder.alone("compaction", "another process compacts")
        with suppress(DataFolderBusy), alone:
            self._compact_changed()

    def _compact_changed(self) -> None:
        catalog = self._services.stores.catalog
        for collection in catalog.collections.all():
            is_unchanged = self._generations.get(collection.id) == collection.generation
            if is_unchanged or self.task.stopping:
                continue
            try:
                work = self._services.compactor.run(collection.name)
                generation = catalog.collections.get(collection.name).generation
                self._generations[collection.id] = generation
            except DamagedPages as error:  # nothing damaged is merged: it is mended first
                self._services.stores.damage.report(error)
                continue
            except PagesightError as error:  # deleted meanwhile, a full disk: searches stay right
                _log.warning("compaction of %s: %s", collection.name, error)
                continue
            if not work.is_empty:
                _log.info("compaction of %s: %s", collection.name, work)
