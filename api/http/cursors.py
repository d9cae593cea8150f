"""Cursors of lists: where the part before ended, as a word that means nothing to a client.

A cursor holds the sort key of the last row of that part, so rows that come or go meanwhile neither
repeat others nor hide them. Every list of every door has this one form.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import TypeVar

from api.base.errors import InvalidCursor

MAX_CHARACTERS = 4000
_MAX_NUMBER = 2**63 - 1  # the largest integer of a database

R = TypeVar("R")


def cursor_of(*key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def next_cursor(rows: Sequence[R], limit: int, key: Callable[[R], tuple[str, ...]]) -> str | None:
    """The cursor behind `rows`, which were listed with this limit; None at the list's end."""
    return cursor_of(*key(rows[-1])) if rows and len(rows) == limit else None


def key_of(cursor: str, n_parts: int, *, begins_with: str | None = None) -> tuple[str, ...]:
    """Return the sort key that a cursor holds. Raises InvalidCursor.

    begins_with  the first part of every key of this list: a cursor of another order is none of it
    """
    try:
        base64_text = cursor.encode() + b"=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(base64_text, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise _invalid() from error
    if not isinstance(key, list) or len(key) != n_parts:
        raise _invalid()
    if not all(isinstance(part, str) and _storable(part) for part in key):
        raise _invalid()
    if begins_with is not None and key[0] != begins_with:
        raise _invalid()
    return tuple(key)


def moment_of(text: str) -> datetime:
    """Read a moment in a cursor. Raises InvalidCursor."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid() from error


def number_of(text: str) -> int:
    """Read a row's number in a cursor, which counts from 1. Raises InvalidCursor."""
    number = count_of(text)
    if number == 0:
        raise _invalid()
    return number


def count_of(text: str) -> int:
    """Read a number in a cursor that may be 0. Raises InvalidCursor."""
    count = int(text) if text.isascii() and text.isdigit() and len(text) < 20 else -1
    if not 0 <= count <= _MAX_NUMBER:
        raise _invalid()
    return count


def _storable(text: str) -> bool:
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def _invalid() -> InvalidCursor:
    return InvalidCursor("this is no cursor: send the `next_cursor` of the part before, or none")
