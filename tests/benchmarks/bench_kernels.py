"""MaxSim of 1,000 pages x 600 vectors: python -m tests.benchmarks.bench_kernels

Every path beside what most late-interaction code does, in one run. CPU milliseconds first: wall time
says little on a machine that is shared, and the load average stands at the top and at the end.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import numpy as np
import torch

from retriever.scoring.kernels import available_paths, maxsim_f16, maxsim_i8

N_PAGES, N_VECTORS, DIM, N_TOKENS = 1_000, 600, 128, 22
PADDED_BATCH = 128


def main() -> None:
    _tell_load()
    random = np.random.default_rng(0)
    true = random.standard_normal((N_PAGES * N_VECTORS, DIM), dtype=np.float32)
    true /= np.linalg.norm(true, axis=1, keepdims=True)
    offsets = np.arange(0, len(true) + 1, N_VECTORS, dtype=np.int64)
    near = true.astype(np.float16)
    scale = float(np.abs(true).max()) / 127
    whole = np.rint(true / scale).astype(np.int8)
    query = true[:: len(true) // N_TOKENS][:N_TOKENS].copy()
    expected = _gemm(query, true, offsets)
    print(f"{N_PAGES} pages x {N_VECTORS} x {DIM}, {N_TOKENS} query tokens")
    print(f"{'':<28} {'threads':>7} {'CPU ms':>9} {'wall ms':>9} {'max error':>10}")
    for n_threads in (1, 2):
        torch.set_num_threads(n_threads)
        for path in available_paths():
            _bench(
                f"float16 {path}",
                n_threads,
                lambda p=path, n=n_threads: maxsim_f16(query, near, offsets, None, n, path=p),
                expected,
            )
            _bench(
                f"int8 {path}",
                n_threads,
                lambda p=path, n=n_threads: maxsim_i8(
                    query, whole, offsets, None, scale, n, path=p
                ),
                expected,
            )
    # How many threads BLAS uses is fixed when NumPy starts: OPENBLAS_NUM_THREADS says otherwise.
    _bench("NumPy float32 GEMM, reduceat", 0, lambda: _gemm(query, true, offsets), expected)
    _bench("padded einsum, batches", 0, lambda: _padded(query, near, offsets), expected, n=3)
    _tell_load()


def _gemm(query: np.ndarray, vectors: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    return np.maximum.reduceat(vectors @ query.T, offsets[:-1], axis=0).sum(axis=1)


def _padded(query: np.ndarray, vectors: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Pages padded to the longest of their batch, widened, multiplied, batch by batch."""
    scores = []
    lengths = np.diff(offsets)
    for start in range(0, len(lengths), PADDED_BATCH):
        group = lengths[start : start + PADDED_BATCH]
        block = np.zeros((len(group), group.max(), vectors.shape[1]), np.float32)
        for row, first, n in zip(block, offsets[start:], group, strict=False):
            row[:n] = vectors[first : first + n]
        products = torch.einsum("td,pnd->ptn", torch.from_numpy(query), torch.from_numpy(block))
        scores.append(products.max(2).values.sum(1).numpy())
    return np.concatenate(scores)


def _bench(
    what: str, n_threads: int, run: Callable[[], np.ndarray], expected: np.ndarray, n: int = 9
) -> None:
    error = float(np.abs(run() - expected).max())
    cpu_ms, wall_ms = [], []
    for _ in range(n):
        cpu_s, wall_s = time.process_time(), time.perf_counter()
        run()
        cpu_ms.append(1e3 * (time.process_time() - cpu_s))
        wall_ms.append(1e3 * (time.perf_counter() - wall_s))
    threads = str(n_threads) if n_threads else "BLAS"
    print(
        f"{what:<28} {threads:>7} {np.median(cpu_ms):>9.1f} {np.median(wall_ms):>9.1f} {error:>10.2g}",
        flush=True,
    )


def _tell_load() -> None:
    print("load average " + " ".join(f"{load:.1f}" for load in os.getloadavg()))


if __name__ == "__main__":
    main()
