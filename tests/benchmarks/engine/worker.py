"""One engine in a process of its own.

    python -m tests.benchmarks.engine.worker NAME CORPUS N_PAGES FOLDER CORES

Reads one JSON object a line from standard input, answers with one a line; vectors travel as files.
Times are taken here, around one search at a time; CPU time is of all threads of this process.

    {"do": "build"}                     -> {"build_s", "build_cpu_s"}
    {"do": "open"}                      -> {"modes": {mode: [settings]}, "bytes_per_page"}
    {"do": "search", "queries": [number], "k", "mode", "settings", "budget_s", "passes"}
                                        -> {"ids": [[page]], "ms": [], "cpu_ms": []}

A search stops when its budget is spent: the answer then has fewer queries than were asked.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.engine.corpus import read_pages, read_queries
from tests.benchmarks.engine.protocol import ENGINES


class Worker:
    def __init__(self, name: str, corpus: Path, n_pages: int, folder: Path) -> None:
        self._engine = ENGINES[name].make()
        self._pages = read_pages(corpus, n_pages)
        self._queries = read_queries(corpus).vectors
        self._folder = folder

    def answer(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["do"] == "build":
            return self._build()
        if asked["do"] == "open":
            self._engine.open(self._pages, self._folder)
            modes = {mode: list(tried) for mode, tried in self._engine.modes().items()}
            return {"modes": modes, "bytes_per_page": self._engine.bytes_per_page()}
        return self._search(**{key: value for key, value in asked.items() if key != "do"})

    def _build(self) -> dict[str, Any]:
        begun, cpu = time.perf_counter(), _cpu_s()
        self._engine.build(self._pages, self._folder)
        return {"build_s": time.perf_counter() - begun, "build_cpu_s": _cpu_s() - cpu}

    def _search(
        self,
        queries: list[int],
        k: int,
        mode: str,
        settings: dict[str, int],
        budget_s: float,
        passes: int,
    ) -> dict[str, Any]:
        until = time.perf_counter() + budget_s
        self._engine.search(self._queries[queries[0]], k, mode, settings)  # warm: not counted
        ids: list[list[int]] = []
        ms: list[list[float]] = []
        cpu_ms: list[list[float]] = []
        for number in range(passes):
            for i, query in enumerate(queries):
                if time.perf_counter() > until and (number or ids):
                    break
                begun, cpu = time.perf_counter(), time.process_time()
                found = self._engine.search(self._queries[query], k, mode, settings)
                took = (time.perf_counter() - begun) * 1e3, (time.process_time() - cpu) * 1e3
                if number == 0:
                    ids.append([int(page) for page in found])
                    ms.append([])
                    cpu_ms.append([])
                if i < len(ids):
                    ms[i].append(took[0])
                    cpu_ms[i].append(took[1])
        return {"ids": ids, "ms": _medians(ms), "cpu_ms": _medians(cpu_ms)}


def _medians(times: list[list[float]]) -> list[float]:
    return [float(np.median(one)) for one in times]


def _cpu_s() -> float:
    """Of this process and its children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + used.ru_utime + used.ru_stime


def _lines() -> Iterator[dict[str, Any]]:
    for line in sys.stdin:
        yield json.loads(line)


def main() -> None:
    # Libraries print where they like: the answers keep the true standard output for themselves.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    name, corpus, n_pages, folder, cores = sys.argv[1:]
    # Some libraries start a thread per core, whatever they are told.
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(cores)])
    worker = Worker(name, Path(corpus), int(n_pages), Path(folder))
    for asked in _lines():
        print(json.dumps(worker.answer(asked)), file=answers, flush=True)


if __name__ == "__main__":
    main()
