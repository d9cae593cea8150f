"""Where a trial happens, and what a workload is."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from api.services.wiring import Services
from indexer.catalog.database import Transaction, database_time
from indexer.catalog.jobs.leases import JobLeases
from indexer.storage.durable import MOVED_NAME
from tests.faults.facts import Facts
from tests.faults.papers import paper_named, services_over


@dataclass(frozen=True)
class Place:
    """Where a trial happens: its data folder, the files that come in, what was told so far."""

    data_dir: Path
    inbox: Path
    facts: Facts
    later: bool = False  # every lease of before has run out

    @property
    def elsewhere(self) -> Path:
        """Where everything is moved to, by the workload that does. A model of the disk sees it, too."""
        return self.data_dir / "elsewhere"

    def services(self) -> Services:
        """Return the services over what counts: the data folder, or where everything was moved to."""
        if (self.data_dir / MOVED_NAME).exists():
            url = f"sqlite:///{self.data_dir / 'catalog.sqlite3'}"
            services = services_over(self.elsewhere, database_url=url)
        else:
            services = services_over(self.data_dir)
        if not self.later:
            return services
        leases = JobLeases(services.database, clock=an_hour_later)
        return replace(services, leases=leases)


def an_hour_later(transaction: Transaction) -> datetime:
    return database_time(transaction) + timedelta(hours=1)


def _nothing(place: Place) -> None:
    """Prepare nothing: the data folder does not exist yet."""


@dataclass(frozen=True)
class Workload:
    """Something to be interrupted.

    prepare  fills the folder that every trial begins with a copy of
    run      does the work, telling what may be relied on; a second run finishes what the first began
    damaged  the folder is damaged until `run` has ended
    final    says what must hold besides, once `run` has ended
    """

    run: Callable[[Place], None]
    prepare: Callable[[Place], None] = _nothing
    damaged: bool = False
    final: Callable[[Services, Facts], list[str]] = lambda services, facts: []


def ingest_papers(place: Place, services: Services, collection: str, *stems: str) -> None:
    """Ingest papers, and tell of each that it is indexed."""
    target = services.collection_for_ingest(collection)
    for stem in stems:
        outcome = services.pipeline.ingest(target, paper_named(stem).source(place.inbox))
        if outcome.verdict.searchable or outcome.verdict.value == "unchanged":
            place.facts.tell("indexed", collection, stem)
