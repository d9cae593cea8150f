"""Which pages a search may score: live documents and filters, as ranges of page ids.

A document's page ids are consecutive, so a scope of any size is a short list of ranges, and a page
that the catalog no longer names is in none of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import CollectionNotFound, DocumentNotFound
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.document_records import Document
from retriever.hits import SearchFilter


@dataclass(frozen=True, slots=True, eq=False)
class PageScope:
    """Ascending, disjoint ranges of page ids, each belonging to one document."""

    starts: NDArray[np.int64]  # (R,)
    stops: NDArray[np.int64]  # (R,), exclusive
    documents: tuple[Document, ...]  # (R,)

    def allows(self, page_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """(P,) bool for page ids (P,)."""
        if len(self.starts) == 0:
            return np.zeros(len(page_ids), bool)
        i = np.searchsorted(self.starts, page_ids, side="right") - 1
        return (i >= 0) & (page_ids < self.stops[i])

    def document_of(self, page_id: int) -> Document:
        """The document of a page that the scope allows."""
        return self.documents[int(np.searchsorted(self.starts, page_id, side="right")) - 1]


def page_scopes(snapshots: Sequence[CollectionSnapshot], wanted: SearchFilter) -> list[PageScope]:
    """The pages of each snapshot that the filter allows.

    Raises CollectionNotFound for a collection that the asker may not see, DocumentNotFound for a
    document of the filter that none of the collections holds.
    """
    for snapshot in snapshots:
        one = snapshot.collection
        if wanted.collection_ids is not None and one.id not in wanted.collection_ids:
            raise CollectionNotFound(f"no collection {one.name!r}")
    found = [_chosen(snapshot, wanted.documents) for snapshot in snapshots]
    unknown = set(wanted.documents) - {
        name for chosen in found for document in chosen for name in (document.id, document.name)
    }
    if unknown:
        names = ", ".join(snapshot.collection.name for snapshot in snapshots)
        raise DocumentNotFound(
            f"no indexed document {min(unknown)!r} in {names}: "
            f"`pagesight documents list -c {snapshots[0].collection.name}` shows what it holds"
        )
    return [_scope(chosen, wanted) for chosen in found]


def _scope(chosen: Sequence[Document], wanted: SearchFilter) -> PageScope:
    first, last = wanted.page_range or (1, None)
    ranges = []
    for document in chosen:
        assert document.first_page_id is not None, "a snapshot holds indexed documents only"
        start = document.first_page_id + first - 1
        n_pages = document.n_pages if last is None else min(last, document.n_pages)
        stop = document.first_page_id + n_pages
        if start < stop:
            ranges.append((start, stop, document))
    ranges.sort(key=lambda one: one[0])
    return PageScope(
        starts=np.array([one[0] for one in ranges], np.int64),
        stops=np.array([one[1] for one in ranges], np.int64),
        documents=tuple(one[2] for one in ranges),
    )


def _chosen(snapshot: CollectionSnapshot, names: tuple[str, ...]) -> tuple[Document, ...]:
    if not names:
        return snapshot.documents
    return tuple(d for d in snapshot.documents if d.id in names or d.name in names)
