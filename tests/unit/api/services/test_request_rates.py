"""Rates of API keys: one bucket for all processes, which fills evenly."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from api.base.errors import TooManyRequests
from api.services import request_rates
from api.services.request_rates import RequestRates
from indexer.base.errors import CatalogUnavailable
from indexer.catalog.database import Database
from tests.support.postgres import new_database


class Moment:
    """A clock that stands still, for the catalog and the process alike."""

    def __init__(self) -> None:
        self.s = 0.0

    def of_catalog(self, _: object) -> datetime:
        return datetime(2026, 11, 27, 12, tzinfo=UTC) + timedelta(seconds=self.s)

    def monotonic(self) -> float:
        return self.s


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    clock = Moment()
    monkeypatch.setattr(request_rates, "time", clock)
    return clock


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Database:
    if request.param == "sqlite":
        return Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    return Database(new_database(request.getfixturevalue("postgres_server")))


def n_granted(processes: list[RequestRates], n_asked: int, key_id: str = "a") -> int:
    n = 0
    for i in range(n_asked):
        try:
            processes[i % len(processes)].take(key_id)
            n += 1
        except TooManyRequests:
            pass
    return n


def test_three_processes_together_let_through_what_one_would(
    database: Database, moment: Moment
) -> None:
    processes = [RequestRates(database, 60, moment.of_catalog) for _ in range(3)]
    assert n_granted(processes, 200) == 60
    with pytest.raises(TooManyRequests) as refused:
        processes[0].take("a")
    assert refused.value.retry_after_s == pytest.approx(1.0)
    assert n_granted(processes[:1], 3, "b") == 3  # another key's are its own
    moment.s = 0.5
    assert n_granted(processes, 3) == 0
    moment.s = 10.0
    assert n_granted(processes, 60) == 10
    moment.s = 10_000.0
    assert n_granted(processes, 200) == 60  # no more than a minute's worth is saved up


def test_who_keeps_to_the_rate_is_never_refused(database: Database, moment: Moment) -> None:
    processes = [RequestRates(database, 60, moment.of_catalog) for _ in range(3)]
    for n in range(130):
        moment.s = float(n)
        processes[n % 3].take("a")


def test_threads_of_several_processes_count_each_request_once(database: Database) -> None:
    processes = [RequestRates(database, 100, lambda _: Moment().of_catalog(None)) for _ in range(3)]
    with ThreadPoolExecutor(6) as threads:
        counts = threads.map(lambda process: n_granted([process], 60), processes * 2)
    assert sum(counts) == 100


def test_a_catalog_that_cannot_be_written_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")
    rates = RequestRates(database, 20)

    def refuse(**_: object) -> None:
        raise CatalogUnavailable("locked")

    monkeypatch.setattr(database, "writing", refuse)
    assert n_granted([rates], 50) == 50
