"""A collection gets another encoder and its own again under ten searches a second.

`python -m tests.benchmarks.cluster.reencode`: the samples, a server that knows `lite` and a tiny ColQwen2 of
random weights, and `pagesight reencode` in a process of its own, there and back, killed once on the way. Each
answer must be the one of before or the one of after: the same pages with the same scores.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import ROOT
from tests.support.checkpoints import tiny_folder
from tests.support.served_process import served

SEARCHES_A_SECOND = 10
KILLED_AFTER_S = 12.0
READING = {"PAGESIGHT_OCR": "never", "PAGESIGHT_LAYOUT": "never", "PAGESIGHT_PAGE_DPI": "60"}
READING |= {"OMP_NUM_THREADS": "1"}
Answer = tuple[tuple[int, float], ...]  # (page id, score) of each hit


class Searches(threading.Thread):
    """Searches until it is told to stop; keeps every answer and what it took."""

    def __init__(self, address: str, queries: list[str]) -> None:
        super().__init__(name="searches")
        self._address, self._queries = address, queries
        self.stopping = threading.Event()
        self.answers: list[tuple[str, Answer]] = []
        self.failures: Counter[str] = Counter()
        self.times_s: list[float] = []

    def run(self) -> None:
        with httpx2.Client(timeout=600) as client, ThreadPoolExecutor(16) as threads:
            n = 0
            while not self.stopping.wait(1 / SEARCHES_A_SECOND):
                threads.submit(self._search, client, self._queries[n % len(self._queries)])
                n += 1

    def _search(self, client: httpx2.Client, query: str) -> None:
        began = time.monotonic()
        try:
            self.answers.append((query, search(client, self._address, query)))
        except (httpx2.HTTPError, AssertionError) as error:
            self.failures[str(error)[:200]] += 1
        self.times_s.append(time.monotonic() - began)

    def stop(self) -> None:
        self.stopping.set()
        self.join(900)


def search(client: httpx2.Client, address: str, query: str) -> Answer:
    body = {"query": query, "collections": ["c"], "k": 5}
    answer = client.post(f"{address}/v1/search", json=body)
    assert answer.status_code == 200, answer.text
    return tuple((hit["page_id"], round(hit["score"], 3)) for hit in answer.json()["hits"])


def command(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=3600)
    assert process.returncode == 0, out
    return out


def run(folder: Path) -> dict[str, Any]:
    tiny = tiny_folder("colqwen2")
    environment = READING | {
        "PAGESIGHT_DATA_DIR": str(folder / "data"),
        "PAGESIGHT_OTHER_ENCODERS": f"colqwen2={tiny}",
    }
    finished(command(environment, "ingest", "samples", "-c", "c", "--json"))
    questions = ROOT / "samples" / "questions.jsonl"
    queries = [json.loads(line)["question"] for line in questions.read_text().splitlines()[:20]]
    there = (
        "reencode",
        "-c",
        "c",
        "--encoder",
        "colqwen2",
        "--json",
        "--questions",
        str(questions),
    )
    back = ("reencode", "-c", "c", "--rollback", "--json")
    with served(folder / "data", **environment) as address, httpx2.Client(timeout=600) as client:
        before = {query: search(client, address, query) for query in queries}
        quiet = Searches(address, queries)
        quiet.start()
        time.sleep(15)
        quiet.stop()
        searches = Searches(address, queries)
        searches.start()
        began = time.monotonic()
        killed = command(environment, *there)
        time.sleep(KILLED_AFTER_S)
        killed.kill()
        killed.communicate()
        report = json.loads(finished(command(environment, *there)))
        there_s = time.monotonic() - began
        after = {query: search(client, address, query) for query in queries}
        began = time.monotonic()
        finished(command(environment, *back))
        back_s = time.monotonic() - began
        time.sleep(2)
        searches.stop()
        again = {query: search(client, address, query) for query in queries}
    kinds = Counter(
        "before" if answer == before[query] else "after" if answer == after[query] else "neither"
        for query, answer in searches.answers
    )
    return {
        "report": report, "there_s": there_s, "back_s": back_s, "same_as_before": again == before,
        "searches": dict(kinds), "failures": dict(searches.failures),
        "quiet_ms": times_ms(quiet.times_s), "meanwhile_ms": times_ms(searches.times_s),
    }  # fmt: skip


def times_ms(times_s: list[float]) -> list[float]:
    """The median and the 95th percentile."""
    cuts = statistics.quantiles(times_s, n=20)
    return [round(cuts[9] * 1e3, 1), round(cuts[18] * 1e3, 1)]


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        print(json.dumps(run(Path(scratch)), indent=1))
