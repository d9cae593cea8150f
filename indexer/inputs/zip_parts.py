"""Read a small part of a ZIP archive, in the child."""

from __future__ import annotations

import zipfile

_MOST_BYTES = 1024**2


def read_part(path: str, name: str) -> bytes:
    """Return the first megabyte of a part; nothing where there is none, or it cannot be unpacked."""
    try:
        with zipfile.ZipFile(path) as archive, archive.open(name) as part:
            return part.read(_MOST_BYTES)
    except (
        KeyError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
        EOFError,
        zipfile.BadZipFile,
    ):
        return b""
