"""Slots and their queue: who works, who waits, who is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest

from api.base.errors import Overloaded
from api.base.settings import Settings
from api.http.limits.concurrency import Admission, ConcurrencyLimiter, Slot


def limiter_of(
    n_slots: int = 2, n_waiting: int = 2, max_wait_s: float = 60.0
) -> ConcurrencyLimiter:
    return ConcurrencyLimiter("answers", n_slots, n_waiting, max_wait_s)


def run(work: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(work, 30))


async def queued(limiter: ConcurrencyLimiter, n: int) -> list[asyncio.Task[Slot]]:
    tasks = [asyncio.create_task(limiter.take()) for _ in range(n)]
    await asyncio.sleep(0)
    return tasks


def test_who_comes_first_is_served_first() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 3)
        held = await limiter.take()
        waiting = await queued(limiter, 3)
        for task in waiting:
            assert [one.done() for one in waiting].count(True) == waiting.index(task)
            held.release()
            held = await task
        assert (limiter.n_taken, limiter.n_queued) == (1, 0)
        held.release()
        assert limiter.n_taken == 0

    run(work())


def test_who_is_on_the_way_counts_until_it_takes_its_place() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 1)

        async def request(go: asyncio.Event) -> Slot:
            with limiter.expecting():
                await go.wait()
                return await limiter.take()

        go = asyncio.Event()
        coming = [asyncio.create_task(request(go)) for _ in range(2)]
        await asyncio.sleep(0)
        assert (limiter.n_coming, limiter.n_taken, limiter.full) == (2, 0, True)
        go.set()
        held = await coming[0]
        await asyncio.sleep(0)
        assert (limiter.n_coming, limiter.n_taken, limiter.n_queued, limiter.full) == (
            0,
            1,
            1,
            True,
        )
        held.release()
        (await coming[1]).release()
        assert not limiter.full

    run(work())


def test_who_turns_back_on_the_way_counts_no_more() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 0)
        with pytest.raises(ValueError, match="a bad key"), limiter.expecting():
            assert limiter.full
            raise ValueError("a bad key")
        assert (limiter.n_coming, limiter.full) == (0, False)
        with limiter.expecting():
            (await limiter.take()).release()
            (await limiter.take()).release()  # the second one is no longer on the way
        assert limiter.n_coming == 0

    run(work())


def test_one_more_than_fits_is_refused_at_once_and_counted() -> None:
    async def work() -> None:
        limiter = limiter_of()
        held = [await limiter.take() for _ in range(2)]
        assert not limiter.full
        waiting = await queued(limiter, 2)
        assert limiter.full
        with pytest.raises(Overloaded) as refused:
            await limiter.take()
        assert refused.value.retry_after_s >= 1 and limiter.n_refused == 1
        for one in held:
            one.release()
        for task in waiting:
            (await task).release()
        assert (limiter.n_taken, limiter.n_queued, limiter.full) == (0, 0, False)

    run(work())


def test_a_newcomer_does_not_pass_the_queue() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 2)
        held = await limiter.take()
        (first,) = await queued(limiter, 1)
        held.release()  # the place is the first one's now, though its task has not run yet
        (second,) = await queued(limiter, 1)
        assert first.done() and not second.done()
        (await first).release()
        (await second).release()

    run(work())


def test_who_waits_too_long_is_refused_and_leaves_no_trace() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 2, max_wait_s=0.01)
        held = await limiter.take()
        with pytest.raises(Overloaded):
            await limiter.take()
        assert limiter.n_queued == 0
        held.release()
        assert limiter.n_taken == 0

    run(work())


def test_who_goes_away_in_the_queue_frees_the_place_also_when_its_turn_has_just_come() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 2)
        held = await limiter.take()
        first, second = await queued(limiter, 2)
        first.cancel()
        await asyncio.sleep(0)
        assert limiter.n_queued == 1
        held.release()  # second's turn, and in the same moment it goes, too
        second.cancel()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert (limiter.n_taken, limiter.n_queued) == (0, 0)

    run(work())


def test_a_place_is_given_back_once() -> None:
    async def work() -> None:
        limiter = limiter_of(2)
        one, _ = await limiter.take(), await limiter.take()
        one.release()
        one.release()
        assert limiter.n_taken == 1
        with pytest.raises(ZeroDivisionError), await limiter.take():
            1 / 0  # noqa: B018
        assert limiter.n_taken == 1

    run(work())


def test_a_wait_that_would_be_too_long_is_refused_when_it_begins() -> None:
    async def work() -> None:
        limiter = limiter_of(1, 100, max_wait_s=10.0)
        held = await limiter.take()
        limiter._turn_s = 4.0  # so it went lately
        waiting = await queued(limiter, 2)
        assert limiter.full
        with pytest.raises(Overloaded) as refused:
            await limiter.take()
        assert refused.value.retry_after_s == 12
        held.release()
        for task in waiting:
            (await task).release()
        assert limiter.n_taken == 0 and not limiter.full

    run(work())


def test_the_time_to_come_back_has_a_limit() -> None:
    limiter = limiter_of(1, 100)
    limiter._turn_s = 1e6
    assert limiter.turn_away() == 60


def test_how_many_answers_depends_on_what_writes_them() -> None:
    def answers(**settings: Any) -> int:
        made = Admission(Settings(_env_file=None, **settings))  # type: ignore[call-arg]
        return made.answers._n_slots

    assert answers(generator="openai") == 256
    assert answers(generator="qwen2-vl", vlm_batch_size=3) == 12
    assert answers(generator="extractive") >= 2
    assert answers(generator="openai", max_answers=7) == 7
