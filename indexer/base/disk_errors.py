"""What an error of the operating system says of a file, and what it does not say."""

from __future__ import annotations

import errno
from pathlib import Path

from indexer.base.errors import DiskFull, StorageError, Unreadable

# Nothing is at this path: an answer.
_ABSENT = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ELOOP, errno.ENAMETOOLONG}
# The user may not: nothing that passes by itself.
_REFUSED = {errno.EACCES, errno.EPERM}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT}


def is_absent(error: OSError) -> bool:
    """Say whether the error means that no file is there."""
    return error.errno in _ABSENT


def may_pass(error: OSError) -> bool:
    """Say whether the same may succeed later: a bad sector, a stale mount, no memory, too many open files."""
    return error.errno not in _ABSENT | _REFUSED


def unreadable(path: Path, error: OSError) -> Unreadable:
    """Say that a file cannot be read now, which is no verdict on it."""
    if error.errno in _REFUSED:
        return Unreadable(f"{path} may not be read: run this as the user who owns the data folder")
    return Unreadable(
        f"{path} cannot be read now ({error.strerror or error}): nothing was changed; try again, and "
        "look at the disk, its mount and the limits of this process"
    )


def storage_error(path: Path, error: OSError) -> StorageError:
    """Say that a file cannot be written; DiskFull where room is all that lacks."""
    if error.errno in _NO_SPACE:
        return DiskFull(f"cannot write {path}: no space left on the disk: free some and try again")
    return StorageError(f"cannot write {path}: {error.strerror or error}")
