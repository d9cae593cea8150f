"""What a candidate index is: derived from the vectors of a segment, it names the pages worth an exact score.

Dimension key: T query tokens, D dim, P pages of the segment, C candidates.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.storage.segments import Segment, SegmentRecord


class CandidateIndex(Protocol):
    """The index of one segment. Safe to use from several threads."""

    def best_pages(
        self,
        query: NDArray[np.float32],
        in_scope: NDArray[np.bool_],
        n_nearest: int,
        n_probe: int,
        n_pages: int,
    ) -> NDArray[np.int64]:
        """Return rows (C,) int64, ascending, of at most `n_pages` pages that may be the best.

        query     (T, D)
        in_scope  (P,), the pages to choose from
        n_nearest, n_probe  how hard to look, where the index can look harder

        Raises Unreadable where the index cannot be asked now: every page is scored then.
        """
        ...


class CandidateSource(Protocol):
    """Makes and keeps the indexes of all segments. Whatever it loses is made anew."""

    @property
    def is_installed(self) -> bool:
        """Whether indexes can be made here."""
        ...

    def build(self, record: SegmentRecord, segment: Segment) -> None:
        """Make the index of a segment, or make it whole. Raises StorageError, DamagedPages."""
        ...

    def open(self, record: SegmentRecord) -> CandidateIndex | None:
        """Open an index that is whole; None where it is missing, not whole, or cannot be asked now."""
        ...

    def is_made(self, record: SegmentRecord) -> bool:
        """Say whether the index was made, without reading it."""
        ...

    def drop(self, collection_id: str, segment: str) -> None:
        """Forget the index of a segment; a missing one is fine. Raises StorageError."""
        ...

    def drop_collection(self, collection_id: str) -> None:
        """Forget all of a collection. Raises StorageError."""
        ...

    def segments(self, collection_id: str) -> Iterator[str]:
        """Yield the segments of a collection of which something is kept elsewhere, as `entries`."""
        ...

    def entries(self) -> Iterator[tuple[str, str]]:
        """Yield (collection id, segment name) of what is kept elsewhere, if it can be asked now."""
        ...

    def collections(self) -> Iterator[str]:
        """Yield the ids of collections of which something is kept elsewhere, if it can be asked now."""
        ...
