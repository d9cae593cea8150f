"""The one place that knows what a job's columns mean together: its state, and who may take it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, case, not_, or_, select

from indexer.base.errors import JobNotFound
from indexer.base.verdicts import Verdict
from indexer.catalog.column_values import utc
from indexer.catalog.database import Transaction
from indexer.catalog.document_records import document_error
from indexer.catalog.jobs.records import Job, JobState
from indexer.catalog.tables import collections, jobs

_PLAIN_FIELDS = (
    "id", "number", "collection_id", "collection", "name", "sha256", "n_bytes", "priority",
    "attempts", "lease_owner", "pages_done", "pages_total", "document_id",
)  # fmt: skip
SEARCHABLE = [verdict.value for verdict in Verdict if verdict.searchable]

# The columns of a job on which nobody works, as values for an update.
UNCLAIMED: dict[str, Any] = {
    "lease_owner": None, "lease_until": None, "heartbeat_at": None, "started_at": None,
    "not_before": None, "pages_done": 0, "pages_total": None,
    "error_code": None, "error_message": None,
}  # fmt: skip

_CLOCK_SLACK = timedelta(minutes=1)  # by which clocks of two machines may differ
_LONGEST_WAIT = timedelta(hours=1)  # no job is postponed for so long: the clock was set back

NOT_ENDED = and_(jobs.c.verdict.is_(None), jobs.c.cancelled_at.is_(None))


def state_at(now: datetime) -> ColumnElement[str]:
    """Derive a job's state as an SQL expression. A job whose worker fell silent is queued again."""
    return case(
        (jobs.c.verdict.in_(SEARCHABLE), JobState.DONE.value),
        (jobs.c.verdict.is_not(None), JobState.FAILED.value),
        (_is_leased_at(now), JobState.RUNNING.value),
        (jobs.c.cancelled_at.is_not(None), JobState.CANCELLED.value),
        else_=JobState.QUEUED.value,
    )


def claimable_at(now: datetime) -> ColumnElement[bool]:
    """Select what a worker may take: nobody's job, or that of a worker that fell silent."""
    waits = and_(jobs.c.not_before > now, jobs.c.not_before <= now + _LONGEST_WAIT)
    return and_(
        NOT_ENDED,
        or_(jobs.c.lease_until.is_(None), not_(_is_leased_at(now))),
        or_(jobs.c.not_before.is_(None), not_(waits)),
    )


def _is_leased_at(now: datetime) -> ColumnElement[bool]:
    """Select what a worker holds. A heartbeat of tomorrow proves nothing: the clock was set back.

    The worker, if it lives, renews the lease within moments; if another was faster, the fencing token tells.
    """
    return and_(jobs.c.lease_until > now, jobs.c.heartbeat_at <= now + _CLOCK_SLACK)


def jobs_at(now: datetime) -> Select[Any]:
    """Select jobs with the name of their collection and their state, for `job_of`."""
    return select(jobs, collections.c.name.label("collection"), state_at(now).label("state")).join(
        collections, collections.c.id == jobs.c.collection_id
    )


def select_jobs(
    transaction: Transaction, now: datetime, condition: ColumnElement[bool]
) -> list[Job]:
    """Return the jobs for which the condition holds, the oldest first."""
    query = jobs_at(now).where(condition).order_by(jobs.c.number)
    return [job_of(row) for row in transaction.execute(query)]


def get_job(transaction: Transaction, now: datetime, job_id: str) -> Job:
    """Raises JobNotFound."""
    row = transaction.execute(jobs_at(now).where(jobs.c.id == job_id)).first()
    if row is None:
        raise JobNotFound(f"no job {job_id!r}")
    return job_of(row)


def job_of(row: Row[Any]) -> Job:
    state = JobState(row.state)
    is_running = state is JobState.RUNNING
    plain = {name: getattr(row, name) for name in _PLAIN_FIELDS}
    plain["lease_owner"] = row.lease_owner if is_running else None
    ended_at = row.cancelled_at if state is JobState.CANCELLED else row.ended_at
    return Job(
        **plain,
        state=state,
        cancel_requested=row.cancelled_at is not None,
        lease_until=utc(row.lease_until) if is_running else None,
        heartbeat_at=utc(row.heartbeat_at),
        not_before=utc(row.not_before),
        verdict=Verdict(row.verdict) if row.verdict else None,
        error=document_error(row),
        created_at=utc(row.created_at),
        started_at=utc(row.started_at),
        ended_at=utc(ended_at),
    )
