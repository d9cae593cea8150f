"""What an engine under test must do, and the list of those that are tested.

An adapter runs in a process of its own (`worker.py`), in the environment that it names here: it may
import its library and NumPy, nothing else of the project unless it runs in the project's environment.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import Pages

Settings = Mapping[str, int]
HERE = "project"  # the environment that the bench itself runs in


class Engine(Protocol):
    """Search over the multi-vectors of pages; a page's id is its number in the corpus."""

    def build(self, pages: Pages, folder: Path) -> None:
        """Writes what a search needs into an empty folder; nothing for an engine without an index."""
        ...

    def open(self, pages: Pages, folder: Path) -> None:
        """Ready to search, from a built folder."""
        ...

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        """Ways to search the same index, each a row of the report, with the settings to try.

        The fastest setting that reaches the wanted recall on the tuning queries is reported.
        """
        ...

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        """The k best pages for one query (T, D), best first."""
        ...

    def bytes_per_page(self) -> float:
        """Of all that a search may read: index and vectors, on disk or in memory."""
        ...


@dataclass(frozen=True, slots=True)
class Entry:
    """Where an engine is found.

    family       the name to choose it by
    place        module:class
    environment  where its library is installed
    version      of what `build` writes: raise it with any change, so that no older index is opened
    most_pages   beyond which its build or its search takes a large part of an hour, or all memory
    """

    family: str
    place: str
    environment: str = HERE
    version: int = 1
    most_pages: int = 1_000_000

    def make(self) -> Engine:
        module, name = self.place.split(":")
        engine: Engine = getattr(import_module(f"tests.benchmarks.engine.{module}"), name)()
        return engine


ENGINES = {
    "ours": Entry("ours", "ours:Ours", version=2),
    "numpy": Entry("numpy", "peer_numpy:NumpyScan", most_pages=30_000),
    "einsum": Entry("einsum", "peer_einsum:PaddedEinsum", most_pages=3_000),
    "qdrant-edge": Entry("qdrant", "peer_qdrant:QdrantEdge", "peers", most_pages=10_000),
    "lancedb-flat": Entry("lancedb", "peer_lancedb:LanceFlat", "peers", most_pages=3_000),
    "lancedb-index": Entry("lancedb", "peer_lancedb:LanceIndexed", "peers", most_pages=600),
    "fast-plaid": Entry(
        "fast-plaid", "peer_fast_plaid:FastPlaidIndex", "fast-plaid", most_pages=600
    ),
}
OURS = "ours"
FAMILIES = tuple(dict.fromkeys(entry.family for entry in ENGINES.values()))


def folder_bytes(folder: Path) -> int:
    """What the files of a folder take on disk: holes in files that are laid out ahead do not count."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def best(scores: NDArray[np.float32], k: int) -> list[int]:
    """Numbers of the k largest scores, best first."""
    chosen = np.argpartition(-scores, min(k, len(scores) - 1))[:k]
    ordered: list[int] = chosen[np.argsort(-scores[chosen], kind="stable")].tolist()
    return ordered
