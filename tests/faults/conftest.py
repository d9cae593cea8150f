"""What the fault trials share: a zygote for each test process, prepared folders, and figures at the end.

`make test` runs an even sample of every kind of trial; `make faults` (FAULTS=all) runs all of them, which
takes hours; FAULTS=35 runs up to so many of each test.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest

from tests.faults.zygote import Zygote

FAULTS = os.environ.get("FAULTS", "")
ALL = FAULTS == "all"
Trial = TypeVar("Trial")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All trials of one kind are one test, which takes its time."""
    for item in items:
        if "tests/faults" in item.nodeid:
            item.add_marker(pytest.mark.timeout(7200 if FAULTS else 600))


@pytest.fixture(scope="session")
def zygote() -> Iterator[Zygote]:
    zygote = Zygote()
    yield zygote
    zygote.close()


@pytest.fixture(scope="session")
def trials_folder(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where prepared folders and the one of the trial that runs lie."""
    return str(tmp_path_factory.mktemp("trials"))


class Tally:
    """Counts trials and gathers what the oracle says; `assert_none` ends the test."""

    def __init__(self, record: Any, kind: str) -> None:
        self._record = record
        self._kind = kind
        self.n_trials = 0
        self.violations: list[str] = []

    def add(self, trial: str, sentences: Sequence[str]) -> None:
        self.n_trials += 1
        self.violations += [f"{trial}: {sentence}" for sentence in sentences]

    def close(self) -> None:
        self._record(self._kind, (self.n_trials, len(self.violations)))

    def assert_none(self) -> None:
        assert self.n_trials > 0
        assert not self.violations, "\n".join(self.violations[:40])


@pytest.fixture
def tally(request: pytest.FixtureRequest, record_property: Any) -> Iterator[Tally]:
    """Its kind is the name of the module: `test_kills` counts kills."""
    kind = Path(str(request.node.path)).stem.removeprefix("test_").replace("_", " ")
    tally = Tally(record_property, kind)
    yield tally
    tally.close()


def at_most(n_quick: int, n_all: int) -> int:
    """Return how many trials a test makes: n_quick in `make test`, n_all in `make faults`."""
    return min(int(FAULTS), n_all) if FAULTS.isdigit() else n_all if ALL else n_quick


def sample(trials: Sequence[Trial], n_quick: int) -> Sequence[Trial]:
    """Return all of them, or in `make test` about n_quick, evenly spread."""
    n = at_most(n_quick, len(trials))
    if len(trials) <= n:
        return trials
    step = len(trials) / n
    return [trials[int((i + 0.5) * step)] for i in range(n)]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print how many trials there were of each kind, and how many broke a promise."""
    n_trials: Counter[str] = Counter()
    n_violations: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            for kind, value in getattr(report, "user_properties", ()):
                if "tests/faults" in getattr(report, "nodeid", "") and report.when == "teardown":
                    n_trials[kind] += value[0]
                    n_violations[kind] += value[1]
    for kind in sorted(n_trials):
        line = f"faults, {kind}: {n_trials[kind]} trials, {n_violations[kind]} violations"
        terminalreporter.write_line(line)
