"""All engines over one corpus size: ours is timed before and after each peer, so that a noisy machine
disturbs both sides of a ratio alike."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.benchmarks.engine.environments import NotAvailable, python_of
from tests.benchmarks.engine.measure import WANTED_RECALL, K, Measured, Row, Task, measure, start
from tests.benchmarks.engine.protocol import ENGINES

Tell = Callable[[str], None]


def run_size(
    task: Task, peers: Sequence[str], cache: Path, *, install: bool, tell: Tell
) -> list[Row]:
    """Rows of ours (`task`), then of each peer with its ratios.

    Raises EngineFailed when our own engine fails: there is nothing to compare with.
    """
    with start(task) as process:
        ours = Measured(task, process)
        timings = [list(ours.rows())]
        reference = _reference(timings[0])
        rows = []
        for name in peers:
            tell(f"{task.n_pages} pages: {name}")
            try:
                python = python_of(ENGINES[name].environment, cache, install=install)
            except NotAvailable as reason:
                rows.append(Row(name, "", task.n_pages, note=f"not available: {reason}"))
                continue
            found = measure(replace(task, name=name, python=python))
            timings.append(list(ours.rows()))
            beside = [row for pass_ in timings[-2:] for row in pass_ if row.mode == reference.mode]
            for row in found:
                _compare(row, beside)
                tell(f"  {row.name}: {_figure(row)}")
            rows += found
    return [_merged([pass_[i] for pass_ in timings]) for i in range(len(timings[0]))] + rows


def _reference(rows: Sequence[Row]) -> Row:
    """Our fastest mode that finds what it should."""
    good = [row for row in rows if np.mean(list(row.recall.values())) >= WANTED_RECALL]
    return min(good or rows, key=lambda row: statistics.median(row.ms.values()))


def _compare(row: Row, ours: Sequence[Row]) -> None:
    """Sets the ratios of medians over the queries that the peer answered in its time."""
    if not row.ms:
        return
    shared = list(row.ms)
    row.against = ours[0].name
    mine = statistics.median(one.ms[query] for one in ours for query in shared if query in one.ms)
    row.ratio = statistics.median(row.ms.values()) / mine
    mine = statistics.median(
        one.cpu_ms[query] for one in ours for query in shared if query in one.ms
    )
    row.cpu_ratio = statistics.median(row.cpu_ms.values()) / mine


def _merged(timings: Sequence[Row]) -> Row:
    """One row of several timings of the same: the median of each query."""
    first = timings[0]
    merged = replace(first, load=statistics.fmean(row.load for row in timings))
    for kind in ("ms", "cpu_ms"):
        by_query = {
            query: statistics.median(
                getattr(row, kind)[query] for row in timings if query in getattr(row, kind)
            )
            for query in getattr(first, kind)
        }
        setattr(merged, kind, by_query)
    return merged


def _figure(row: Row) -> str:
    if row.note:
        return row.note
    took = statistics.median(row.ms.values())
    recall = statistics.fmean(row.recall.values())
    return f"{took:.1f} ms, recall@{K} {recall:.3f}, {row.ratio or 1:.1f} x {row.against}"
