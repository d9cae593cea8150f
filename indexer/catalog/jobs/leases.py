"""The queue of jobs as workers see it: take a job for a time, prolong that time, end the job.

A worker that falls silent loses its job to the next one that asks. Leases rest on clocks, and clocks
err; safety does not: taking a job raises its token, and a job is ended, in the same transaction that
makes its document visible, only by the holder of the latest token.

SQLite has one writing transaction at a time, so that taking a job is a compare-and-set. PostgreSQL
locks the row that is taken and passes over those that are locked by others.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, select, update

from indexer.base.errors import JobStopped
from indexer.base.verdicts import Verdict
from indexer.catalog.database import Clock, Database, Transaction, database_time
from indexer.catalog.document_records import Document, DocumentError
from indexer.catalog.jobs.records import Job, Lease
from indexer.catalog.jobs.rows import NOT_ENDED, UNCLAIMED, claimable_at, get_job
from indexer.catalog.removals import RemovalKind, schedule_blobs
from indexer.catalog.tables import jobs

WORKER_DIED = "worker_died"  # error code of a job whose workers died, one after another


class JobLeases:
    """Hands out jobs. Every method is one transaction.

    lease_s       seconds after which a silent worker has lost its job
    max_attempts  a job that cost so many workers fails instead of costing the next one
    """

    def __init__(
        self,
        database: Database,
        *,
        lease_s: float = 30.0,
        max_attempts: int = 3,
        clock: Clock = database_time,
    ) -> None:
        self.lease_s = lease_s
        self._database = database
        self._max_attempts = max_attempts
        self._clock = clock

    def claim(self, owner: str, collection_ids: Sequence[str]) -> tuple[Job, Lease] | None:
        """Take the next job of these collections: by priority, then by age. None: nothing to do."""
        with self._database.reading() as transaction:  # most often there is nothing
            waiting = select(jobs.c.id).where(claimable_at(self._clock(transaction))).limit(1)
            if transaction.execute(waiting).first() is None:
                return None
        with self._database.writing() as transaction:
            now = self._clock(transaction)
            self._fail_poison_jobs(transaction, now)
            row = transaction.execute(
                update(jobs)
                .where(jobs.c.id == _next(now, collection_ids), claimable_at(now))
                .values(UNCLAIMED | self._taken_by(owner, now))
                .returning(jobs.c.id, jobs.c.token)
            ).first()
            if row is None:
                return None
            return get_job(transaction, now, row.id), Lease(row.id, row.token)

    def renew(self, lease: Lease, pages_done: int, pages_total: int | None) -> bool:
        """Prolong the lease and store the progress; False when it is lost or the job cancelled."""
        with self._database.writing() as transaction:
            now = self._clock(transaction)
            return _changed(
                transaction,
                lease,
                lease_until=now + timedelta(seconds=self.lease_s),
                heartbeat_at=now,
                pages_done=pages_done,
                pages_total=pages_total,
            )

    def holds(self, lease: Lease) -> bool:
        """Say whether `renew` would succeed."""
        with self._database.reading() as transaction:
            return transaction.execute(select(jobs.c.id).where(_is_held(lease))).first() is not None

    def require(self, transaction: Transaction, lease: Lease) -> None:
        """Take part in a transaction that only the holder may make. Raises JobStopped."""
        now = self._clock(transaction)
        if not _changed(transaction, lease, heartbeat_at=now):
            raise JobStopped("the job was cancelled, or another worker has taken it over")

    def end_with_document(self, transaction: Transaction, lease: Lease, document: Document) -> None:
        """End the job inside the transaction that records its document.

        Raises JobStopped, which undoes the transaction, when the lease is lost or the job cancelled.
        """
        facts = document.verdict, document.error, document.id, document.n_pages
        if not self._end(transaction, lease, *facts):
            raise JobStopped("the job was cancelled, or another worker has taken it over")

    def finish(
        self,
        lease: Lease,
        verdict: Verdict,
        error: DocumentError | None,
        document_id: str | None,
        n_pages: int,
    ) -> bool:
        """End a job that no document ended; False when the lease is lost or the job cancelled."""
        with self._database.writing() as transaction:
            return self._end(transaction, lease, verdict, error, document_id, n_pages)

    def give_back(self, lease: Lease) -> None:
        """Let the job wait for another worker, as if it had not been taken."""
        self._release(lease, {})

    def postpone(self, lease: Lease, error: DocumentError, delay_s: float) -> None:
        """Give the job back, to be taken not before `delay_s` from now, with the reason to be read."""
        reason = {"error_code": error.code[:64], "error_message": error.message}
        self._release(lease, reason, delay_s)

    def _taken_by(self, owner: str, now: datetime) -> dict[str, Any]:
        return {
            "token": jobs.c.token + 1,
            "attempts": jobs.c.attempts + 1,
            "lease_owner": owner,
            "lease_until": now + timedelta(seconds=self.lease_s),
            "heartbeat_at": now,
            "started_at": now,
        }

    def _fail_poison_jobs(self, transaction: Transaction, now: datetime) -> None:
        transaction.execute(
            update(jobs)
            .where(claimable_at(now), jobs.c.attempts >= self._max_attempts)
            .values(
                token=jobs.c.token + 1,
                verdict=Verdict.FAILED.value,
                error_code=WORKER_DIED,
                error_message=f"{self._max_attempts} workers died or fell silent over this file: "
                "their logs may say why; `pagesight jobs retry` tries it again",
                ended_at=now,
            )
        )

    def _release(self, lease: Lease, values: dict[str, Any], delay_s: float = 0.0) -> None:
        with self._database.writing() as transaction:
            one_attempt_less = {"token": jobs.c.token + 1, "attempts": jobs.c.attempts - 1}
            values = UNCLAIMED | values | one_attempt_less
            if delay_s:
                values["not_before"] = self._clock(transaction) + timedelta(seconds=delay_s)
            no_verdict = jobs.c.verdict.is_(None)  # a cancelled job is released too
            transaction.execute(update(jobs).where(_at_token(lease), no_verdict).values(values))

    def _end(
        self,
        transaction: Transaction,
        lease: Lease,
        verdict: Verdict,
        error: DocumentError | None,
        document_id: str | None,
        n_pages: int,
    ) -> bool:
        has_ended = _changed(
            transaction,
            lease,
            verdict=verdict.value,
            error_code=error.code[:64] if error else None,
            error_message=error.message if error else None,
            document_id=document_id,
            pages_done=n_pages,
            pages_total=n_pages,
            ended_at=self._clock(transaction),
        )
        if has_ended and not verdict.searchable:
            upload = select(jobs.c.sha256).where(jobs.c.id == lease.job_id)
            schedule_blobs(transaction, RemovalKind.UPLOAD, upload)
        return has_ended


def _next(now: datetime, collection_ids: Sequence[str]) -> ScalarSelect[Any]:
    return (
        select(jobs.c.id)
        .where(claimable_at(now), jobs.c.collection_id.in_(collection_ids))
        .order_by(jobs.c.priority.desc(), jobs.c.number)
        .limit(1)
        .with_for_update(skip_locked=True)
        .scalar_subquery()
    )


def _at_token(lease: Lease) -> ColumnElement[bool]:
    return (jobs.c.id == lease.job_id) & (jobs.c.token == lease.token)


def _is_held(lease: Lease) -> ColumnElement[bool]:
    return _at_token(lease) & NOT_ENDED


def _changed(transaction: Transaction, lease: Lease, **values: Any) -> bool:
    """Whether the lease was still held, and the values therefore written."""
    return transaction.execute(update(jobs).where(_is_held(lease)).values(**values)).rowcount > 0
