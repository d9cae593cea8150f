"""Ten searches a second over HTTP while something else happens, in the layout of a folder or of a cluster."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx2

from tests.conftest import ROOT
from tests.support.postgres import new_database, running_server
from tests.support.s3 import KEYS, new_prefix, running_s3

QUESTIONS = ROOT / "samples" / "questions.jsonl"
SEARCHES_A_SECOND = 10
READING = {"PAGESIGHT_OCR": "never", "PAGESIGHT_LAYOUT": "never", "PAGESIGHT_PAGE_DPI": "60"}
READING |= {"OMP_NUM_THREADS": "1"}
Answer = tuple[tuple[int, float], ...]  # (page id, score) of each hit


class Searches(threading.Thread):
    """Searches until it is told to stop; keeps every answer and what it took."""

    def __init__(self, address: str, queries: list[str]) -> None:
        super().__init__(name="searches")
        self.address, self._queries = address, queries
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
            self.answers.append((query, search(client, self.address, query)))
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
    return tuple((hit["page_id"], hit["score"]) for hit in answer.json()["hits"])


def are_same(answer: Answer, other: Answer) -> bool:
    """Say whether two answers have the same pages in the same order, with the same scores.

    A query that is encoded together with others has vectors that are 1e-5 apart.
    """
    return [page for page, _ in answer] == [page for page, _ in other] and all(
        abs(score - other_score) < 1e-3
        for (_, score), (_, other_score) in zip(answer, other, strict=True)
    )


def command(environment: dict[str, str], *words: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "api.cli", *words],
        cwd=ROOT, env=os.environ | environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip


def finished(process: subprocess.Popen[str]) -> str:
    out, _ = process.communicate(timeout=3600)
    assert process.returncode == 0, out
    return out


def persistently(environment: dict[str, str], *words: str) -> dict[str, Any]:
    """Run a command, and again while the lock of a killed process stands: over a cluster for a minute.

    Returns what it reports with `--json`.
    """
    while True:
        process = command(environment, *words, "--json")
        out, _ = process.communicate()
        report: dict[str, Any] = json.loads(out)
        if process.returncode == 0:
            return report
        assert report["error"]["code"] == "data_folder_busy", out
        time.sleep(5)


def times_ms(times_s: list[float]) -> list[float]:
    """The median and the 95th percentile."""
    cuts = statistics.quantiles(times_s, n=20)
    return [round(cuts[9] * 1e3, 1), round(cuts[18] * 1e3, 1)]


def queries_of_samples() -> list[str]:
    return [json.loads(line)["question"] for line in QUESTIONS.read_text().splitlines()[:20]]


@contextmanager
def places(layout: str) -> Iterator[tuple[dict[str, str], str]]:
    """The environment of a layout, `folder` or `cluster`, and an unused place in a bucket.

    A cluster is PostgreSQL, a bucket and Qdrant in local mode.
    """
    with running_s3() as s3:
        environment = KEYS | {"PAGESIGHT_S3_ENDPOINT": s3}
        if layout == "folder":
            yield environment, new_prefix()
            return
        with running_server() as postgres:
            yield (
                environment
                | {
                    "PAGESIGHT_DATABASE_URL": new_database(postgres),
                    "PAGESIGHT_STORAGE": new_prefix(),
                    "PAGESIGHT_VECTORS": "qdrant",
                    "PAGESIGHT_QDRANT_URL": ":memory:",
                },
                new_prefix(),
            )
