"""Values that columns of several tables hold: ids and moments."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import overload
from uuid import uuid4


def new_id() -> str:
    """Return an opaque id, as collections, documents, jobs and conversations have one."""
    return uuid4().hex


@overload
def utc(moment: datetime) -> datetime: ...
@overload
def utc(moment: datetime | None) -> datetime | None: ...
def utc(moment: datetime | None) -> datetime | None:
    """Give a moment of the catalog its zone: SQLite forgets it, and every one is UTC."""
    return moment.replace(tzinfo=UTC) if moment is not None and moment.tzinfo is None else moment
