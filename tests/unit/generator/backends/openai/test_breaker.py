"""The circuit breaker, the retries, and work in the background."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from threading import Event

import pytest

from generator.backends.openai.background import in_background
from generator.backends.openai.breaker import CircuitBreaker
from generator.backends.openai.retries import Retries, read_retry_after
from generator.errors import BackendUnreachable

PATIENCE_S = 20.0


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> CircuitBreaker:
    """One that has just opened."""
    opened = CircuitBreaker(max_failures=2, pause_s=30, clock=clock)
    for _ in range(2):
        opened.enter()
        opened.record_failure()
    return opened


def test_it_stays_closed_while_failures_do_not_follow_each_other() -> None:
    breaker = CircuitBreaker(max_failures=2)
    for end in (
        breaker.record_failure,
        breaker.record_success,
        breaker.record_failure,
        breaker.abandon,
    ):
        breaker.enter()
        end()
    breaker.enter()


def test_only_an_open_one_is_in_trouble(breaker: CircuitBreaker, clock: Clock) -> None:
    assert CircuitBreaker().unavailable_reason() == ""
    clock.now += 10
    assert "failed 2 times in a row: it is tried again in 20 s" in breaker.unavailable_reason()
    clock.now += 20
    breaker.enter()  # to be asked costs no try
    breaker.record_success()
    assert breaker.unavailable_reason() == ""


def test_an_open_one_says_when_it_tries_again(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 10
    with pytest.raises(BackendUnreachable, match=r"2 times in a row.*in 20 s"):
        breaker.enter()


def test_after_the_pause_one_request_tries_and_the_others_wait(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    clock.now += 30
    breaker.enter()
    with pytest.raises(BackendUnreachable):
        breaker.enter()


def test_a_successful_try_closes_it(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 30
    breaker.enter()
    breaker.record_success()
    for _ in range(3):
        breaker.enter()


def test_a_failed_try_opens_it_for_another_pause(breaker: CircuitBreaker, clock: Clock) -> None:
    clock.now += 30
    breaker.enter()
    breaker.record_failure()
    clock.now += 29
    with pytest.raises(BackendUnreachable):
        breaker.enter()


def test_a_try_that_was_cancelled_lets_the_next_one_try(
    breaker: CircuitBreaker, clock: Clock
) -> None:
    clock.now += 30
    breaker.enter()
    breaker.abandon()
    breaker.enter()


def test_waits_double_and_chance_takes_off_up_to_a_half() -> None:
    retries = Retries(max_attempts=9, first_wait_s=1.0, max_wait_s=5.0)
    longest = [retries.wait_s(n, luck=lambda: 1.0) for n in (1, 2, 3, 4)]
    shortest = [retries.wait_s(n, luck=lambda: 0.0) for n in (1, 2, 3, 4)]
    assert longest == [1, 2, 4, 5]
    assert shortest == [0.5, 1, 2, 2.5]


def test_no_wait_is_shorter_than_the_server_asks_for() -> None:
    retries = Retries(max_attempts=3, first_wait_s=1.0, max_retry_after_s=20.0)
    assert retries.wait_s(1, 7.0, lambda: 0.0) == 7.0
    assert retries.wait_s(1, 7.0, lambda: 1.0) == 7.5
    assert retries.wait_s(1, 21.0) is None
    assert retries.wait_s(3) is None


@pytest.mark.parametrize(
    ("header", "seconds"),
    [(None, None), ("12", 12), ("0.5", 0.5), ("-3", 0), ("soon", None), ("nan", None),
     ("Wed, 01 Jan 2025 00:00:30 GMT", 30), ("Tue, 31 Dec 2024 00:00:00 GMT", 0)],
)  # fmt: skip
def test_retry_after_is_read_in_seconds_and_as_a_date(
    header: str | None, seconds: float | None
) -> None:
    assert read_retry_after(header, datetime(2025, 1, 1, tzinfo=UTC)) == seconds


class Work:
    """Emits "a", then waits for ever; knows when it was stopped."""

    def __init__(self) -> None:
        self.stopped = Event()

    async def __call__(self, emit: Callable[[str], None]) -> None:
        emit("a")
        try:
            await asyncio.Event().wait()
        finally:
            self.stopped.set()


def test_work_is_stopped_when_it_is_cancelled_although_nobody_takes_its_items() -> None:
    work, cancelled = Work(), Event()
    items = in_background(work, cancelled.is_set)
    assert next(items) == "a"
    cancelled.set()
    assert work.stopped.wait(PATIENCE_S)
    assert list(items) == []


def test_work_is_stopped_when_its_items_are_not_wanted_any_more() -> None:
    work = Work()
    items = in_background(work, lambda: False)
    assert next(items) == "a"
    items.close()
    assert work.stopped.wait(PATIENCE_S)


def test_the_error_of_the_work_comes_behind_its_items() -> None:
    async def work(emit: Callable[[str], None]) -> None:
        emit("a")
        raise LookupError("of the work")

    items = in_background(work, lambda: False)
    assert next(items) == "a"
    with pytest.raises(LookupError, match="of the work"):
        next(items)
