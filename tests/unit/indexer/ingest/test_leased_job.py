"""A leased job: prolonged while it is worked on, noticed when it is lost."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from indexer.base.errors import CatalogUnavailable, JobStalled, JobStopped
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.jobs.leases import JobLeases
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import JobDraft, JobState, Lease
from indexer.ingest.leased_job import LeasedJob
from tests.support.factories import FINGERPRINT
from tests.support.waiting import wait_until


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database)


@pytest.fixture
def leases(database: Database) -> JobLeases:
    return JobLeases(database, lease_s=0.3)


@pytest.fixture
def lease(database: Database, queue: JobQueue, leases: JobLeases) -> Lease:
    collection = Catalog(database).collections.create("c", FINGERPRINT)
    queue.submit(collection.id, [JobDraft("a.pdf", "0" * 64, 1)])
    claimed = leases.claim("w", [collection.id])
    assert claimed is not None
    return claimed[1]


@pytest.fixture
def leased_job(leases: JobLeases, lease: Lease) -> Iterator[LeasedJob]:
    with LeasedJob(leases, lease, lambda: False, 60.0) as leased_job:
        yield leased_job


def is_lost(leased_job: LeasedJob) -> bool:
    try:
        leased_job.check()
    except JobStopped:
        return True
    return False


def test_the_heart_beats_beyond_the_lease_and_tells_the_progress(
    leased_job: LeasedJob, queue: JobQueue, lease: Lease
) -> None:
    first = queue.job(lease.job_id).lease_until
    assert first is not None
    leased_job.on_page(3, 9)
    wait_until(lambda: (queue.job(lease.job_id).lease_until or first) > first)
    job = queue.job(lease.job_id)
    wait_until(lambda: queue.job(lease.job_id).pages_done == 3)
    assert job.state is JobState.RUNNING and not is_lost(leased_job)


def test_a_cancelled_job_stops_at_the_next_page(
    leased_job: LeasedJob, queue: JobQueue, lease: Lease
) -> None:
    leased_job.check()
    queue.cancel(lease.job_id)
    wait_until(lambda: is_lost(leased_job))


def test_a_worker_that_is_told_to_stop_stops_at_the_next_page(
    leases: JobLeases, lease: Lease
) -> None:
    stopped = pytest.raises(JobStopped, match="told to stop")
    with LeasedJob(leases, lease, lambda: True, 60.0) as leased_job, stopped:
        leased_job.check()


def test_a_job_without_a_page_for_too_long_is_let_go(
    leases: JobLeases, lease: Lease, queue: JobQueue
) -> None:
    with LeasedJob(leases, lease, lambda: False, 0.2) as leased_job:
        wait_until(lambda: queue.job(lease.job_id).state is JobState.QUEUED)
        with pytest.raises(JobStalled):
            leased_job.check()
    assert queue.job(lease.job_id).attempts == 1


def test_a_database_that_is_away_for_a_moment_costs_nothing(
    leased_job: LeasedJob,
    leases: JobLeases,
    queue: JobQueue,
    lease: Lease,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    failures: list[int] = []

    def away(*_: object) -> bool:
        failures.append(1)
        raise CatalogUnavailable("locked")

    with monkeypatch.context() as patch:
        patch.setattr(leases, "renew", away)
        patch.setattr(leases, "holds", away)
        wait_until(lambda: len(failures) >= 2)
    leased_job.on_page(5, 9)
    wait_until(lambda: queue.job(lease.job_id).pages_done == 5)
    assert not is_lost(leased_job)
