"""ConcurrencyLimiter and their queue: who works, who waits, who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from api.base.errors import Overloaded
from api.base.settings import Settings
from api.http.admission import Admission, ConcurrencyLimiter, Slot


def places(n_places: int = 2, n_waiting: int = 2, max_wait_s: float = 60.0) -> ConcurrencyLimiter:
    return ConcurrencyLimiter("answers", n_places, n_waiting, max_wait_s)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


async def queued(of: ConcurrencyLimiter, n: int) -> list[asyncio.Task[Slot]]:
    tasks = [asyncio.create_task(of.take()) for _ in range(n)]
    await asyncio.sleep(0)
    return tasks


def test_who_comes_first_is_served_first() -> None:
    async def work() -> None:
        of = places(1, 3)
        held = await of.take()
        waiting = await queued(of, 3)
        for task in waiting:
            assert [one.done() for one in waiting].count(True) == waiting.index(task)
            held.release()
            held = await task
        assert (of.n_taken, of.n_queued) == (1, 0)
        held.release()
        assert of.n_taken == 0

    run(work())


def test_who_is_on_the_way_counts_until_it_takes_its_place() -> None:
    async def work() -> None:
        of = places(1, 1)

        async def request(go: asyncio.Event) -> Slot:
            with of.expecting():
                await go.wait()
                return await of.take()

        go = asyncio.Event()
        coming = [asyncio.create_task(request(go)) for _ in range(2)]
        await asyncio.sleep(0)
        assert (of.n_coming, of.n_taken, of.full) == (2, 0, True)
        go.set()
        held = await coming[0]
        await asyncio.sleep(0)
        assert (of.n_coming, of.n_taken, of.n_queued, of.full) == (0, 1, 1, True)
        held.release()
        (await coming[1]).release()
        assert not of.full

    run(work())


def test_who_turns_back_on_the_way_counts_no_more() -> None:
    async def work() -> None:
        of = places(1, 0)
        with pytest.raises(ValueError, match="a bad key"), of.expecting():
            assert of.full
            raise ValueError("a bad key")
        assert (of.n_coming, of.full) == (0, False)
        with of.expecting():
            (await of.take()).release()
            (await of.take()).release()  # the second one is no longer on the way
        assert of.n_coming == 0

    run(work())


def test_one_more_than_fits_is_refused_at_once_and_counted() -> None:
    async def work() -> None:
        of = places()
        held = [await of.take() for _ in range(2)]
        assert not of.full
        waiting = await queued(of, 2)
        assert of.full
        with pytest.raises(Overloaded) as refused:
            await of.take()
        assert refused.value.retry_after_s >= 1 and of.n_refused == 1
        for one in held:
            one.release()
        for task in waiting:
            (await task).release()
        assert (of.n_taken, of.n_queued, of.full) == (0, 0, False)

    run(work())


def test_a_newcomer_does_not_pass_the_queue() -> None:
    async def work() -> None:
        of = places(1, 2)
        held = await of.take()
        (first,) = await queued(of, 1)
        held.release()  # the place is the first one's now, though its task has not run yet
        (second,) = await queued(of, 1)
        assert first.done() and not second.done()
        (await first).release()
        (await second).release()

    run(work())


def test_who_waits_too_long_is_refused_and_leaves_no_trace() -> None:
    async def work() -> None:
        of = places(1, 2, max_wait_s=0.01)
        held = await of.take()
        with pytest.raises(Overloaded):
            await of.take()
        assert of.n_queued == 0
        held.release()
        assert of.n_taken == 0

    run(work())


def test_who_goes_away_in_the_queue_frees_the_place_also_when_its_turn_has_just_come() -> None:
    async def work() -> None:
        of = places(1, 2)
        held = await of.take()
        first, second = await queued(of, 2)
        first.cancel()
        await asyncio.sleep(0)
        assert of.n_queued == 1
        held.release()  # second's turn, and in the same moment it goes, too
        second.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (of.n_taken, of.n_queued) == (0, 0)

    run(work())


def test_a_place_is_given_back_once() -> None:
    async def work() -> None:
        of = places(2)
        one, _ = await of.take(), await of.take()
        one.release()
        one.release()
        assert of.n_taken == 1
        with pytest.raises(ZeroDivisionError), await of.take():
            1 / 0  # noqa: B018
        assert of.n_taken == 1

    run(work())


def test_a_wait_that_would_be_too_long_is_refused_when_it_begins() -> None:
    async def work() -> None:
        of = places(1, 100, max_wait_s=10.0)
        held = await of.take()
        of._turn_s = 4.0  # so it went lately
        waiting = await queued(of, 2)
        assert of.full
        with pytest.raises(Overloaded) as refused:
            await of.take()
        assert refused.value.retry_after_s == 12
        held.release()
        for task in waiting:
            (await task).release()
        assert of.n_taken == 0 and not of.full

    run(work())


def test_the_time_to_come_back_has_a_limit() -> None:
    of = places(1, 100)
    of._turn_s = 1e6
    assert of.turn_away() == 60


def test_how_many_answers_depends_on_what_writes_them() -> None:
    def answers(**settings: Any) -> int:
        made = Admission(Settings(_env_file=None, **settings))  # type: ignore[call-arg]
        return made.answers._n_places

    assert answers(generator="openai") == 256
    assert answers(generator="qwen2-vl", vlm_batch_size=3) == 12
    assert answers(generator="extractive") >= 2
    assert answers(generator="openai", max_answers=7) == 7
