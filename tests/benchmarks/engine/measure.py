"""Times one engine: build or open its index, tune each mode on one half, report on the other."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.engine.client import EngineFailed, EngineProcess, EngineTooSlow
from tests.benchmarks.engine.protocol import ENGINES, Settings
from tests.benchmarks.engine.truth import Truth

K = 10
WANTED_RECALL = 0.99  # of the tuning queries: the fastest setting that reaches it is reported


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds that one engine may take; a search over budget is cut short, a build is given up."""

    build_s: float = 900
    tune_s: float = 30
    search_s: float = 60

    def hard_s(self, budget_s: float) -> float:
        """One search cannot be interrupted: a process that is this late is ended."""
        return 3 * budget_s + 120


@dataclass(slots=True)
class Row:
    """One line of the report. Times by query number, in milliseconds; `note` says why there are none.

    ratio, cpu_ratio   of this row's median times to those of our row `against`, timed beside it
    """

    engine: str
    mode: str
    n_pages: int
    settings: Settings = field(default_factory=dict)
    build_s: float | None = None
    build_cpu_s: float | None = None
    bytes_per_page: float | None = None
    tuning_recall: float | None = None
    recall: dict[int, float] = field(default_factory=dict)
    ms: dict[int, float] = field(default_factory=dict)
    cpu_ms: dict[int, float] = field(default_factory=dict)
    load: float = 0.0
    ratio: float | None = None
    cpu_ratio: float | None = None
    against: str = ""
    note: str = ""

    @property
    def name(self) -> str:
        return f"{self.engine} {self.mode}".strip()

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Task:
    """One engine over one corpus, and what to ask it."""

    name: str
    python: Path
    corpus: Path
    n_pages: int
    truth: Truth
    tuning: Sequence[int]
    reporting: Sequence[int]
    threads: int
    passes: int
    limits: Limits


class Measured:
    """An open engine, its modes tuned; it can be timed more than once."""

    def __init__(self, task: Task, process: EngineProcess) -> None:
        self._task, self._process = task, process
        self._folder = index_folder(task)
        self._built = _ensure_built(task, process, self._folder)
        self._opened = process.ask({"do": "open"}, task.limits.build_s)
        self._chosen: dict[str, tuple[Settings, float | None]] = {}
        for mode, tried in self._opened["modes"].items():
            if tried:
                self._chosen[mode] = self._tune(mode, tried)

    def rows(self) -> Iterator[Row]:
        """A freshly timed row for each mode, on the reporting queries."""
        task = self._task
        for mode, (settings, recall) in self._chosen.items():
            row = Row(task.name, mode, task.n_pages, settings, **self._built)
            row.bytes_per_page = self._opened["bytes_per_page"]
            row.tuning_recall = recall
            self._time(row)
            yield row

    def _time(self, row: Row) -> None:
        task = self._task
        answer = self._search(
            task.reporting, row.mode, row.settings, task.limits.search_s, task.passes
        )
        row.load = os.getloadavg()[0]
        asked = task.reporting[: len(answer["ids"])]
        row.ms = dict(zip(asked, answer["ms"], strict=True))
        row.cpu_ms = dict(zip(asked, answer["cpu_ms"], strict=True))
        row.recall = self._recall(asked, answer["ids"])

    def _tune(self, mode: str, tried: Sequence[Settings]) -> tuple[Settings, float | None]:
        if len(tried) == 1:
            return tried[0], None
        outcomes = []
        for settings in tried:
            answer = self._search(self._task.tuning, mode, settings, self._task.limits.tune_s, 1)
            asked = self._task.tuning[: len(answer["ids"])]
            recall = float(np.mean(list(self._recall(asked, answer["ids"]).values())))
            outcomes.append((recall, float(np.median(answer["ms"])), settings))
            print(f"    tuning {mode} {dict(settings)}: recall {recall:.3f}, ", end="")
            print(f"{outcomes[-1][1]:.1f} ms", flush=True)
        enough = [one for one in outcomes if one[0] >= WANTED_RECALL]
        # Where no setting is good enough, the best recall; of several such, the fastest.
        chosen = min(enough or outcomes, key=lambda one: (0 if enough else -one[0], one[1]))
        return chosen[2], chosen[0]

    def _search(
        self,
        queries: Sequence[int],
        mode: str,
        settings: Settings,
        budget_s: float,
        passes: int,
    ) -> dict[str, Any]:
        asked = {"do": "search", "queries": list(queries), "k": K, "mode": mode}
        asked |= {"settings": dict(settings), "budget_s": budget_s, "passes": passes}
        return self._process.ask(asked, self._task.limits.hard_s(budget_s))

    def _recall(self, asked: Sequence[int], ids: Sequence[Sequence[int]]) -> dict[int, float]:
        pairs = zip(asked, ids, strict=True)
        return {query: self._task.truth.recall(query, found, K) for query, found in pairs}


def start(task: Task) -> EngineProcess:
    folder = index_folder(task)
    return EngineProcess(task.python, task.name, task.corpus, task.n_pages, folder, task.threads)


def index_folder(task: Task) -> Path:
    name = f"{task.name}-v{ENGINES[task.name].version}-{task.n_pages}"
    return task.corpus / "indexes" / name / "index"


def _ensure_built(task: Task, process: EngineProcess, folder: Path) -> Mapping[str, float]:
    """Build times; an index that an earlier run finished is used again, with its times.

    A build that an earlier run gave up is tried again only when it is given more time.
    """
    record = folder.parent / "built.json"
    known = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
    if task.limits.build_s <= known.get("gave_up_after_s", 0):
        raise EngineFailed(f"not built within {known['gave_up_after_s']:.0f} s")
    if "build_s" not in known:
        shutil.rmtree(folder.parent, ignore_errors=True)
        folder.mkdir(parents=True)
        try:
            known = process.ask({"do": "build"}, task.limits.build_s)
        except EngineTooSlow:
            shutil.rmtree(folder)
            record.write_text(json.dumps({"gave_up_after_s": task.limits.build_s}))
            raise
        record.write_text(json.dumps(known), encoding="utf-8")
    return {"build_s": known["build_s"], "build_cpu_s": known["build_cpu_s"]}


def measure(task: Task) -> list[Row]:
    """All rows of one engine; one row with a note when it fails."""
    try:
        with start(task) as process:
            return list(Measured(task, process).rows())
    except EngineFailed as failure:
        return [Row(task.name, "", task.n_pages, note=str(failure), load=os.getloadavg()[0])]
