"""The queue against a model of it, under any order of workers, clients, silence and time."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from indexer.base.errors import JobConflict
from indexer.base.verdicts import Verdict
from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from indexer.catalog.jobs.leases import JobLeases
from indexer.catalog.jobs.queue import JobQueue
from indexer.catalog.jobs.records import JobDraft, JobState, Lease
from tests.support.factories import FINGERPRINT

LEASE_S, MAX_ATTEMPTS = 30, 3


@dataclass
class Model:
    """What a job should be; `holder` is the only lease that may still end it."""

    number: int
    priority: int
    holder: Lease | None = None
    until: datetime | None = None
    attempts: int = 0
    verdict: Verdict | None = None
    cancelled: bool = False

    def state(self, now: datetime) -> JobState:
        if self.verdict is not None:
            return JobState.DONE if self.verdict.searchable else JobState.FAILED
        if self.until is not None and self.until > now:
            return JobState.RUNNING
        return JobState.CANCELLED if self.cancelled else JobState.QUEUED


class QueueMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="job-machine-"))
        self.database = Database(f"sqlite:///{self.folder / 'catalog.sqlite3'}")
        self.now = datetime(2026, 1, 1, tzinfo=UTC)
        self.models: dict[str, Model] = {}
        self.leases: list[Lease] = []  # every lease ever given, the lost ones too

    def teardown(self) -> None:
        self.database.engine.dispose()
        shutil.rmtree(self.folder)

    @initialize()
    def open(self) -> None:
        self.queue = JobQueue(self.database, lambda _: self.now)
        self.workers = JobLeases(
            self.database, lease_s=LEASE_S, max_attempts=MAX_ATTEMPTS, clock=lambda _: self.now
        )
        self.collection = Catalog(self.database).collections.create("c", FINGERPRINT)

    @rule(priority=st.integers(-1, 1))
    def submit(self, priority: int) -> None:
        draft = JobDraft("a.pdf", "0" * 64, 1)
        (job,) = self.queue.submit(self.collection.id, [draft], priority=priority)
        self.models[job.id] = Model(job.number, priority)

    @rule()
    def claim(self) -> None:
        claim = self.workers.claim("w", [self.collection.id])
        waiting = {
            job_id: model
            for job_id, model in self.models.items()
            if model.state(self.now) is JobState.QUEUED
        }
        for model in waiting.values():
            if model.attempts >= MAX_ATTEMPTS:
                model.verdict, model.holder = Verdict.FAILED, None
        ready = {i: model for i, model in waiting.items() if model.verdict is None}
        if not ready:
            assert claim is None
            return
        first = min(ready, key=lambda i: (-ready[i].priority, ready[i].number))
        assert claim is not None and claim[0].id == first
        model = self.models[first]
        model.holder, model.until = claim[1], self.now + timedelta(seconds=LEASE_S)
        model.attempts += 1
        self.leases.append(claim[1])

    @rule(seconds=st.sampled_from([1, 10, 29, 30, 31]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        model = self.models[lease.job_id]
        may_end = self._may_end(lease)
        assert self.workers.holds(lease) == may_end
        assert self.workers.renew(lease, 1, 2) == may_end
        if may_end:
            model.until = self.now + timedelta(seconds=LEASE_S)

    @precondition(lambda self: self.leases)
    @rule(data=st.data(), verdict=st.sampled_from([Verdict.INDEXED, Verdict.CORRUPT]))
    def finish(self, data: st.DataObject, verdict: Verdict) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        if self._may_end(lease):
            self.models[lease.job_id].verdict = verdict
        self.workers.finish(lease, verdict, None, None, 2)

    @precondition(lambda self: self.leases)
    @rule(data=st.data())
    def give_back(self, data: st.DataObject) -> None:
        lease = data.draw(st.sampled_from(self.leases))
        model = self.models[lease.job_id]
        if model.holder == lease and model.verdict is None:
            model.holder, model.until = None, None
            model.attempts -= 1
        self.workers.give_back(lease)

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.models)))
        model = self.models[job_id]
        try:
            self.queue.cancel(job_id)
        except JobConflict:
            assert model.verdict is not None
        else:
            assert model.verdict is None
            model.cancelled = True

    @precondition(lambda self: self.models)
    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        job_id = data.draw(st.sampled_from(sorted(self.models)))
        model = self.models[job_id]
        fits = model.state(self.now) in (JobState.FAILED, JobState.CANCELLED)
        try:
            self.queue.retry(job_id)
        except JobConflict:
            assert not fits
        else:
            assert fits
            self.models[job_id] = Model(model.number, model.priority)

    @invariant()
    def the_queue_says_what_the_model_says(self) -> None:
        if not self.models:
            return
        states = {job.id: job.state for job in self.queue.jobs(limit=1000)}
        assert states == {job_id: model.state(self.now) for job_id, model in self.models.items()}

    def _may_end(self, lease: Lease) -> bool:
        model = self.models[lease.job_id]
        return model.holder == lease and model.verdict is None and not model.cancelled


QueueMachine.TestCase.settings = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)
TestQueueMachine = QueueMachine.TestCase
