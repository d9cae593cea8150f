"""Work in a thread, its results on the loop: order, back-pressure, errors, and an end in every case."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Generator
from threading import Event
from typing import Any

import pytest

from api.base.logs import request_id
from api.http.streams import threaded_stream
from api.http.streams.threaded_stream import MAX_AHEAD, ThreadedStream

PATIENCE_S = 20.0


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 60))


def counting(n: int, closed: Event | None = None) -> Generator[int]:
    try:
        yield from range(n)
    finally:
        if closed is not None:
            closed.set()


async def rest(pump: ThreadedStream[Any]) -> list[Any]:
    found: list[Any] = []
    while (batch := await pump.batch(PATIENCE_S)) is not None:
        found += batch
        await pump.gather()
    return found


def test_everything_comes_in_order() -> None:
    async def work() -> None:
        assert await rest(ThreadedStream(counting(5000))) == list(range(5000))
        assert await rest(ThreadedStream(counting(0))) == []

    run(work())


def test_the_work_waits_for_a_slow_reader() -> None:
    made: list[int] = []

    def working() -> Generator[int]:
        for i in range(10 * MAX_AHEAD):
            made.append(i)
            yield i

    async def work() -> None:
        pump = ThreadedStream(working())
        await pump.wait_for_first()
        before = -1
        while len(made) != before:  # until it has come to a stop
            before = len(made)
            await asyncio.sleep(0.05)
        assert len(made) == MAX_AHEAD + 1
        assert await rest(pump) == list(range(10 * MAX_AHEAD))

    run(work())


def test_an_error_comes_after_what_came_before_it() -> None:
    def failing() -> Generator[int]:
        yield 1
        raise KeyError("x")

    async def work() -> None:
        pump = ThreadedStream(failing())
        found = []
        with pytest.raises(KeyError):
            while (batch := await pump.batch(PATIENCE_S)) is not None:
                found += batch
        assert found == [1]

    run(work())


def test_an_error_before_the_first_result_is_told_at_the_beginning() -> None:
    def failing() -> Generator[int]:
        raise KeyError("x")
        yield 1

    async def work() -> None:
        with pytest.raises(KeyError):
            await ThreadedStream(failing()).wait_for_first()

    run(work())


def test_silence_is_an_empty_batch() -> None:
    release = Event()

    def slow() -> Generator[int]:
        yield 1
        release.wait(PATIENCE_S)
        yield 2

    async def work() -> None:
        pump = ThreadedStream(slow())
        assert await pump.batch(PATIENCE_S) == [1]
        assert await pump.batch(0.01) == []
        release.set()
        assert await rest(pump) == [2]

    run(work())


@pytest.mark.parametrize("n_read", [0, 1])
def test_leaving_closes_the_work_though_it_waits_for_its_reader(n_read: int) -> None:
    closed, gone, ended = Event(), Event(), []

    async def work() -> None:
        pump = ThreadedStream(counting(100_000, closed), gone, lambda: ended.append(True))
        if n_read:
            await pump.batch(PATIENCE_S)
        pump.leave()
        assert await asyncio.to_thread(closed.wait, PATIENCE_S)
        assert gone.is_set()
        while not ended:
            await asyncio.sleep(0.01)

    run(work())
    assert ended == [True]


def test_nothing_is_left_of_many_that_were_left() -> None:
    n_threads = threading.active_count()

    async def work() -> None:
        pumps = [ThreadedStream(counting(100_000)) for _ in range(50)]
        for pump in pumps:
            await pump.batch(PATIENCE_S)
            pump.leave()
        while threaded_stream.ThreadedStream.n_running > before:
            await asyncio.sleep(0.01)

    before = threaded_stream.ThreadedStream.n_running
    run(work())
    for thread in threading.enumerate():
        if thread.name == "answer":
            thread.join(PATIENCE_S)
    assert threading.active_count() <= n_threads


def test_the_work_knows_its_request() -> None:
    def told() -> Generator[str]:
        yield request_id.get()

    async def work() -> None:
        request_id.set("abc")
        assert await rest(ThreadedStream(told())) == ["abc"]

    run(work())
