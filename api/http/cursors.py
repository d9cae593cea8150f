"""Cursors of lists: where the page before ended, as a word that means nothing to a client.

A cursor holds the sort key of the last row that was seen, so rows that come or go meanwhile neither
repeat others nor hide them.
"""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime

from api.base.errors import InvalidCursor

MAX_CHARACTERS = 4000


def cursor_of(*key: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")


def key_of(cursor: str, n_parts: int) -> tuple[str, ...]:
    """What `cursor_of` was given. Raises InvalidCursor."""
    try:
        padded = cursor.encode() + b"=" * (-len(cursor) % 4)
        key = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, RecursionError) as error:
        raise _invalid() from error
    if not isinstance(key, list) or len(key) != n_parts:
        raise _invalid()
    if not all(isinstance(part, str) and _storable(part) for part in key):
        raise _invalid()
    return tuple(key)


def moment_of(text: str) -> datetime:
    """A moment in a cursor. Raises InvalidCursor."""
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise _invalid() from error


def _storable(text: str) -> bool:
    return not any(c == "\0" or "\ud800" <= c <= "\udfff" for c in text)


def _invalid() -> InvalidCursor:
    return InvalidCursor("this is no cursor: send the `next_cursor` of the page before, or none")
