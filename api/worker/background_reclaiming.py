"""Removal beside a running service: of what was deleted, and what has lain in quarantine for long."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from api.services.wiring import Services
from indexer.base.errors import DataFolderBusy
from indexer.base.periodic_task import PeriodicTask, warn_in

EVERY_S = 10.0  # so long a deleted file stays on the disk, and the time that its removal takes
_STOP_S = 10.0

_log = logging.getLogger(__name__)


@contextmanager
def background_reclaiming(services: Services) -> Iterator[None]:
    """Remove what may go, for as long as the context is open."""

    def reclaim() -> None:
        services.searcher.refresh()  # a file that is mapped takes its room, deleted or not
        alone = services.stores.folder.alone("reclaiming", "another process removes what may go")
        with suppress(DataFolderBusy), alone:
            services.reclaimer.run_once()

    with PeriodicTask(
        EVERY_S, reclaim, name="reclaiming", on_error=warn_in(_log, "reclaiming"), close_s=_STOP_S
    ):
        yield
