"""`make bench`: the figures the project claims, measured in one run.

Times are CPU seconds of this process and its children, because the machines are shared; the load
average is printed beside them. `python -m tests.benchmarks visual` measures the visual encoders instead,
`python -m tests.benchmarks service [PAGES]` the HTTP service under load, and
`python -m tests.benchmarks tricks [PAIRS]` what each trick of the service is worth.
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

from api.base.settings import Settings
from api.services.wiring import Services, wire
from indexer.base.pages import PageEmbedding
from indexer.inputs.sandbox import warm_process
from indexer.inputs.sources import find_sources
from indexer.storage.segments import Segment, segment_of
from retriever.query.filters import SearchFilter
from retriever.scoring.kernels import maxsim_f16

ROOT = Path(__file__).parent.parent.parent
N_PAGES = 1_000
ONE_PAGE = SearchFilter(page_range=(1, 1))


def main() -> None:
    if sys.argv[1:] == ["visual"]:
        from tests.benchmarks.bench_visual import main as bench_visual

        bench_visual()
        return
    if sys.argv[1:2] == ["service"]:
        from tests.benchmarks.service.__main__ import main as bench_service

        bench_service(*map(int, sys.argv[2:]))
        return
    if sys.argv[1:2] == ["tricks"]:
        from tests.benchmarks.tricks import main as bench_tricks

        bench_tricks(*map(int, sys.argv[2:]))
        return
    # One core: a figure per core says what any machine will do.
    os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
    print(f"one core, load average {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        _bench_start(Path(folder))
        wired = wire(Settings(data_dir=Path(folder)))  # type: ignore[call-arg]
        _bench_ingest(wired)
        _bench_search(wired)


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
    wired.encoder.get()
    n_pages, took = 0, 0.0
    chosen = []
    for source in sources:
        outcome = None

        def run(source=source) -> None:
            nonlocal outcome
            outcome = wired.pipeline.ingest(collection, source)

        seconds = _cpu_s(run)
        pages = wired.stores.catalog.pages.of_document(outcome.document_id)
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
    took = _median_cpu_s(lambda: wired.searcher.search(question, ["bench"]))
    totals = wired.stores.catalog.collections.totals(
        wired.stores.catalog.collections.get("bench").id
    )
    _tell(f"search, {totals.n_pages} real pages", took * 1e3, "CPU ms, median")
    pages = _real_pages(wired)
    segment = segment_of(range(N_PAGES), [pages[i % len(pages)] for i in range(N_PAGES)])
    query = wired.searcher.search(question, ["bench"]).embedding.vectors
    ours = _median_cpu_s(lambda: maxsim_f16(query, segment.vectors, segment.offsets))
    per_page = len(segment.vectors) / N_PAGES
    _tell(f"exact MaxSim, {N_PAGES} pages of {per_page:.0f}", ours * 1e3, "CPU ms, median")
    padded = _median_cpu_s(lambda: _padded(query, segment))
    _tell("  a padded einsum over the same", padded * 1e3, f"CPU ms, {padded / ours:.1f} x ours")
    # What a warm process needs over 1,000 pages: everything but the scan does not grow with them.
    small = _median_cpu_s(lambda: wired.searcher.search(question, ["bench"], filter=ONE_PAGE))
    _tell(f"search, {N_PAGES} pages (scan + the rest)", (ours + small) * 1e3, "CPU ms")


def _real_pages(wired: Services) -> list[PageEmbedding]:
    """The page vectors of the bench collection, to be repeated up to N_PAGES."""
    snapshot = wired.stores.catalog.snapshot("bench")
    found = []
    for record in snapshot.segments:
        segment = wired.stores.vectors.open(record)
        found += [segment.page(int(page_id)) for page_id in segment.page_ids]
    return [page for page in found if page is not None and len(page.vectors)]


def _padded(query: np.ndarray, segment: Segment, batch: int = 128) -> np.ndarray:
    """MaxSim as most late-interaction code has it: pages padded to one length, batch by batch."""
    lengths = np.diff(segment.offsets)
    scores = []
    for start in range(0, len(lengths), batch):
        group = lengths[start : start + batch]
        block = np.zeros((len(group), group.max(), query.shape[1]), np.float32)
        for row, first, n in zip(block, segment.offsets[start:], group, strict=False):
            row[:n] = segment.vectors[first : first + n]
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
    return used.ru_utime + used.ru_stime + warm_process.usage.cpu_s


def _tell(what: str, value: float, unit: str) -> None:
    print(f"{what:<44} {value:>10.1f} {unit}", flush=True)


if __name__ == "__main__":
    main()
