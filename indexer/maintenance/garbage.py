"""What lies in a data folder and is named by nothing: found, and moved to quarantine.

A crash leaves some of it. Much of it means something else: a catalog that was lost, or restored from a
copy. So nothing moves by itself when it is most of what is stored.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from indexer.stores import Stores

MUCH = 20  # files; fewer never hold anybody up

_REASON = "nothing in the catalog names it"


@dataclass(frozen=True, slots=True)
class Garbage:
    """Segments, as (collection id, name), and blobs that nothing names, of so many that are stored."""

    segments: tuple[tuple[str, str], ...]
    blobs: tuple[Path, ...]
    n_stored: int

    def __len__(self) -> int:
        return len(self.segments) + len(self.blobs)

    @property
    def is_most(self) -> bool:
        """Whether it is so much that a person must say that it may be moved."""
        return len(self) > MUCH and 2 * len(self) > self.n_stored


def find_garbage(stores: Stores) -> Garbage:
    """Find what nothing names, without what was deleted and goes by itself. Reads only."""
    # Files first, then what is named, then what was deleted: whatever happens meanwhile, nothing that is
    # needed or goes by itself is taken for garbage.
    stored_segments = set(stores.vectors.entries())
    stored_blobs = [
        (store, sha256, path)
        for store in (stores.originals, stores.images)
        for sha256, path in store.entries()
    ]
    named_segments = _named_segments(stores)
    originals, images = stores.catalog.named_blobs()
    named_blobs = {stores.originals: originals, stores.images: images}
    deleted_names = stores.catalog.removals.names()
    return Garbage(
        segments=tuple(
            (collection_id, name)
            for collection_id, name in sorted(stored_segments - named_segments)
            if name not in deleted_names
        ),
        blobs=tuple(
            path
            for store, sha256, path in stored_blobs
            if sha256 not in named_blobs[store] and sha256 not in deleted_names
        ),
        n_stored=len(stored_segments) + len(stored_blobs),
    )


def has_unnamed_segments(stores: Stores) -> bool:
    """Say whether it is worth looking for garbage: quick, also where there are very many files."""
    return bool(set(stores.vectors.entries()) - _named_segments(stores))


def move_garbage(stores: Stores, garbage: Garbage, *, blobs: bool = True) -> int:
    """Move garbage to quarantine; returns how many files and folders. Raises StorageError."""
    folders = [stores.vectors.folder_of(*segment) for segment in garbage.segments]
    paths = [folder for folder in folders if folder is not None]
    return stores.quarantine.move([*paths, *(garbage.blobs if blobs else ())], _REASON)


def _named_segments(stores: Stores) -> set[tuple[str, str]]:
    return {(record.collection_id, record.name) for record in stores.catalog.segments.all()}
