"""The queue of jobs as clients see it: submit, follow, cancel, retry. For workers see `leases`."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, func, insert, select, true, update
from sqlalchemy.exc import IntegrityError

from indexer.base.errors import CollectionNotFound, JobConflict, UploadKeyReused
from indexer.catalog.column_values import new_id, utc
from indexer.catalog.database import Clock, Database, Transaction, database_time
from indexer.catalog.jobs.bell import ring
from indexer.catalog.jobs.records import (
    Job,
    JobCounts,
    JobDraft,
    JobState,
    QueueLoad,
    Refusal,
)
from indexer.catalog.jobs.rows import (
    NOT_ENDED,
    UNCLAIMED,
    get_job,
    job_of,
    jobs_at,
    select_jobs,
    state_at,
)
from indexer.catalog.jobs.time_left import seconds_left
from indexer.catalog.properties import add_properties
from indexer.catalog.tables import counters, jobs

_RETRIABLE = [JobState.FAILED.value, JobState.CANCELLED.value]


class JobQueue:
    """The jobs of a database. Every method is one transaction."""

    def __init__(self, database: Database, clock: Clock = database_time) -> None:
        self._database = database
        self._clock = clock

    def submit(
        self,
        collection_id: str,
        drafts: Sequence[JobDraft],
        *,
        priority: int = 0,
        key: str | None = None,
    ) -> list[Job]:
        """Queue files; with a `key` that was used before, return the jobs of that time.

        Raises CollectionNotFound, InvalidProperties, and UploadKeyReused when the files were others.
        """
        try:
            with self._database.writing() as transaction:
                jobs_of_upload = self._of_upload(transaction, collection_id, key, drafts)
                if jobs_of_upload:
                    return jobs_of_upload
                ids = self._insert(transaction, collection_id, drafts, priority, key)
                ring(transaction)
                return select_jobs(transaction, self._clock(transaction), jobs.c.id.in_(ids))
        except IntegrityError as error:
            with self._database.reading() as transaction:  # the same key came twice at once
                jobs_of_upload = self._of_upload(transaction, collection_id, key, drafts)
            if not jobs_of_upload:
                message = "the collection was deleted meanwhile: create it and upload again"
                raise CollectionNotFound(message) from error
            return jobs_of_upload

    def job(self, job_id: str) -> Job:
        """Return the job. Raises JobNotFound."""
        with self._database.reading() as transaction:
            return get_job(transaction, self._clock(transaction), job_id)

    def last_of_bytes(self, collection_id: str, sha256: str) -> Job | None:
        """Return the newest job of a file in a collection; None: it came by no job."""
        of_bytes = (jobs.c.collection_id == collection_id) & (jobs.c.sha256 == sha256)
        with self._database.reading() as transaction:
            jobs_of_bytes = select_jobs(transaction, self._clock(transaction), of_bytes)
        return jobs_of_bytes[-1] if jobs_of_bytes else None

    def jobs(
        self,
        collection_id: str | None = None,
        state: JobState | None = None,
        *,
        before: int | None = None,
        limit: int = 50,
        within: Collection[str] | None = None,
    ) -> list[Job]:
        """Return jobs, the newest first.

        before  number of the last job that was seen
        within  ids of collections: only their jobs
        """
        with self._database.reading() as transaction:
            now = self._clock(transaction)
            query = jobs_at(now).order_by(jobs.c.number.desc()).limit(limit)
            if collection_id is not None:
                query = query.where(jobs.c.collection_id == collection_id)
            if within is not None:
                query = query.where(jobs.c.collection_id.in_(within))
            if state is not None:
                query = query.where(state_at(now) == state.value)
            if before is not None:
                query = query.where(jobs.c.number < before)
            return [job_of(row) for row in transaction.execute(query)]

    def ended_since(self, moment: datetime) -> list[Job]:
        """Return the jobs that were done or failed from then on, the oldest first."""
        with self._database.reading() as transaction:
            query = jobs_at(self._clock(transaction)).where(jobs.c.ended_at >= moment)
            return [job_of(row) for row in transaction.execute(query.order_by(jobs.c.number))]

    def counts(self, collection_id: str) -> JobCounts:
        """Count the jobs of a collection that wait, that run, and that failed."""
        with self._database.reading() as transaction:
            state = state_at(self._clock(transaction))
            query = (
                select(state, func.count())
                .where(jobs.c.collection_id == collection_id)
                .group_by(state)
            )
            n_of: dict[str, int] = {row[0]: row[1] for row in transaction.execute(query)}
        counted_states = JobState.QUEUED, JobState.RUNNING, JobState.FAILED
        return JobCounts(*(n_of.get(state.value, 0) for state in counted_states))

    def load(self, within: Collection[str] | None = None) -> QueueLoad:
        """Count what waits and what runs.

        within  ids of collections: only of them
        """
        with self._database.reading() as transaction:
            now = self._clock(transaction)
            open_jobs = and_(
                jobs.c.verdict.is_(None),
                true() if within is None else jobs.c.collection_id.in_(within),
            )
            state = state_at(now)
            columns = state, func.count(), func.min(jobs.c.created_at)
            query = select(*columns).where(open_jobs).group_by(state)
            counts = transaction.execute(query).all()
            owners = transaction.execute(
                select(jobs.c.lease_owner).where(open_jobs, jobs.c.lease_until > now).distinct()
            ).scalars()
            workers = tuple(sorted(owner for owner in owners if owner))
        of_state = {row[0]: (row[1], utc(row[2])) for row in counts}
        n_queued, oldest = of_state.get(JobState.QUEUED.value, (0, now))
        n_running, _ = of_state.get(JobState.RUNNING.value, (0, now))
        waiting_s = max((now - oldest).total_seconds(), 0.0) if n_queued else None
        return QueueLoad(n_queued, n_running, waiting_s, workers)

    def seconds_left(self, within: Collection[str] | None = None) -> float | None:
        """Return how long what waits and runs takes at the pace so far: 0 where nothing does, None: unknown.

        within  ids of collections: only what goes into them
        """
        with self._database.reading() as transaction:
            is_within = true() if within is None else jobs.c.collection_id.in_(within)
            return seconds_left(transaction, self._clock(transaction), is_within)

    def waiting_originals(self) -> list[tuple[str, str]]:
        """Return (file name, SHA-256) of every job that has not ended."""
        with self._database.reading() as transaction:
            rows = transaction.execute(select(jobs.c.name, jobs.c.sha256).where(NOT_ENDED))
            return [(row.name, row.sha256) for row in rows]

    def cancel(self, job_id: str) -> Job:
        """Cancel a queued job at once, a running one when its worker is at the next page.

        Raises JobNotFound, and JobConflict when the job is done or failed.
        """
        with self._database.writing() as transaction:
            cancellation = update(jobs).where(jobs.c.id == job_id, NOT_ENDED)
            transaction.execute(cancellation.values(cancelled_at=self._clock(transaction)))
            job = get_job(transaction, self._clock(transaction), job_id)
        if job.verdict is not None:
            raise JobConflict(f"job {job_id} is {job.state}: there is nothing to cancel")
        return job

    def retry(self, job_id: str) -> Job:
        """Queue a failed or cancelled job again. Raises JobNotFound, JobConflict."""
        with self._database.writing() as transaction:
            update_result = transaction.execute(
                update(jobs)
                .where(jobs.c.id == job_id, state_at(self._clock(transaction)).in_(_RETRIABLE))
                .values(
                    **UNCLAIMED,
                    token=jobs.c.token + 1,
                    attempts=0,
                    verdict=None,
                    document_id=None,
                    ended_at=None,
                    cancelled_at=None,
                )
            )
            job = get_job(transaction, self._clock(transaction), job_id)
            ring(transaction)
        if update_result.rowcount == 0:
            raise JobConflict(f"job {job_id} is {job.state}: only failed and cancelled jobs retry")
        return job

    def _insert(
        self,
        transaction: Transaction,
        collection_id: str,
        drafts: Sequence[JobDraft],
        priority: int,
        key: str | None,
    ) -> list[str]:
        ids = [new_id() for _ in drafts]
        after = transaction.execute(
            update(counters)
            .where(counters.c.name == "job")
            .values(value=counters.c.value + len(drafts))
            .returning(counters.c.value)
        ).scalar_one()
        now = self._clock(transaction)
        shared_values = {
            "collection_id": collection_id, "priority": priority, "upload_key": key,
            "created_at": now, "token": 0, "attempts": 0, "pages_done": 0,
        }  # fmt: skip
        rows = [
            shared_values
            | {"id": job_id, "number": after - len(drafts) + place, "upload_place": place}
            | {"name": draft.name, "sha256": draft.sha256, "n_bytes": draft.n_bytes}
            | _end_of(draft.refusal, now)
            for place, (job_id, draft) in enumerate(zip(ids, drafts, strict=True))
        ]
        transaction.execute(insert(jobs), rows)
        for draft in drafts:
            if draft.properties:
                add_properties(transaction, collection_id, draft.sha256, draft.properties)
        return ids

    def _of_upload(
        self,
        transaction: Transaction,
        collection_id: str,
        key: str | None,
        drafts: Sequence[JobDraft],
    ) -> list[Job]:
        """Return the jobs of the upload that had this key; none when it is new."""
        if key is None:
            return []
        of_upload = (jobs.c.collection_id == collection_id) & (jobs.c.upload_key == key)
        jobs_of_upload = select_jobs(transaction, self._clock(transaction), of_upload)
        files = [(draft.name, draft.sha256) for draft in drafts]
        if jobs_of_upload and [(job.name, job.sha256) for job in jobs_of_upload] != files:
            raise UploadKeyReused(
                "this Idempotency-Key came before with other files: use a new key for a new upload"
            )
        return jobs_of_upload


def _end_of(refusal: Refusal | None, now: datetime) -> dict[str, Any]:
    """Return the columns of a job's end: none, unless its file was refused before it was queued."""
    return {
        "verdict": refusal and refusal.verdict.value,
        "error_code": refusal and refusal.error.code[:64],
        "error_message": refusal and refusal.error.message,
        "document_id": refusal and refusal.document_id,
        "ended_at": now if refusal else None,
    }
