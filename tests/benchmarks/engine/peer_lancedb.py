"""LanceDB's multi-vector column: searched flat, or through its IVF_PQ index (cosine only)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import lancedb
import numpy as np
import pyarrow as pa
from lancedb.index import IvfPq
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import DIM, Pages
from tests.benchmarks.engine.protocol import Settings, folder_bytes

TABLE, COLUMN = "pages", "vectors"
BATCH = 500


class LanceFlat:
    def build(self, pages: Pages, folder: Path) -> None:
        database = lancedb.connect(str(folder))
        table = database.create_table(TABLE, schema=_SCHEMA)
        for start in range(0, len(pages), BATCH):
            table.add(_rows(pages, start, min(start + BATCH, len(pages))))

    def open(self, pages: Pages, folder: Path) -> None:
        self._table = lancedb.connect(str(folder)).open_table(TABLE)
        self._bytes_per_page = folder_bytes(folder) / len(pages)

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        return {"": [{}]}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        asked = self._table.search(query, vector_column_name=COLUMN).distance_type("cosine")
        if settings:
            asked = asked.nprobes(settings["nprobes"]).refine_factor(settings["refine"])
        found: list[int] = (
            asked.limit(k).select(["page", "_distance"]).to_arrow()["page"].to_pylist()
        )
        return found

    def bytes_per_page(self) -> float:
        return self._bytes_per_page


class LanceIndexed(LanceFlat):
    def build(self, pages: Pages, folder: Path) -> None:
        super().build(pages, folder)
        table = lancedb.connect(str(folder)).open_table(TABLE)
        table.create_index(COLUMN, config=IvfPq(distance_type="cosine"))

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        tried = [(20, 1), (20, 5), (20, 20), (64, 20)]
        return {"": [{"nprobes": nprobes, "refine": refine} for nprobes, refine in tried]}


_SCHEMA = pa.schema([("page", pa.int64()), (COLUMN, pa.list_(pa.list_(pa.float16(), DIM)))])


def _rows(pages: Pages, start: int, stop: int) -> pa.Table:
    offsets = pages.offsets[start : stop + 1]
    values = pa.array(pages.vectors[offsets[0] : offsets[-1]].reshape(-1))
    vectors = pa.FixedSizeListArray.from_arrays(values, DIM)
    lists = pa.ListArray.from_arrays(pa.array((offsets - offsets[0]).astype(np.int32)), vectors)
    return pa.Table.from_arrays([pa.array(range(start, stop), pa.int64()), lists], schema=_SCHEMA)
