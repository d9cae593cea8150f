"""Read the names in a ZIP archive's directory, in the parent: a bounded look at untrusted bytes."""

from __future__ import annotations

import struct
from collections.abc import Callable

_TAIL_BYTES = 66_000  # the end record and the longest comment
_MOST_BYTES = 2 * 1024**2  # of the directory that is looked at
_MOST_NAMES = 10_000
_END = struct.Struct("<4s4H2LH")
_ENTRY = struct.Struct("<4s6H3L5H2L")


def zip_names(bytes_at: Callable[[int, int], bytes], n_bytes: int) -> frozenset[str]:
    """Return names of the first entries, with `/` for folders; none where the directory makes no sense."""
    tail_at = max(0, n_bytes - _TAIL_BYTES)
    tail = bytes_at(tail_at, _TAIL_BYTES)
    end_at = tail.rfind(b"PK\x05\x06")
    if end_at < 0 or end_at + _END.size > len(tail):
        return frozenset()
    _, _, _, _, _, directory_bytes, _, _ = _END.unpack_from(tail, end_at)
    # What stands before an archive shifts all its offsets: the directory ends where the end record begins.
    directory_at = tail_at + end_at - directory_bytes
    if directory_at < 0:
        return frozenset()
    return frozenset(_names(bytes_at(directory_at, min(directory_bytes, _MOST_BYTES))))


def _names(directory: bytes) -> list[str]:
    names: list[str] = []
    at = 0
    while at + _ENTRY.size <= len(directory) and len(names) < _MOST_NAMES:
        magic, *numbers = _ENTRY.unpack_from(directory, at)
        if magic != b"PK\x01\x02":
            break
        name_bytes, extra_bytes, comment_bytes = numbers[9:12]
        start = at + _ENTRY.size
        names.append(
            directory[start : start + name_bytes].decode("utf-8", "replace").replace("\\", "/")
        )
        at = start + name_bytes + extra_bytes + comment_bytes
    return names
