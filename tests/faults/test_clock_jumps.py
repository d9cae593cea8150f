"""Clocks that jump while files are indexed: every file is indexed once, whatever time it is said to be."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from api.services.wiring import Services
from api.worker.worker import Worker
from indexer.catalog.database import Transaction, database_time
from indexer.catalog.jobs.leases import JobLeases
from indexer.catalog.jobs.queue import JobQueue
from indexer.ingest.pipeline import Pipeline
from tests.faults import oracle
from tests.faults.conftest import Tally
from tests.faults.facts import Facts
from tests.faults.papers import paper_named, services_over

DAY_S = 86_400.0
STEMS = ("pump", "valve", "motor")


class JumpingClock:
    """The clock of the database, some seconds off."""

    def __init__(self) -> None:
        self.off_s = 0.0

    def __call__(self, transaction: Transaction) -> datetime:
        return database_time(transaction) + timedelta(seconds=self.off_s)


class TwoWorkers:
    """Two workers over one folder and one clock, and three files in their queue."""

    def __init__(self, folder: Path) -> None:
        self.clock = JumpingClock()
        self.folder = folder
        services = self._services()
        collection = services.create_collection("c")
        sources = [paper_named(stem).source(folder) for stem in STEMS]
        services.intake.copy_in(collection, sources)
        self.facts = Facts(folder / "facts")

    def _services(self) -> Services:
        services = services_over(self.folder / "data")
        return replace(
            services,
            leases=JobLeases(services.database, clock=self.clock, max_attempts=100),
            queue=JobQueue(services.database, self.clock),
        )

    def worker(self, before_commit: Callable[[], None] = lambda: None) -> Worker:
        services = self._services()
        pipeline = services.pipeline
        return Worker(replace(services, pipeline=_Interrupted(pipeline, before_commit)))

    def violations(self) -> list[str]:
        for stem in STEMS:
            self.facts.tell("indexed", "c", stem)
        services = self._services()
        report = services.repairer.verify(deep=True)
        return oracle.violations(services, self.facts, report) + oracle.unfinished_jobs(services)


class _Interrupted(Pipeline):
    """A pipeline in which something happens between the first page and the commit."""

    def __init__(self, pipeline: Pipeline, happens: Callable[[], None]) -> None:
        self.__dict__.update(pipeline.__dict__)
        self._happens = happens

    def _encoded_pages(self, *arguments: object):  # type: ignore[no-untyped-def]
        yield from super()._encoded_pages(*arguments)  # type: ignore[arg-type]
        self._happens()


def drain(worker: Worker) -> None:
    while worker.work_once():
        pass


@pytest.mark.parametrize("jump_s", [DAY_S, -DAY_S, 365 * DAY_S, -365 * DAY_S])
def test_two_workers_over_a_clock_that_jumps_index_every_file_once(
    tmp_path: Path, tally: Tally, jump_s: float
) -> None:
    place = TwoWorkers(tmp_path)
    other = place.worker()

    def jump() -> None:  # the first lease is worth nothing now: the other takes the job, too
        if place.clock.off_s == 0.0:
            place.clock.off_s = jump_s
            drain(other)

    drain(place.worker(jump))
    tally.add(f"{jump_s} s", place.violations())
    tally.assert_none()


def test_a_job_whose_worker_died_before_the_clock_was_set_back_is_taken_over(
    tmp_path: Path, tally: Tally
) -> None:
    place = TwoWorkers(tmp_path)
    dead = place.worker()._services.leases.claim("dead", [_collection_id(place)])
    assert dead is not None
    place.clock.off_s = -DAY_S
    drain(place.worker())
    tally.add("set back", place.violations())
    tally.assert_none()


def test_the_time_of_day_of_this_process_moves_no_lease_and_no_order(
    tmp_path: Path, tally: Tally, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = TwoWorkers(tmp_path)
    really = time.time
    offsets = iter(range(10_000))
    monkeypatch.setattr(time, "time", lambda: really() + DAY_S * (-1) ** next(offsets))
    drain(place.worker())
    tally.add("time.time", place.violations())
    tally.assert_none()


def _collection_id(place: TwoWorkers) -> str:
    services = services_over(place.folder / "data")
    return services.stores.catalog.collections.get("c").id
