"""What a page takes in a data folder: `python -m tests.benchmarks.cluster.stored_bytes FOLDER`.

Prints bytes and vectors a page beside what `unit_costs` counts with. Run `pagesight compact` before, or what
searches need beside vectors is not there yet.
"""

from __future__ import annotations

import sys
from pathlib import Path

from api.services.wiring import wire
from tests.benchmarks.cluster.unit_costs import (
    BOX_BYTES,
    CATALOG_BYTES,
    IMAGE_BYTES,
    INT8_BYTES,
    ORIGINAL_BYTES,
    TEXT,
    TOKEN_BYTES,
    VECTOR_BYTES,
)
from tests.builders import settings_of


def stored_bytes(data_dir: Path) -> dict[str, tuple[float, float]]:
    """Return for each part of a page (bytes here, bytes that `unit_costs` counts with)."""
    catalog = wire(settings_of(data_dir)).stores.catalog
    snapshots = [catalog.snapshot(collection.name) for collection in catalog.collections.all()]
    n_pages = sum(record.n_pages for snapshot in snapshots for record in snapshot.segments)
    n_vectors = sum(_size(path) for path in data_dir.glob("collections/**/vectors.npy")) / 256

    def of_pages(pattern: str) -> float:
        return sum(_size(path) for path in data_dir.glob(pattern)) / n_pages

    def of_vectors(pattern: str) -> float:
        return of_pages(pattern) * n_pages / n_vectors

    return {
        "vectors a page": (n_vectors / n_pages, TEXT.n_vectors),
        "bytes a vector": (of_vectors("collections/**/vectors.npy"), VECTOR_BYTES.value),
        "its box": (of_vectors("collections/**/boxes.npy"), BOX_BYTES.value),
        "its int8 copy": (of_vectors("derived/**/int8/*"), INT8_BYTES.value),
        "its place in the token index": (of_vectors("derived/**/tokens/*"), TOKEN_BYTES.value),
        "original, a page": (of_pages("originals/*/*.pdf"), ORIGINAL_BYTES.value),
        "page image": (of_pages("images/*/*"), IMAGE_BYTES.value),
        "catalog, a page": (of_pages("catalog.sqlite3"), CATALOG_BYTES.value),
    }


def _size(path: Path) -> int:
    return path.stat().st_size if path.is_file() else 0


if __name__ == "__main__":
    for part, (here, counted) in stored_bytes(Path(sys.argv[1])).items():
        print(f"{part:30} {here:10,.0f} {counted:10,.0f}")
