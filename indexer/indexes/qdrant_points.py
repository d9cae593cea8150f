"""Pages as points of Qdrant: their names, their vectors, and the filter that finds them.

Dimension key: P pages of a segment, D dim.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import numpy as np
from numpy.typing import NDArray

from indexer.indexes.derived_files import source_of
from indexer.storage.segments import SegmentRecord

POOLED = 32
PREFIX = "pagesight-"
SEGMENT = (
    "segment-"  # else its client takes the name of one for a UUID, and writes it in another way
)
_NAMES = UUID("8a2f3f6e-5b0e-4f0a-9c57-2f1f6a0f7d11")  # of points; any, as long as it stays
_MAX_RANGES = 256  # of rows in a filter


def point_vectors(vectors: NDArray[np.float32]) -> dict[str, list[list[float]]]:
    """Return both multi-vectors of a page from its vectors (N, D)."""
    edges = np.unique(np.linspace(0, len(vectors), POOLED + 1).astype(int))
    means = np.add.reduceat(vectors, edges[:-1], axis=0)
    means /= np.maximum(np.linalg.norm(means, axis=1, keepdims=True), 1e-6)
    return {"tokens": vectors.tolist(), "pooled": means.tolist()}


def filter_of(record: SegmentRecord, in_scope: NDArray[np.bool_] | None = None) -> Any:
    """Return the filter of the pages of a segment, of those in scope (P,) where not all are."""
    from qdrant_client.models import FieldCondition, Filter, MatchValue, Range

    fields: dict[str, str] = {"segment": segment_value(record.name), "source": source_of(record)}
    must: list[Any] = [
        FieldCondition(key=key, match=MatchValue(value=value)) for key, value in fields.items()
    ]
    if in_scope is not None and not in_scope.all():
        edges = np.flatnonzero(np.diff(np.concatenate([[0], in_scope.astype(np.int8), [0]])))
        ranges = edges.reshape(-1, 2)
        if len(ranges) > _MAX_RANGES:
            ranges = np.array([[ranges[0, 0], ranges[-1, 1]]])
        must.append(
            Filter(
                should=[
                    FieldCondition(key="row", range=Range(gte=int(start), lt=int(stop)))
                    for start, stop in ranges
                ]
            )
        )
    return Filter(must=must)


def id_of(record: SegmentRecord, row: int) -> str:
    """Return the name of the point of a page: the same whoever writes it."""
    return str(uuid5(_NAMES, f"{record.name}/{row}"))


def segment_value(segment: str) -> str:
    """Return how the payload of a point names its segment."""
    return SEGMENT + segment


def collection_name(record: SegmentRecord) -> str:
    """Return where the points of a segment lie: those of two encoders differ in their dimensions."""
    return f"{names_start(record.collection_id)}{record.dim}"


def names_start(collection_id: str) -> str:
    """Return what the names of all that is made for a collection of ours begin with."""
    return f"{PREFIX}{collection_id}-"
