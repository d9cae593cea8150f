"""A day of a cluster in a second: documents and questions arrive, processes fail, and how long is the wait?

`python -m tests.benchmarks.cluster.simulation` writes docs/scaling.svg and prints tables of docs/scaling.md.
Everything is made of the unit costs beside this file; nothing here was measured on a cluster.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tests.benchmarks.cluster.unit_costs import (
    COSTS,
    INDEX_S,
    PUTS,
    REQUEST_S,
    TEXT,
    TOKEN_BYTES,
    VISUAL,
    layouts,
    search_s,
)
from tests.benchmarks.engine.plot import Line, log_log_svg

PAGES_PER_DOCUMENT = 20
RESTART_S, LEASE_S = 5.0, 30.0  # a supervisor's, and `PAGESIGHT_JOB_LEASE_S`
_PICTURE = Path(__file__).parents[3] / "docs" / "scaling.svg"


@dataclass(frozen=True, slots=True)
class Load:
    """What comes in, and what fails."""

    n_apis: int
    n_workers: int
    n_pages: float
    searches_per_s: float
    documents_per_hour: float
    hours_between_failures: float = 2.0  # of each process


@dataclass(frozen=True, slots=True)
class Day:
    """What came of it. Waits in seconds; `n_moved` searches met a process that had ended."""

    search_p50_s: float
    search_p95_s: float
    n_moved: int
    document_p50_s: float
    document_p95_s: float
    n_indexed_again: int


def day_of(load: Load, hours: float = 24.0, seed: int = 1) -> Day:
    """Let a day pass."""
    rng = random.Random(seed)
    until_s = hours * 3600
    waits, n_moved = _searches(load, until_s, rng)
    ages, n_indexed_again = _documents(load, until_s, rng)
    p50, p95 = np.percentile(waits, [50, 95])
    age_p50, age_p95 = np.percentile(ages or [0.0], [50, 95])
    return Day(float(p50), float(p95), n_moved, float(age_p50), float(age_p95), n_indexed_again)


def _arrivals(per_s: float, until_s: float, rng: random.Random) -> Iterator[float]:
    now_s = rng.expovariate(per_s)
    while now_s < until_s:
        yield now_s
        now_s += rng.expovariate(per_s)


def _failures(load: Load, n: int, until_s: float, rng: random.Random) -> list[list[float]]:
    """Return when each of n processes ends."""
    per_s = 1 / (load.hours_between_failures * 3600)
    return [list(_arrivals(per_s, until_s, rng)) for _ in range(n)]


def _searches(load: Load, until_s: float, rng: random.Random) -> tuple[list[float], int]:
    """Each process answers one search after the other; a proxy asks those in turn that live."""
    free_at = [0.0] * load.n_apis
    failures = _failures(load, load.n_apis, until_s, rng)
    busy_s, waits, n_moved = search_s(load.n_pages), [], 0
    sampled_s = min(until_s, 100_000 / load.searches_per_s)
    for n, now_s in enumerate(_arrivals(load.searches_per_s, sampled_s, rng)):
        i = n % load.n_apis
        while _is_down(failures[i], now_s) and n_moved < 10**9:
            n_moved += 1
            i = (i + 1) % load.n_apis
            if i == n % load.n_apis:
                break
        start_s = max(now_s, free_at[i])
        free_at[i] = start_s + rng.expovariate(1 / busy_s)
        waits.append(free_at[i] - now_s)
    return waits, n_moved


def _is_down(failures: list[float], now_s: float) -> bool:
    return any(at_s <= now_s < at_s + RESTART_S for at_s in failures)


def _documents(load: Load, until_s: float, rng: random.Random) -> tuple[list[float], int]:
    """Workers take one document after the other, those of a dead one when its lease is over."""
    page_s = TEXT.encode_s + INDEX_S.value
    objects_s = (PUTS.value + PAGES_PER_DOCUMENT) * REQUEST_S.value
    failures = _failures(load, load.n_workers, until_s, rng)
    queue = [(at_s, at_s) for at_s in _arrivals(load.documents_per_hour / 3600, until_s, rng)]
    heapq.heapify(queue)  # (when it may be taken, when it came)
    workers = [(0.0, i) for i in range(load.n_workers)]
    heapq.heapify(workers)
    ages, n_indexed_again = [], 0
    while queue:
        ready_s, came_s = heapq.heappop(queue)
        free_s, i = heapq.heappop(workers)
        start_s = max(ready_s, free_s)
        work_s = objects_s + page_s * PAGES_PER_DOCUMENT * rng.uniform(0.2, 1.8)
        died_s = next((at_s for at_s in failures[i] if start_s <= at_s < start_s + work_s), None)
        if died_s is None:
            heapq.heappush(workers, (start_s + work_s, i))
            ages.append(start_s + work_s - came_s)
        else:
            n_indexed_again += 1
            heapq.heappush(queue, (died_s + LEASE_S, came_s))
            heapq.heappush(workers, (died_s + RESTART_S, i))
    return ages, n_indexed_again


def cost_rows() -> list[str]:
    """Return the table of unit costs."""
    pages = [
        f"| a page: {kind.name} | {kind.n_vectors} vectors, {1e3 * kind.encode_s:.3g} ms | {kind.source} |"
        for kind in (TEXT, VISUAL)
    ]
    costs = [f"| {cost.name} | {cost.value:,g} {cost.unit} | {cost.source} |" for cost in COSTS]
    return ["| what | figure | source |", "|---|---|---|", *pages, *costs]


def layout_rows() -> list[str]:
    """Return the table of what each layout takes, and costs a month."""
    rows = [
        "| pages | layout | disk | bucket | memory | euros a month |",
        "|---|---|---|---|---|---|",
    ]
    for kind in (TEXT, VISUAL):
        for n_pages in (1e6, 1e8, 1e9):
            for layout in layouts(kind):
                sizes = " | ".join(
                    f"{part * n_pages / 1e12:.3g} TB" if part else ""
                    for part in (layout.disk, layout.bucket, layout.memory)
                )
                euros = f"{layout.euros(n_pages):,.0f}"
                rows.append(f"| {kind.name}, {n_pages:,.0f} | {layout.name} | {sizes} | {euros} |")
    return rows


def _print_days() -> None:
    heads = ("processes", "pages", "searches a second", "documents an hour", "search p50, p95")
    heads += ("document p50, p95", "searches moved", "documents indexed again")
    print(f"\n| {' | '.join(heads)} |\n{'|---' * len(heads)}|")
    for load in (
        Load(1, 1, 5_000, 20, 60),
        Load(2, 2, 100_000, 25, 600),
        Load(2, 2, 100_000, 40, 600),  # more than they can do
        Load(3, 3, 100_000, 40, 1_200),
        Load(4, 8, 1_000_000, 15, 4_000),
        Load(16, 32, 1_000_000, 60, 16_000),
    ):
        day = day_of(load)
        cells = (
            f"{load.n_apis} API, {load.n_workers} workers",
            f"{load.n_pages:,.0f}",
            f"{load.searches_per_s:g}",
            f"{load.documents_per_hour:,g}",
            f"{_time(day.search_p50_s)}, {_time(day.search_p95_s)}",
            f"{_time(day.document_p50_s)}, {_time(day.document_p95_s)}",
            str(day.n_moved),
            str(day.n_indexed_again),
        )
        print(f"| {' | '.join(cells)} |")


def _time(seconds: float) -> str:
    if seconds >= 60:
        return f"{seconds / 60:.0f} min"
    return f"{seconds:.0f} s" if seconds >= 2 else f"{seconds * 1e3:.0f} ms"


def drawing() -> str:
    """Return what a month costs, by the number of pages, as SVG."""
    pages = [1e5, 1e6, 1e7, 1e8, 1e9]
    lines = [
        Line(f"{kind.name}: {layout.name}", [(n, layout.euros(n)) for n in pages], kind is TEXT)
        for kind in (TEXT, VISUAL)
        for layout in layouts(kind)
    ]
    title = "Euros a month for storage and memory, by unit costs"
    return log_log_svg(lines, title, "pages", "euros a month")


if __name__ == "__main__":
    print(*cost_rows(), "", *layout_rows(), sep="\n")
    _print_days()
    _PICTURE.write_text(drawing(), encoding="utf-8")
    print(f"\nindex memory of a million pages: {TEXT.n_vectors * TOKEN_BYTES.value / 1e3:.1f} GB")
