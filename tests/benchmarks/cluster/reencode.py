"""A collection gets another encoder and its own again under ten searches a second.

`python -m tests.benchmarks.cluster.reencode [folder|cluster]`: the samples, a server that knows `lite` and a
tiny ColQwen2 of random weights, and `pagesight reencode` in a process of its own, there and back, killed
once on the way. Each answer must be the one of before or the one of after, page by page, score by score.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2

from indexer.catalog.catalog import Catalog
from indexer.catalog.database import Database
from tests.benchmarks.cluster.searches import (
    QUESTIONS,
    READING,
    Searches,
    are_same,
    command,
    finished,
    persistently,
    places,
    queries_of_samples,
    search,
    times_ms,
)
from tests.support.checkpoints import tiny_folder
from tests.support.served_process import served


def wait_until_begun(environment: dict[str, str]) -> None:
    """Wait until the catalog has an index beside: pages are being encoded from then on."""
    folder = Path(environment["PAGESIGHT_DATA_DIR"])
    url = environment.get("PAGESIGHT_DATABASE_URL", f"sqlite:///{folder / 'catalog.sqlite3'}")
    catalog = Catalog(Database(url))
    while catalog.reencodings.find(catalog.collections.get("c").id) is None:
        time.sleep(0.01)


def run(folder: Path, layout: dict[str, str]) -> dict[str, Any]:
    tiny = tiny_folder("colqwen2")
    environment = (
        READING
        | layout
        | {
            "PAGESIGHT_DATA_DIR": str(folder / "data"),
            "PAGESIGHT_OTHER_ENCODERS": f"colqwen2={tiny}",
        }
    )
    finished(command(environment, "ingest", "samples", "-c", "c", "--json"))
    queries = queries_of_samples()
    reencode = ("reencode", "-c", "c")
    there = (*reencode, "--encoder", "colqwen2", "--questions", str(QUESTIONS))
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
        wait_until_begun(environment)
        killed.kill()
        killed.communicate()
        report = persistently(environment, *there)
        there_s = time.monotonic() - began
        after = {query: search(client, address, query) for query in queries}
        began = time.monotonic()
        persistently(environment, *reencode, "--rollback")
        back_s = time.monotonic() - began
        time.sleep(2)
        searches.stop()
        again = {query: search(client, address, query) for query in queries}
    kinds = Counter(
        "before"
        if are_same(answer, before[query])
        else "after"
        if are_same(answer, after[query])
        else "neither"
        for query, answer in searches.answers
    )
    return {
        "report": report, "there_s": there_s, "back_s": back_s,
        "same_as_before": all(are_same(again[query], before[query]) for query in queries),
        "searches": dict(kinds), "failures": dict(searches.failures),
        "quiet_ms": times_ms(quiet.times_s), "meanwhile_ms": times_ms(searches.times_s),
    }  # fmt: skip


if __name__ == "__main__":
    chosen_layout = sys.argv[1] if len(sys.argv) > 1 else "folder"
    with tempfile.TemporaryDirectory() as scratch, places(chosen_layout) as (layout_settings, _):
        print(json.dumps(run(Path(scratch), layout_settings), indent=1))
