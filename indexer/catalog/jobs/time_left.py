"""How long the queue still takes, by the pace at which files were read until now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select

from indexer.catalog.column_values import utc
from indexer.catalog.database import Transaction
from indexer.catalog.jobs.records import JobState
from indexer.catalog.jobs.rows import NOT_ENDED, SEARCHABLE, state_at
from indexer.catalog.tables import jobs

_N_RECENT = 20  # files whose pace is taken


def seconds_left(
    transaction: Transaction, now: datetime, within: ColumnElement[bool]
) -> float | None:
    """Return how long what waits and runs takes: 0 where nothing does, None where no pace is known yet.

    The number of pages is known of opened files only, so the pace is that of bytes.

    within  selects the jobs that are meant; the pace is that of all jobs
    """
    running_rows = _running(transaction, now, within)
    own_rows = [row for row in running_rows if row.is_within]
    n_waiting, waiting_bytes = transaction.execute(
        select(func.count(), func.coalesce(func.sum(jobs.c.n_bytes), 0)).where(
            NOT_ENDED, state_at(now) == JobState.QUEUED.value, within
        )
    ).one()
    if not n_waiting and not own_rows:
        return 0.0
    left_bytes = float(waiting_bytes) + sum(
        row.n_bytes * (1 - _done_share(row)) for row in own_rows
    )
    pace_s = _seconds_per_byte(transaction, running_rows)
    return None if pace_s is None else round(left_bytes * pace_s / max(1, len(running_rows)), 1)


def _running(
    transaction: Transaction, now: datetime, within: ColumnElement[bool]
) -> Sequence[Row[Any]]:
    is_running = state_at(now) == JobState.RUNNING.value
    return transaction.execute(
        select(jobs, within.label("is_within")).where(jobs.c.verdict.is_(None), is_running)
    ).all()


def _seconds_per_byte(transaction: Transaction, running_rows: Sequence[Row[Any]]) -> float | None:
    """Return the pace of one worker over the last files that were read, and those that are being read."""
    recent = transaction.execute(
        select(jobs.c.n_bytes, jobs.c.started_at, jobs.c.ended_at)
        .where(
            and_(
                jobs.c.verdict.in_(SEARCHABLE),
                jobs.c.started_at.is_not(None),
                jobs.c.ended_at.is_not(None),
            )
        )
        .order_by(jobs.c.number.desc())
        .limit(_N_RECENT)
    ).all()
    n_bytes = float(sum(row.n_bytes for row in recent))
    took_s = sum(_seconds(row.started_at, row.ended_at) for row in recent)
    for row in running_rows:
        n_bytes += row.n_bytes * _done_share(row)
        took_s += _seconds(row.started_at, row.heartbeat_at) if _done_share(row) else 0.0
    return took_s / n_bytes if n_bytes else None


def _done_share(row: Row[Any]) -> float:
    return min(1.0, row.pages_done / row.pages_total) if row.pages_total else 0.0


def _seconds(begin: datetime | None, end: datetime | None) -> float:
    first, last = utc(begin), utc(end)
    return max((last - first).total_seconds(), 0.0) if first and last else 0.0
