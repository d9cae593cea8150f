"""Checks that every page stands in its document's segment, with as many vectors as the catalog says."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Container
from contextlib import suppress

import numpy as np

from indexer.base.errors import DamagedFile, Unreadable
from indexer.catalog.catalog import CollectionSnapshot
from indexer.catalog.document_records import Document
from indexer.stores import Stores

_MAX_LOOKS = 5  # at documents that seem misplaced while somebody changes their collection


def misplaced_documents(
    stores: Stores, collection: str, damaged_segments: Container[str]
) -> dict[str, list[str]]:
    """Return what is wrong with where pages stand, by document id.

    Pages and segments are read one after the other, so a document may only seem misplaced while
    somebody adds pages or merges segments: it is looked at again until nobody did.
    """
    suspects: dict[str, list[str]] | None = None
    for _ in range(_MAX_LOOKS):
        snapshot = stores.catalog.snapshot(collection)
        n_vectors = _vectors_by_page(stores, snapshot, damaged_segments)
        suspects = {
            document.id: faults
            for document in snapshot.documents
            if suspects is None or document.id in suspects
            if (faults := _faults(stores, document, n_vectors))
        }
        _, generation = stores.catalog.collections.generation(collection)
        if not suspects or generation == snapshot.collection.generation:
            break
    return suspects or {}


def _vectors_by_page(
    stores: Stores, snapshot: CollectionSnapshot, damaged_segments: Container[str]
) -> dict[int, list[int]]:
    """Count the vectors of each page in its document's segment; a damaged one has none of any page.

    What another segment has of a page is left of a time before it was read anew, and in no answer.
    """
    counts: dict[int, list[int]] = defaultdict(list)
    documents = sorted(snapshot.documents, key=lambda document: document.first_page_id or 0)
    starts = [document.first_page_id or 0 for document in documents]
    for record in snapshot.segments:
        if record.name in damaged_segments:
            continue
        # Merged or deleted since the snapshot, or not to be read now, which is reported elsewhere.
        with suppress(DamagedFile, Unreadable):
            segment = stores.vectors.open(record)
            n_vectors = np.diff(segment.offsets).tolist()
            for page_id, n in zip(segment.page_ids.tolist(), n_vectors, strict=True):
                i = bisect_right(starts, page_id) - 1
                if i >= 0 and documents[i].stands_in(record.name):
                    counts[page_id].append(n)
    return counts


def _faults(stores: Stores, document: Document, n_vectors: dict[int, list[int]]) -> list[str]:
    faults = []
    for page in stores.catalog.pages.of_document(document.id):
        where = f"{document.name} {page.name}"
        counts = n_vectors.get(page.id, [])
        if len(counts) != 1:
            faults.append(f"{where}: stands {len(counts)} times in its document's segment")
        elif counts[0] != page.n_vectors:
            faults.append(f"{where}: has {counts[0]} vectors, the catalog says {page.n_vectors}")
    return faults
