"""Calls that wait together are answered together, and each with its own result."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from retriever.shared_passes import SharedPasses


class Gate:
    """Work that tells what it was given, and waits for leave where it is closed."""

    def __init__(self, *, closed: bool) -> None:
        self.groups: list[tuple[str, list[int]]] = []
        self.begun = threading.Event()
        self.leave = threading.Event()
        if not closed:
            self.leave.set()

    def __call__(self, key: str, asked: Sequence[int]) -> list[int]:
        self.groups.append((key, list(asked)))
        self.begun.set()
        assert self.leave.wait(30)
        if -1 in asked:
            raise ValueError("a bad question")
        return [one * 10 for one in asked]


@pytest.fixture
def pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(64)


def waiting(passes: SharedPasses[str, int, int], n: int, key: str = "c") -> None:
    """Returns when `n` calls wait for the next pass."""
    with passes._changed:
        assert passes._changed.wait_for(lambda: len(passes._waiting.get(key, ())) == n, 30)


def company(
    gate: Gate, passes: SharedPasses[str, int, int], pool: ThreadPoolExecutor, asked: Sequence[int]
) -> list[Future[int]]:
    """Calls that all came while the first was being answered."""
    calls = [pool.submit(passes, "c", 0)]
    assert gate.begun.wait(30)
    for n, one in enumerate(asked, start=1):
        calls.append(pool.submit(passes, "c", one))
        waiting(passes, n)
    gate.leave.set()
    return calls


def test_a_call_alone_waits_for_nobody() -> None:
    gate = Gate(closed=False)
    assert SharedPasses(gate)("c", 4) == 40
    assert gate.groups == [("c", [4])]


def test_calls_that_come_meanwhile_share_the_next_pass(pool: ThreadPoolExecutor) -> None:
    gate = Gate(closed=True)
    calls = company(gate, SharedPasses(gate), pool, [1, 2, 3])
    assert [call.result(30) for call in calls] == [0, 10, 20, 30]
    assert gate.groups == [("c", [0]), ("c", [1, 2, 3])]


def test_a_group_never_grows_beyond_the_most(pool: ThreadPoolExecutor) -> None:
    gate = Gate(closed=True)
    calls = company(gate, SharedPasses(gate, most=2), pool, [1, 2, 3, 4, 5])
    assert [call.result(30) for call in calls] == [0, 10, 20, 30, 40, 50]
    assert [len(asked) for _, asked in gate.groups] == [1, 2, 2, 1]


def test_other_pages_are_another_pass_and_do_not_wait(pool: ThreadPoolExecutor) -> None:
    gate = Gate(closed=True)
    passes = SharedPasses(gate)
    first = pool.submit(passes, "c", 1)
    assert gate.begun.wait(30)
    gate.begun.clear()
    second = pool.submit(passes, "d", 2)
    assert gate.begun.wait(30)
    gate.leave.set()
    assert (first.result(30), second.result(30)) == (10, 20)


def test_a_bad_question_fails_alone(pool: ThreadPoolExecutor) -> None:
    gate = Gate(closed=True)
    calls = company(gate, SharedPasses(gate), pool, [1, -1, 3])
    with pytest.raises(ValueError, match="bad question"):
        calls[2].result(30)
    assert [calls[i].result(30) for i in (0, 1, 3)] == [0, 10, 30]


def test_many_threads_each_get_their_own_answer(pool: ThreadPoolExecutor) -> None:
    passes = SharedPasses(Gate(closed=False), most=3)
    asked = list(range(500))
    keys = ["c", "d", "e"]
    calls = [pool.submit(passes, keys[one % 3], one) for one in asked]
    assert [call.result(30) for call in calls] == [one * 10 for one in asked]
    assert passes._waiting == {} and passes._busy == set()
