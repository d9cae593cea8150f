"""Waits for changes in folders, of which the system tells; a bucket is looked at now and then."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event

from indexer.base.errors import StorageError

# A network file system does not tell of what other machines do.
LOOK_AGAIN_S = 300.0
_MOST_S = 10.0  # that changes are gathered for, where they do not cease


def changes_in(
    folders: Sequence[Path], settle_s: float, stop: Event, look_again_s: float = LOOK_AGAIN_S
) -> Iterator[None]:
    """Yield when the folders are watched, then whenever something changed and nothing has for `settle_s`.

    What changes while the caller is at work is told of afterwards. Also yields every `look_again_s`, and
    nothing else without folders.
    Ends when `stop` is set, and when a folder is another one than it was: its mount is gone, or new.
    Raises StorageError where the system watches no more folders, and KeyboardInterrupt.
    """
    if not folders:
        while True:
            yield
            if stop.wait(look_again_s):
                return
    from watchfiles._rust_notify import RustNotify

    identities = _identities(folders)
    try:
        watcher = RustNotify(
            [str(folder) for folder in folders],
            debug=False,
            force_polling=False,
            poll_delay_ms=0,
            recursive=True,
            ignore_permission_denied=True,
        )
    except FileNotFoundError:
        return
    except OSError as error:
        raise StorageError(
            f"the folders cannot be watched ({error}): raise fs.inotify.max_user_watches, or run "
            "`pagesight sync` by a timer"
        ) from error
    most_ms, settle_ms, look_again_ms = (
        int(1000 * seconds) for seconds in (max(_MOST_S, settle_s), settle_s, look_again_s)
    )
    with watcher:
        while _identities(folders) == identities:
            yield
            changes = watcher.watch(most_ms, settle_ms, look_again_ms, stop)
            if changes == "signal":
                raise KeyboardInterrupt
            if changes == "stop":
                return


def _identities(folders: Sequence[Path]) -> list[tuple[int, int] | None]:
    """Return what tells each folder from another of the same name; None for one that is not there."""
    identities: list[tuple[int, int] | None] = []
    for folder in folders:
        try:
            status = folder.stat()
            identities.append((status.st_dev, status.st_ino))
        except OSError:
            identities.append(None)
    return identities
