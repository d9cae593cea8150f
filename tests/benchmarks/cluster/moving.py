"""Everything moves to a bucket and back under ten searches a second.

`python -m tests.benchmarks.cluster.moving [folder|cluster]`: the samples, `pagesight move` in a process of
its own, there and back, killed once on the way. When a move has ended, a server over the new place takes the
searches, as in a rolling restart. Each answer must be the one of before: the same pages with the same scores.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import httpx2

from tests.benchmarks.cluster.searches import (
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
from tests.support.served_process import served

KILLED_AT_OBJECTS = 20
AT_REST_S = 10.0  # searches before, between and after


def n_objects(layout: dict[str, str], bucket: str) -> int:
    place = urlsplit(bucket)
    client = boto3.client("s3", endpoint_url=layout["PAGESIGHT_S3_ENDPOINT"])
    answer = client.list_objects_v2(Bucket=place.netloc, Prefix=place.path[1:])
    return int(answer["KeyCount"])


def run(folder: Path, layout: dict[str, str], bucket: str) -> dict[str, Any]:
    here = READING | layout | {"PAGESIGHT_DATA_DIR": str(folder / "data")}
    there = here | {"PAGESIGHT_STORAGE": bucket}
    home = layout.get("PAGESIGHT_STORAGE", "folder")
    finished(command(here, "ingest", "samples", "-c", "c", "--json"))
    queries = queries_of_samples()
    with ExitStack() as first, ExitStack() as second, ExitStack() as third:
        client = first.enter_context(httpx2.Client(timeout=600))
        address = first.enter_context(served(folder / "data", **here))
        before = {query: search(client, address, query) for query in queries}
        searches = Searches(address, queries)
        searches.start()
        time.sleep(AT_REST_S)
        killed = command(here, "move", "--to", bucket, "--json")
        while killed.poll() is None and n_objects(layout, bucket) < KILLED_AT_OBJECTS:
            time.sleep(0.01)
        killed.kill()
        killed.communicate()
        began = time.monotonic()
        reports = [persistently(here, "move", "--to", bucket)]
        there_s = time.monotonic() - began
        searches.address = second.enter_context(served(folder / "data", **there))
        time.sleep(AT_REST_S)
        began = time.monotonic()
        reports.append(persistently(there, "move", "--to", home))
        back_s = time.monotonic() - began
        searches.address = third.enter_context(served(folder / "data", **here))
        time.sleep(AT_REST_S)
        searches.stop()
        again = {query: search(client, searches.address, query) for query in queries}
    verify = json.loads(finished(command(here, "verify", "--deep", "--json")))
    return {
        "reports": reports, "there_s": there_s, "back_s": back_s,
        "same_as_before": all(are_same(again[query], before[query]) for query in queries),
        "searches": dict(Counter(are_same(answer, before[query]) for query, answer in searches.answers)),
        "failures": dict(searches.failures), "ms": times_ms(searches.times_s), "verify": verify,
    }  # fmt: skip


if __name__ == "__main__":
    chosen_layout = sys.argv[1] if len(sys.argv) > 1 else "folder"
    with tempfile.TemporaryDirectory() as scratch, places(chosen_layout) as (settings, place):
        print(json.dumps(run(Path(scratch), settings, place), indent=1))
