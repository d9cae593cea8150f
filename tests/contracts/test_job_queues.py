"""One suite over the queue on SQLite and on PostgreSQL, with a clock that the test moves."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from indexer.base.errors import (
    CollectionNotFound,
    JobConflict,
    JobNotFound,
    JobStopped,
    UploadKeyReused,
)
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import Catalog
from indexer.catalog.collections import Collection
from indexer.catalog.database import Database
from indexer.catalog.document_records import DocumentError
from indexer.catalog.jobs.leases import WORKER_DIED, JobLeases
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import (
    Job,
    JobCounts,
    JobDraft,
    JobStage,
    JobState,
    Lease,
    QueueLoad,
    Refusal,
)
from indexer.storage.memory_store import MemoryStore
from tests.support.factories import FINGERPRINT, draft, embedding
from tests.support.postgres import new_database

LEASE_S = 30.0
BROKEN = DocumentError("corrupt", "is broken")


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self, _: object) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Queue:
    """Both sides of one queue, and short words for what the tests do."""

    def __init__(self, database: Database) -> None:
        self.clock = Clock()
        self.catalog = Catalog(database)
        self.jobs = JobQueue(database, self.clock)
        self.leases = JobLeases(database, lease_s=LEASE_S, max_attempts=3, clock=self.clock)
        self.collection: Collection = self.catalog.collections.create("c", FINGERPRINT)

    def add(self, *names: str, priority: int = 0, key: str | None = None) -> list[Job]:
        drafts = [JobDraft(name, name.rjust(64, "0"), 10) for name in names]
        return self.jobs.submit(self.collection.id, drafts, priority=priority, key=key)

    def claim(self, owner: str = "w") -> tuple[Job, Lease] | None:
        return self.leases.claim(owner, [self.collection.id])

    def take(self, owner: str = "w") -> tuple[Job, Lease]:
        claim = self.claim(owner)
        assert claim is not None
        return claim

    def state(self, job: Job) -> JobState:
        return self.jobs.job(job.id).state

    def finish(self, lease: Lease, verdict: Verdict = Verdict.INDEXED) -> None:
        error = None if verdict.searchable else BROKEN
        self.leases.finish(lease, verdict, error, "d", 2)


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    else:
        url = new_database(request.getfixturevalue("postgres_server"))
    database = Database(url)
    yield database
    database.engine.dispose()


@pytest.fixture
def queue(database: Database) -> Queue:
    return Queue(database)


def test_a_job_goes_from_queued_to_running_to_done(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    assert (job.state, job.collection, job.name) == (JobState.QUEUED, "c", "a.pdf")
    running, lease = queue.take("worker-1")
    assert (running.id, running.state, running.lease_owner) == (
        job.id,
        JobState.RUNNING,
        "worker-1",
    )
    assert running.lease_until == queue.clock.now + timedelta(seconds=LEASE_S)
    queue.clock.move(5)
    queue.finish(lease)
    job_after = queue.jobs.job(job.id)
    assert (job_after.state, job_after.verdict, job_after.document_id) == (
        JobState.DONE,
        Verdict.INDEXED,
        "d",
    )
    assert job_after.ended_at == queue.clock.now and job_after.lease_owner is None
    assert queue.claim() is None


def test_the_highest_priority_runs_first_then_the_oldest(queue: Queue) -> None:
    queue.add("old.pdf", "older-sibling.pdf")
    queue.add("urgent.pdf", priority=5)
    queue.add("idle.pdf", priority=-1)
    queue.add("urgent-too.pdf", priority=5)
    order = [queue.take()[0].name for _ in range(5)]
    assert order == ["urgent.pdf", "urgent-too.pdf", "old.pdf", "older-sibling.pdf", "idle.pdf"]


def test_a_worker_takes_jobs_of_its_own_collections_only(queue: Queue) -> None:
    queue.add("a.pdf")
    assert queue.leases.claim("w", []) is None
    assert queue.leases.claim("w", ["another"]) is None
    assert queue.claim() is not None


def test_a_silent_worker_loses_the_job_and_can_never_end_it(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, stale = queue.take("silent")
    queue.clock.move(LEASE_S - 1)
    assert queue.claim("other") is None
    queue.clock.move(1)
    assert queue.state(job) is JobState.QUEUED
    again, lease = queue.take("other")
    assert (again.id, again.attempts, again.lease_owner) == (job.id, 2, "other")
    assert not queue.leases.renew(stale, 1, 2) and not queue.leases.holds(stale)
    queue.finish(stale, Verdict.CORRUPT)
    queue.leases.give_back(stale)
    queue.leases.postpone(stale, BROKEN, 60)
    assert queue.state(job) is JobState.RUNNING
    assert queue.leases.renew(lease, 1, 2)


def test_a_heartbeat_keeps_the_job_and_tells_its_progress(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, lease = queue.take()
    for n_pages in range(1, 11):
        queue.clock.move(LEASE_S / 3)
        assert queue.leases.renew(lease, n_pages, 10)
        assert queue.claim("other") is None
    running = queue.jobs.job(job.id)
    assert (running.pages_done, running.pages_total) == (10, 10)
    assert running.heartbeat_at == queue.clock.now


def test_a_late_worker_whose_job_nobody_took_may_go_on(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, lease = queue.take()
    queue.clock.move(10 * LEASE_S)
    assert queue.leases.renew(lease, 1, 2)
    assert queue.state(job) is JobState.RUNNING


def test_a_document_is_committed_by_the_holder_of_the_lease_only(queue: Queue) -> None:
    store = MemoryStore()
    (job,) = queue.add("a.pdf")
    _, stale = queue.take("silent")
    queue.clock.move(LEASE_S)
    _, lease = queue.take("other")
    document_draft = draft(queue.catalog, store, queue.collection, [embedding(1)])

    def commit(holder: Lease) -> bool:
        return queue.catalog.documents.commit(
            document_draft,
            lambda c: queue.leases.end_with_document(c, holder, document_draft.document),
        )

    with pytest.raises(JobStopped):
        commit(stale)
    assert queue.catalog.documents.of_collection(queue.collection.id) == []
    assert queue.catalog.segments.all() == []
    assert commit(lease)
    job_after = queue.jobs.job(job.id)
    assert (job_after.state, job_after.document_id) == (JobState.DONE, document_draft.document.id)
    queue.finish(lease, Verdict.CORRUPT)  # the document has ended the job already
    assert queue.jobs.job(job.id) == job_after


def test_a_refusal_is_recorded_by_the_holder_of_the_lease_only(queue: Queue) -> None:
    queue.add("a.pdf")
    _, stale = queue.take("silent")
    queue.clock.move(LEASE_S)
    queue.take("other")
    document_draft = draft(queue.catalog, MemoryStore(), queue.collection, [embedding(1)])
    with pytest.raises(JobStopped):
        queue.catalog.documents.record_refusal(
            document_draft.document,
            lambda c: queue.leases.end_with_document(c, stale, document_draft.document),
        )
    assert queue.catalog.documents.of_collection(queue.collection.id) == []


def test_a_file_that_costs_three_workers_fails_and_the_queue_goes_on(queue: Queue) -> None:
    poison, good = queue.add("poison.pdf", "good.pdf")
    for attempt in (1, 2, 3):
        job, _ = queue.take(f"victim-{attempt}")
        assert (job.id, job.attempts) == (poison.id, attempt)
        queue.clock.move(LEASE_S)
    assert queue.take("survivor")[0].id == good.id
    poison = queue.jobs.job(poison.id)
    assert (poison.state, poison.verdict) == (JobState.FAILED, Verdict.FAILED)
    assert poison.error is not None and poison.error.code == WORKER_DIED
    assert "retry" in poison.error.message


def test_a_job_that_was_given_back_is_as_if_never_taken(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    for _ in range(10):
        _, lease = queue.take()
        queue.leases.renew(lease, 1, 2)
        queue.leases.give_back(lease)
        queue.finish(lease)  # too late: it is in nobody's hand
    back = queue.jobs.job(job.id)
    assert back == job
    assert queue.take()[0].attempts == 1


def test_a_postponed_job_waits_tells_why_and_comes_again(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    full = DocumentError("storage_error", "no space left")
    for _ in range(5):  # more often than attempts are allowed
        _, lease = queue.take()
        queue.leases.postpone(lease, full, 30)
        waiting = queue.jobs.job(job.id)
        assert (waiting.state, waiting.error) == (JobState.QUEUED, full)
        assert waiting.not_before == queue.clock.now + timedelta(seconds=30)
        assert queue.claim() is None
        queue.clock.move(30)
    running, _ = queue.take()
    assert (running.error, running.not_before) == (None, None)


def test_a_clock_that_is_set_back_keeps_no_job_from_the_next_worker(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, lease = queue.take("dead")
    queue.clock.move(-86_400)  # the lease and its heartbeat are of tomorrow now
    assert queue.state(job) is JobState.QUEUED
    queue.take("next")
    assert not queue.leases.renew(lease, 1, 2)  # if it was not dead, it is not the holder any more


def test_a_clock_that_is_set_back_ends_a_lease_of_nobody_who_renews_it(queue: Queue) -> None:
    queue.add("a.pdf")
    _, lease = queue.take("alive")
    queue.clock.move(-86_400)
    assert queue.leases.renew(lease, 1, 2)
    assert queue.claim("other") is None


def test_a_clock_that_is_set_back_postpones_no_job_for_longer(queue: Queue) -> None:
    queue.add("a.pdf")
    _, lease = queue.take()
    queue.leases.postpone(lease, BROKEN, 30)
    queue.clock.move(-86_400)
    assert queue.claim() is not None


def test_a_queued_job_is_cancelled_at_once(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    job = queue.jobs.cancel(job.id)
    assert (job.state, job.ended_at) == (JobState.CANCELLED, queue.clock.now)
    assert queue.claim() is None
    assert queue.jobs.cancel(job.id) == job  # twice is fine


def test_a_running_job_is_cancelled_when_its_worker_lets_go(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, lease = queue.take()
    job = queue.jobs.cancel(job.id)
    assert (job.state, job.cancel_requested) == (JobState.RUNNING, True)
    assert not queue.leases.renew(lease, 1, 2) and not queue.leases.holds(lease)
    queue.finish(lease)
    assert queue.jobs.job(job.id).verdict is None
    queue.leases.give_back(lease)
    assert queue.state(job) is JobState.CANCELLED
    assert queue.claim() is None


def test_a_running_job_is_cancelled_even_when_its_worker_is_dead(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    queue.take()
    queue.jobs.cancel(job.id)
    queue.clock.move(LEASE_S)
    assert queue.state(job) is JobState.CANCELLED
    assert queue.claim() is None


def test_failed_and_cancelled_jobs_are_tried_again_from_the_start(queue: Queue) -> None:
    failed_job, cancelled_job = queue.add("failed.pdf", "cancelled.pdf")
    queue.finish(queue.take()[1], Verdict.CORRUPT)
    queue.jobs.cancel(cancelled_job.id)
    for job in (failed_job, cancelled_job):
        assert queue.jobs.retry(job.id) == job
    assert [queue.take()[0].name for _ in range(2)] == ["failed.pdf", "cancelled.pdf"]


def test_a_retry_shuts_out_the_worker_of_the_first_try(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, stale = queue.take("slow")
    queue.jobs.cancel(job.id)
    queue.clock.move(LEASE_S)
    queue.jobs.retry(job.id)
    assert not queue.leases.holds(stale)
    queue.finish(stale)
    assert queue.state(job) is JobState.QUEUED


def test_what_does_not_fit_a_jobs_state_is_refused(queue: Queue) -> None:
    queued_job, ended_job = queue.add("queued.pdf", "ended.pdf", priority=0)
    with pytest.raises(JobConflict, match="queued"):
        queue.jobs.retry(queued_job.id)
    queue.jobs.cancel(queued_job.id)
    queue.finish(queue.take()[1])
    for change in (queue.jobs.cancel, queue.jobs.retry):
        with pytest.raises(JobConflict, match="done"):
            change(ended_job.id)
    for call in (queue.jobs.job, queue.jobs.cancel, queue.jobs.retry):
        with pytest.raises(JobNotFound):
            call("nothing")


def test_jobs_are_listed_newest_first_in_pages_by_collection_and_state(queue: Queue) -> None:
    second = queue.catalog.collections.create("other", FINGERPRINT)
    queue.add("1", "2", "3")
    queue.jobs.submit(second.id, [JobDraft("4", "4" * 64, 1)])
    queue.finish(queue.take()[1])
    queue.finish(queue.take()[1], Verdict.PASSWORD)

    def names(*arguments: object, **options: object) -> list[str]:
        return [job.name for job in queue.jobs.jobs(*arguments, **options)]  # type: ignore[arg-type]

    assert names() == ["4", "3", "2", "1"]
    first = queue.jobs.jobs(limit=2)
    assert names(before=first[-1].number) == ["2", "1"]
    assert names(queue.collection.id) == ["3", "2", "1"]
    by_state = {state: names(queue.collection.id, state) for state in JobState}
    assert by_state == {
        JobState.QUEUED: ["3"], JobState.RUNNING: [], JobState.DONE: ["1"],
        JobState.FAILED: ["2"], JobState.CANCELLED: [],
    }  # fmt: skip


def test_the_load_counts_what_has_not_ended(queue: Queue) -> None:
    assert queue.jobs.load() == QueueLoad(0, 0, None, ())
    queue.add("done.pdf")
    queue.finish(queue.take()[1])
    queue.add("a.pdf")
    queue.clock.move(10)
    queue.add("b.pdf", "c.pdf")
    queue.jobs.cancel(queue.add("d.pdf")[0].id)
    queue.clock.move(5)
    assert queue.jobs.load() == QueueLoad(3, 0, 15.0, ())
    queue.take("w2")
    assert queue.jobs.load() == QueueLoad(2, 1, 5.0, ("w2",))
    queue.clock.move(LEASE_S + 1)  # w2 fell silent
    assert queue.jobs.load() == QueueLoad(3, 0, LEASE_S + 16, ())


def test_the_key_of_an_upload_gives_the_same_jobs_to_the_same_files(queue: Queue) -> None:
    first = queue.add("a.pdf", "b.pdf", key="k")
    assert queue.add("a.pdf", "b.pdf", key="k") == first
    for names in (("a.pdf",), ("b.pdf", "a.pdf"), ("a.pdf", "b.pdf", "c.pdf")):
        with pytest.raises(UploadKeyReused):
            queue.add(*names, key="k")
    assert len(queue.jobs.jobs()) == 2
    assert queue.add("a.pdf", key="another") != first
    elsewhere = queue.catalog.collections.create("other", FINGERPRINT)
    assert queue.jobs.submit(elsewhere.id, [JobDraft("c", "c" * 64, 1)], key="k")


def test_one_key_from_many_clients_at_once_makes_one_upload(queue: Queue) -> None:
    uploads: list[tuple[str, ...]] = []

    def upload() -> None:
        uploads.append(tuple(job.id for job in queue.add("a.pdf", "b.pdf", key="k")))

    in_threads(upload, 8)
    assert len(uploads) == 8 and len(set(uploads)) == 1
    assert len(queue.jobs.jobs()) == 2


def test_no_job_is_given_to_two_workers(queue: Queue) -> None:
    queue.add(*(f"{i}.pdf" for i in range(40)))
    job_ids: list[str] = []

    def work() -> None:
        while (claim := queue.claim(threading.current_thread().name)) is not None:
            job_ids.append(claim[0].id)

    in_threads(work, 8)
    assert len(job_ids) == len(set(job_ids)) == 40


def test_a_deleted_collection_takes_its_jobs_with_it(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    _, lease = queue.take()
    document_draft = draft(queue.catalog, MemoryStore(), queue.collection, [embedding(1)])
    queue.catalog.delete_collection("c")
    with pytest.raises(JobNotFound):
        queue.jobs.job(job.id)
    assert not queue.leases.renew(lease, 1, 2)
    with pytest.raises(CollectionNotFound):
        queue.catalog.documents.commit(
            document_draft,
            lambda c: queue.leases.end_with_document(c, lease, document_draft.document),
        )
    with pytest.raises(CollectionNotFound):
        queue.add("b.pdf")


def test_collections_deleted_amid_uploads_and_commits_leave_no_half_rows(queue: Queue) -> None:
    """Every upload comes wholly before the deletion, or finds the collection gone."""
    events: list[str] = []

    def upload() -> None:
        try:
            while True:
                queue.add("a.pdf")
        except CollectionNotFound:
            events.append("gone")

    def delete() -> None:
        queue.catalog.delete_collection("c")
        events.append("deleted")

    threads = [threading.Thread(target=upload) for _ in range(3)]
    for thread in threads:
        thread.start()
    while not queue.jobs.jobs(limit=1):
        pass
    threads.append(threading.Thread(target=delete))
    threads[-1].start()
    for thread in threads:
        thread.join(600)
    assert sorted(events) == ["deleted", "gone", "gone", "gone"]
    assert queue.jobs.jobs() == []


def test_originals_are_needed_while_a_job_may_run(queue: Queue) -> None:
    waiting, running, cancelled_job, poison, corrupt = queue.add("w", "r", "c", "f", "x")
    queue.jobs.cancel(cancelled_job.id)
    for job, verdict in (
        (waiting, None), (running, None), (poison, Verdict.FAILED), (corrupt, Verdict.CORRUPT),
    ):  # fmt: skip
        claimed_job, lease = queue.take()
        assert claimed_job.id == job.id
        if verdict is not None:
            queue.finish(lease, verdict)
    originals = queue.catalog.named_blobs()[0]
    assert originals == {job.sha256 for job in (waiting, running, cancelled_job, poison)}


def in_threads(work: object, n: int) -> None:
    threads = [threading.Thread(target=work) for _ in range(n)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(600)


def test_a_running_job_tells_its_stage_and_how_long_the_other_pages_take(queue: Queue) -> None:
    (job,) = queue.add("a.pdf")
    assert (job.stage, job.seconds_left) == (None, None)
    running, lease = queue.take()
    assert (running.stage, running.seconds_left) == (JobStage.OPENING, None)
    queue.leases.renew(lease, 0, 8)
    running = queue.jobs.job(job.id)
    assert (running.stage, running.seconds_left) == (JobStage.READING, None)
    queue.clock.move(6)
    queue.leases.renew(lease, 2, 8)
    running = queue.jobs.job(job.id)
    assert (running.stage, running.seconds_left) == (JobStage.READING, 18.0)
    queue.leases.renew(lease, 8, 8)
    running = queue.jobs.job(job.id)
    assert (running.stage, running.seconds_left) == (JobStage.WRITING, None)
    queue.finish(lease)
    assert queue.jobs.job(job.id).stage is None


def test_the_queue_tells_how_long_all_that_waits_takes_at_the_pace_so_far(queue: Queue) -> None:
    assert queue.jobs.seconds_left() == 0.0
    for name in ("a.pdf", "b.pdf", "c.pdf"):  # of one size
        queue.add(name)
    assert queue.jobs.seconds_left() is None  # no file was read yet
    _, lease = queue.take()
    queue.clock.move(10)
    queue.leases.renew(lease, 5, 10)
    assert queue.jobs.seconds_left() == 50.0  # half of the first, and two whole ones
    queue.clock.move(20)
    queue.finish(lease)
    assert queue.jobs.seconds_left() == 60.0
    assert queue.jobs.seconds_left(["another"]) == 0.0


def test_a_file_that_was_refused_at_once_has_a_job_that_has_ended(queue: Queue) -> None:
    refusal = Refusal(Verdict.CORRUPT, BROKEN, "d1")
    drafts = [JobDraft("bad.pdf", "b" * 64, 3, refusal=refusal), JobDraft("good.pdf", "a" * 64, 5)]
    bad, good = queue.jobs.submit(queue.collection.id, drafts)
    assert (bad.state, bad.verdict, bad.error) == (JobState.FAILED, Verdict.CORRUPT, BROKEN)
    assert (bad.document_id, bad.ended_at) == ("d1", queue.clock.now)
    assert good.state is JobState.QUEUED
    assert queue.jobs.counts(queue.collection.id) == JobCounts(1, 0, 1)
    taken, _ = queue.take()
    assert taken.id == good.id and queue.claim() is None


def test_the_last_job_of_a_file_is_found_by_its_bytes(queue: Queue) -> None:
    (first,) = queue.add("a.pdf")
    (second,) = queue.add("a.pdf")
    last = queue.jobs.last_of_bytes(queue.collection.id, first.sha256)
    assert last is not None and last.id == second.id
    assert queue.jobs.last_of_bytes(queue.collection.id, "f" * 64) is None


def test_the_load_is_counted_within_what_somebody_may_see(queue: Queue) -> None:
    queue.add("a.pdf", "b.pdf")
    other = queue.catalog.collections.create("other", FINGERPRINT)
    queue.jobs.submit(other.id, [JobDraft("c.pdf", "c" * 64, 1)])
    assert queue.jobs.load().n_queued == 3
    assert queue.jobs.load({other.id}).n_queued == 1
    assert queue.jobs.load(set()).n_queued == 0
