"""`make bench`: the figures that the project claims, measured in one run.

Times are CPU seconds of this process and its children, because the machines are shared; the load
average is printed beside them.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from api.settings import Settings
from api.wiring import Services, wire
from indexer.pages import PageEmbedding
from indexer.sources import find_sources
from indexer.vectors.base import ragged
from retriever.maxsim import maxsim

ROOT = Path(__file__).parent.parent.parent
N_PAGES = 1_000
VECTORS_PER_PAGE = 140  # what the lite encoder makes of an average page


def main() -> None:
    # One core: a figure per core says what any machine will do.
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    print(f"one core, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        _bench_start(Path(folder))
        wired = wire(Settings(data_dir=Path(folder)))  # type: ignore[call-arg]
        _bench_ingest(wired)
        _bench_search(wired)
    _bench_scan()


def _bench_start(folder: Path) -> None:
    environment = os.environ | {"PAGESIGHT_DATA_DIR": str(folder)}
    for words in (["--help"], ["collections", "list"]):
        command = [sys.executable, "-m", "api.cli", *words]
        took = _cpu_s(
            lambda c=command: subprocess.run(c, env=environment, capture_output=True, check=True)
        )
        _tell(f"pagesight {' '.join(words)}", took * 1e3, "CPU ms")


def _bench_ingest(wired: Services) -> None:
    folder = ROOT.parent / "shared" / "data" / "mmlongbench-dev" / "pdfs"
    sources = find_sources([folder if folder.is_dir() else ROOT / "samples"])
    collection = wired.create_collection("bench")
    wired.load_encoder()
    n_pages, took = 0, 0.0
    chosen = []
    for source in sources:
        outcome = None

        def run(source=source) -> None:
            nonlocal outcome
            outcome = wired.pipeline.ingest(collection, source)

        seconds = _cpu_s(run)
        pages = wired.stores.catalog.pages_of(outcome.document_id)
        chosen.append(source)
        if all(page.text_source == "text" for page in pages):
            n_pages, took = n_pages + len(pages), took + seconds
        if n_pages >= 150:
            break
    _tell(f"ingest, {n_pages} text-layer pages", took / max(n_pages, 1) * 1e3, "CPU ms per page")
    again = _cpu_s(lambda: [wired.pipeline.ingest(collection, one) for one in chosen])
    _tell(f"second ingest of {len(chosen)} files", again * 1e3, "CPU ms")


def _bench_search(wired: Services) -> None:
    question = "What was the net revenue of the last year in million?"
    wired.searcher.search(question, ["bench"])
    times = []
    for _ in range(20):
        times.append(_cpu_s(lambda: wired.searcher.search(question, ["bench"])))
    totals = wired.stores.catalog.totals(wired.stores.catalog.collection("bench").id)
    _tell(f"search, {totals.n_pages} real pages", float(np.median(times)) * 1e3, "CPU ms, median")


def _bench_scan() -> None:
    """Ours against the padded loop that most late-interaction code is, on the same vectors."""
    random = np.random.default_rng(0)
    lengths = random.integers(40, 2 * VECTORS_PER_PAGE - 40, N_PAGES)
    pages = []
    for n in lengths:
        vectors = random.normal(size=(n, 128)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        pages.append(PageEmbedding(vectors.astype(np.float16), np.zeros((n, 4), np.uint16)))
    segment = ragged(range(N_PAGES), pages)
    query = pages[0].vectors[:22].astype(np.float32)
    allowed = np.ones(N_PAGES, bool)
    ours = _median_cpu_s(lambda: maxsim(query, segment, allowed, 32 << 20))
    padded = _median_cpu_s(lambda: _padded(query, pages))
    _tell(f"exact MaxSim, {N_PAGES} pages of {VECTORS_PER_PAGE}", ours * 1e3, "CPU ms, median")
    _tell(
        "  a padded einsum over the same", padded * 1e3, f"CPU ms, {padded / ours:.1f} times ours"
    )


def _padded(query: np.ndarray, pages: list[PageEmbedding], batch: int = 128) -> np.ndarray:
    scores = []
    for start in range(0, len(pages), batch):
        group = pages[start : start + batch]
        block = np.zeros((len(group), max(len(p.vectors) for p in group), 128), np.float32)
        for row, page in zip(block, group, strict=True):
            row[: len(page.vectors)] = page.vectors
        scores.append(np.einsum("td,pnd->ptn", query, block, optimize=True).max(2).sum(1))
    return np.concatenate(scores)


def _cpu_s(run: Callable[[], object]) -> float:
    """CPU seconds of this process and of the children that ended meanwhile."""
    before = time.process_time() + _children_s()
    run()
    return time.process_time() + _children_s() - before


def _median_cpu_s(run: Callable[[], object], n: int = 9) -> float:
    return float(np.median([_cpu_s(run) for _ in range(n)]))


def _children_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _tell(what: str, value: float, unit: str) -> None:
    print(f"{what:<44} {value:>10.1f} {unit}", flush=True)


if __name__ == "__main__":
    main()
