"""The vectors that every engine gets, as files: pages (ragged, float16) and queries (float32).

Only NumPy is needed here: the peers read these files in environments of their own.
Dimension key: P pages, N vectors of all pages together, Q queries, T query tokens, D dim (128).

A corpus is a folder. Its first P pages are the corpus of size P, so one folder serves every size:

    vectors.f16   (N, D) float16, page after page
    lengths.i64   (P,) vectors of each page; written after the vectors, so it says which are whole
    queries.npz   vectors (sum of T, D) float32, lengths (Q,), tuning (Q,) bool
    about.json    n_real: the pages from there on are synthetic; what: the pages, in words
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

DIM = 128
_ROW_BYTES = DIM * 2


@dataclass(frozen=True, slots=True, eq=False)
class Pages:
    """Page i owns the rows offsets[i]..offsets[i + 1] of vectors (N, D) float16, a read-only map."""

    vectors: NDArray[np.float16]
    offsets: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def page(self, i: int) -> NDArray[np.float16]:
        return self.vectors[self.offsets[i] : self.offsets[i + 1]]


@dataclass(frozen=True, slots=True, eq=False)
class Queries:
    """Multi-vectors (T, D) float32 in two halves: settings are tuned on one, reported on the other."""

    vectors: tuple[NDArray[np.float32], ...]
    tuning: NDArray[np.bool_]

    def half(self, *, tuning: bool, at_most: int) -> list[int]:
        """Numbers of the first queries of one half."""
        chosen: list[int] = np.flatnonzero(self.tuning == tuning)[:at_most].tolist()
        return chosen


def read_pages(folder: Path, n_pages: int) -> Pages:
    """The first `n_pages` pages. Raises ValueError when the folder has fewer."""
    lengths = page_lengths(folder)
    if len(lengths) < n_pages:
        raise ValueError(f"{folder} has {len(lengths)} pages, not {n_pages}: build them first")
    offsets = np.concatenate([[0], np.cumsum(lengths[:n_pages])]).astype(np.int64)
    shape = (int(offsets[-1]), DIM)
    return Pages(np.memmap(folder / "vectors.f16", np.float16, "r", shape=shape), offsets)


def page_lengths(folder: Path) -> NDArray[np.int64]:
    """Vectors of each page that is wholly written (P,)."""
    path = folder / "lengths.i64"
    if not path.is_file():
        return np.zeros(0, np.int64)
    whole = path.stat().st_size // 8
    return np.fromfile(path, np.int64, whole)


def append_pages(folder: Path, pages: Iterable[NDArray[np.float16]]) -> None:
    """Adds pages one by one; the half-written page of an interrupted run is cut off first."""
    folder.mkdir(parents=True, exist_ok=True)
    written = page_lengths(folder)
    vectors, lengths = folder / "vectors.f16", folder / "lengths.i64"
    for path, n_bytes in ((vectors, int(written.sum()) * _ROW_BYTES), (lengths, len(written) * 8)):
        path.touch()
        with path.open("r+b") as file:
            file.truncate(n_bytes)
    with vectors.open("ab") as rows, lengths.open("ab") as counts:
        for page in pages:
            rows.write(page.tobytes())
            rows.flush()
            counts.write(np.int64(len(page)).tobytes())
            counts.flush()


def write_queries(
    folder: Path, vectors: Sequence[NDArray[np.float32]], tuning: Sequence[bool]
) -> None:
    lengths = np.array([len(one) for one in vectors], np.int64)
    np.savez(
        folder / "queries.npz",
        vectors=np.concatenate(vectors),
        lengths=lengths,
        tuning=np.array(tuning, bool),
    )


def read_queries(folder: Path) -> Queries:
    with np.load(folder / "queries.npz", allow_pickle=False) as stored:
        parts = np.split(stored["vectors"], np.cumsum(stored["lengths"])[:-1])
        return Queries(tuple(parts), stored["tuning"])


def read_about(folder: Path) -> dict[str, Any]:
    about: dict[str, Any] = json.loads((folder / "about.json").read_text(encoding="utf-8"))
    return about
