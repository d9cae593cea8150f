"""What a data folder and its catalog know each other by: each holds the same id.

The epoch rises while the catalog is written, and the folder remembers it afterwards: a catalog with a lower
one than its folder is older than the files, as after a restored backup or the fail-over to a replica that
lagged behind.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from indexer.base.disk_errors import storage_error
from indexer.base.errors import StorageError
from indexer.storage.durable import DurableFolder

PAIR_NAME = "PAIR"


@dataclass(frozen=True, slots=True)
class PairMark:
    """The id that both hold, and the last epoch that was written; 0: the catalog does not know it yet."""

    id: str
    epoch: int

    @property
    def content(self) -> bytes:
        """What the file holds."""
        return f"{self.id} {self.epoch}\n".encode()


def read_mark(folder: DurableFolder) -> PairMark | None:
    """Return the mark of a data folder, None where it has none. Raises StorageError."""
    path = folder.root / PAIR_NAME
    content = folder.read(path)
    if content is None:
        return None
    with suppress(ValueError):
        pair_id, epoch = content.decode("ascii").split()
        return PairMark(pair_id, int(epoch))
    raise StorageError(
        f"{path} is damaged: it should hold an id and a number; `pagesight verify --adopt` writes it anew"
    )


def write_mark(folder: DurableFolder, mark: PairMark) -> None:
    """Put the mark in the place of the last one. Raises StorageError."""
    path = folder.root / PAIR_NAME
    folder.add_bytes(path, mark.content)
    try:
        folder.sync_names(folder.root)
    except OSError as error:
        raise storage_error(path, error) from error
