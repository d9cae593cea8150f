"""Mending and scrubbing beside a running service: two quiet threads."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress

from api.services.wiring import Services
from indexer.base.errors import DataFolderBusy
from indexer.base.periodic_task import PeriodicTask, warn_in

MEND_S = 10.0  # how often the log of damage is looked at
SCRUB_S = 60.0
STOP_S = 60.0  # a round that takes longer is left to end with the process

_log = logging.getLogger(__name__)


@contextmanager
def background_mending(services: Services) -> Iterator[None]:
    """Mend what is damaged and look for more, for as long as the context is open."""
    if services.settings.upkeep_interval_s == 0:
        yield
        return
    with ExitStack() as tasks:
        tasks.enter_context(mending_task(services))
        if services.settings.scrub_days:
            tasks.enter_context(scrubbing_task(services))
        yield


def mending_task(services: Services) -> PeriodicTask:
    """Return the task that mends, not started."""

    def mend() -> None:
        services.stores.folder.space.read_only_reason()  # takes the reserve again when there is room
        services.mender.run(lambda: task.stopping)

    task = PeriodicTask(
        MEND_S, mend, name="mending", on_error=warn_in(_log, "mending"), close_s=STOP_S
    )
    return task


def scrubbing_task(services: Services) -> PeriodicTask:
    """Return the task that reads everything once in `scrub_days`, not started."""

    def scrub() -> None:
        alone = services.stores.folder.alone("scrub", "another process reads everything")
        with suppress(DataFolderBusy), alone:
            services.scrubber.run(task.pause, lambda: task.stopping)

    task = PeriodicTask(
        SCRUB_S, scrub, name="scrub", on_error=warn_in(_log, "mending"), close_s=STOP_S
    )
    return task
