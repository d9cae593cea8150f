"""Times search engines over the same page vectors: python -m tests.benchmarks.engine --help

Every engine runs in a process of its own and answers one query at a time. Settings are tuned on one
half of the questions (by document) and everything that is reported comes from the other half.
"""

from __future__ import annotations

import argparse
import os
import platform
import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.benchmarks.engine import report
from tests.benchmarks.engine.client import ROOT
from tests.benchmarks.engine.corpus import read_about, read_pages, read_queries
from tests.benchmarks.engine.data import NoDocuments, ensure_corpus, random_corpus
from tests.benchmarks.engine.measure import Limits, Row, Task
from tests.benchmarks.engine.protocol import ENGINES, FAMILIES, OURS
from tests.benchmarks.engine.session import run_size
from tests.benchmarks.engine.truth import exact

PAGES = (600, 1_000, 3_000, 10_000, 30_000)  # slow peers stop at smaller ones: protocol.ENGINES
QUICK_PAGES = (40, 120)
QUICK_PEERS = ("numpy", "einsum")


def main(words: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(words)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the engines end too
    if given.quick:
        with tempfile.TemporaryDirectory() as folder:
            sizes = given.pages or QUICK_PAGES
            corpus = random_corpus(Path(folder), max(sizes))
            return _run(given, corpus, sizes, given.peers or QUICK_PEERS)
    sizes = given.pages or PAGES
    try:
        corpus = ensure_corpus(given.cache, max(sizes))
    except NoDocuments as absent:
        print(f"search engines: not measured: {absent}")
        return 0
    return _run(given, corpus, sizes, given.peers or FAMILIES)


def _run(
    given: argparse.Namespace, corpus: Path, sizes: Sequence[int], families: Sequence[str]
) -> int:
    queries = read_queries(corpus)
    tuning = queries.half(tuning=True, at_most=given.queries)
    reporting = queries.half(tuning=False, at_most=given.queries)
    peers = [name for name, entry in ENGINES.items() if entry.family in families and name != OURS]
    rows: list[Row] = []
    facts = _facts(given, corpus, sizes, len(tuning), len(reporting))
    for n_pages in sizes:
        _tell(f"{n_pages} pages: exact scores")
        truth = exact(corpus, n_pages, [*tuning, *reporting], given.threads)
        limits = Limits(given.build_limit_s, given.search_limit_s / 2, given.search_limit_s)
        task = Task(
            OURS, Path(sys.executable), corpus, n_pages, truth, tuning, reporting,
            given.threads, given.passes, limits,
        )  # fmt: skip
        able = [name for name in peers if n_pages <= ENGINES[name].most_pages]
        rows += run_size(task, able, given.cache, install=given.install, tell=_tell)
        report.write(given.out, rows, facts)
    print("\n" + report.as_text(report.table(rows)))
    print("\n" + "\n".join(f"{name}: {value}" for name, value in facts.items()))
    print(f"\nwritten to {given.out}")
    return 0


def _facts(
    given: argparse.Namespace, corpus: Path, sizes: Sequence[int], n_tuning: int, n_reporting: int
) -> dict[str, Any]:
    """What a reader of the figures has to know."""
    about = read_about(corpus)
    pages = read_pages(corpus, max(sizes))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{_processor()}, {given.threads} of its cores, Python {platform.python_version()}",
        "pages": about["what"],
        "vectors": f"{len(pages.vectors) / len(pages):.0f} a page, of {pages.vectors.shape[1]}",
        "queries": f"{n_reporting} reported, {n_tuning} others to tune on",
        "times": "p50 and p95 over queries, one at a time; CPU ms is the median, of all threads; "
        "an index that an earlier run built is used again, with the times of its build",
        "recall": "against exact float32 MaxSim; a page that ties with the tenth counts",
        "times ours": "median against the median of ours just before and after, same queries",
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = info.read_text().splitlines() if info.is_file() else []
    found = [line.partition(":")[2].strip() for line in names if line.startswith("model name")]
    return found[0] if found else platform.processor() or platform.machine()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="tests.benchmarks.engine", description=__doc__)
    build = ROOT / "build" / "bench"
    parser.add_argument("--pages", type=_numbers, help=f"sizes; default: {_sizes(PAGES)}")
    parser.add_argument("--peers", type=_families, help=f"of {','.join(FAMILIES)}; default: all")
    parser.add_argument("--queries", type=int, default=50, help="of each half")
    parser.add_argument("--passes", type=int, default=3, help="over the reported queries")
    cores = len(os.sched_getaffinity(0))
    parser.add_argument("--threads", type=int, default=cores, help="cores; 1 if they are shared")
    parser.add_argument("--cache", type=Path, default=build, help="vectors, indexes, peers")
    parser.add_argument("--out", type=Path, default=build / "report")
    parser.add_argument("--install", action="store_true", help="install peers that are missing")
    parser.add_argument("--build-limit-s", type=float, default=900, help="for one index")
    parser.add_argument("--search-limit-s", type=float, default=60, help="for one engine's mode")
    parser.add_argument("--quick", action="store_true", help="a minute's trial, random vectors")
    return parser


def _sizes(sizes: Sequence[int]) -> str:
    return ",".join(map(str, sizes))


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(sorted({int(part) for part in text.split(",")}))


def _families(text: str) -> tuple[str, ...]:
    unknown = set(text.split(",")) - set(FAMILIES)
    if unknown:
        raise argparse.ArgumentTypeError(f"no engine {', '.join(sorted(unknown))}")
    return tuple(text.split(","))


def _tell(what: str) -> None:
    print(f"[load {os.getloadavg()[0]:.1f}] {what}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
