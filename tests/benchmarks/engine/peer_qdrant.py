"""qdrant-edge: multi-vectors in float16, searched exactly, or the pooled ones first.

The graph index is off (m=0), as Qdrant advises for vectors that only rescore; so an exact search
reads everything. Pooled: a page's vectors in 32 equal runs, the mean of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import qdrant_edge as qdrant
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import DIM, Pages
from tests.benchmarks.engine.protocol import Settings, folder_bytes

N_POOLED = 32
BATCH = 50


class QdrantEdge:
    def build(self, pages: Pages, folder: Path) -> None:
        kinds = {"tokens": _vector_kind(), "pooled": _vector_kind()}
        shard = qdrant.EdgeShard.create(str(folder), qdrant.EdgeConfig(vectors=kinds))
        for start in range(0, len(pages), BATCH):
            points = [_point(i, pages) for i in range(start, min(start + BATCH, len(pages)))]
            shard.update(qdrant.UpdateOperation.upsert_points(points))
        shard.optimize()
        shard.flush()
        shard.close()

    def open(self, pages: Pages, folder: Path) -> None:
        self._shard = qdrant.EdgeShard.load(str(folder))
        self._bytes_per_page = folder_bytes(folder) / len(pages)
        self._n_pages = len(pages)

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        tried = [{"prefetch": n} for n in (50, 100, 200, 500, 1000) if n < self._n_pages]
        return {"exact": [{}], "two-stage": tried}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        tokens = query.tolist()
        first = []
        if mode == "two-stage":
            pooled = qdrant.Query.Nearest(tokens, using="pooled")
            first = [qdrant.Prefetch(limit=settings["prefetch"], query=pooled)]
        asked = qdrant.QueryRequest(
            limit=k, query=qdrant.Query.Nearest(tokens, using="tokens"), prefetches=first
        )
        return [point.id for point in self._shard.query(asked)]

    def bytes_per_page(self) -> float:
        return self._bytes_per_page


def _vector_kind() -> qdrant.EdgeVectorParams:
    return qdrant.EdgeVectorParams(
        DIM,
        qdrant.Distance.Dot,
        multivector_config=qdrant.MultiVectorConfig(qdrant.MultiVectorComparator.MaxSim),
        datatype=qdrant.VectorStorageDatatype.Float16,
        hnsw_config=qdrant.HnswIndexConfig(m=0, ef_construct=4, full_scan_threshold=10**9),
    )


def _point(i: int, pages: Pages) -> qdrant.Point:
    page = pages.page(i).astype(np.float32)
    return qdrant.Point(i, {"tokens": page.tolist(), "pooled": _pooled(page).tolist()})


def _pooled(page: NDArray[np.float32]) -> NDArray[np.float32]:
    edges = np.unique(np.linspace(0, len(page), N_POOLED + 1).astype(int))
    means = np.add.reduceat(page, edges[:-1], axis=0)
    return means / np.linalg.norm(means, axis=1, keepdims=True)
