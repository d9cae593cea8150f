"""Calls that wait together are answered together, and each with its own result."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar

import pytest

from retriever.query.shared_passes import SharedPasses
from tests.support.waiting import wait_until

AT_ONCE = 4


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
        assert self.leave.wait(600)
        if -1 in asked:
            raise ValueError("a bad question")
        return [one * 10 for one in asked]


@pytest.fixture
def gate() -> Iterator[Gate]:
    closed = Gate(closed=True)
    yield closed
    closed.leave.set()


def company(
    gate: Gate, passes: SharedPasses[str, int, int], asked: Sequence[int]
) -> list[Future[int]]:
    """Calls that all came while the first was being answered."""
    first = passes("c", 0)
    assert gate.begun.wait(600)
    return [first, *(passes("c", one) for one in asked)]


def answers(calls: Sequence[Future[int]]) -> list[int]:
    return [call.result(30) for call in calls]


def test_a_call_alone_waits_for_nobody() -> None:
    gate = Gate(closed=False)
    assert SharedPasses(gate, AT_ONCE)("c", 4).result(30) == 40
    assert gate.groups == [("c", [4])]


def test_calls_that_come_meanwhile_share_the_next_pass(gate: Gate) -> None:
    calls = company(gate, SharedPasses(gate, AT_ONCE), [1, 2, 3])
    gate.leave.set()
    assert answers(calls) == [0, 10, 20, 30]
    assert gate.groups == [("c", [0]), ("c", [1, 2, 3])]


def test_a_group_never_grows_beyond_the_most(gate: Gate) -> None:
    calls = company(gate, SharedPasses(gate, AT_ONCE, max_group=2), [1, 2, 3, 4, 5])
    gate.leave.set()
    assert answers(calls) == [0, 10, 20, 30, 40, 50]
    assert [len(asked) for _, asked in gate.groups] == [1, 2, 2, 1]


def test_other_pages_are_another_pass_and_do_not_wait(gate: Gate) -> None:
    passes = SharedPasses(gate, AT_ONCE)
    first = passes("c", 1)
    assert gate.begun.wait(600)
    gate.begun.clear()
    second = passes("d", 2)
    assert gate.begun.wait(600)
    gate.leave.set()
    assert answers([first, second]) == [10, 20]


def test_no_more_passes_run_at_a_time_than_were_allowed(gate: Gate) -> None:
    passes = SharedPasses(gate, at_once=2)
    calls = [passes(key, 1) for key in "abcd"] + [passes("a", 2)]
    wait_until(lambda: len(gate.groups) == 2)
    assert passes._busy == {"a", "b"}
    assert set(passes._waiting) == {"a", "c", "d"}
    gate.leave.set()
    assert answers(calls) == [10, 10, 10, 10, 20]


def test_pages_that_many_ask_for_leave_room_for_others(gate: Gate) -> None:
    passes = SharedPasses(gate, at_once=1, max_group=1)
    calls = [passes("popular", one) for one in range(4)] + [passes("rare", 9)]
    gate.leave.set()
    assert answers(calls) == [0, 10, 20, 30, 90]
    assert [key for key, _ in gate.groups].index("rare") == 2


def test_a_bad_question_fails_alone(gate: Gate) -> None:
    calls = company(gate, SharedPasses(gate, AT_ONCE), [1, -1, 3])
    gate.leave.set()
    with pytest.raises(ValueError, match="bad question"):
        calls[2].result(30)
    assert answers([calls[i] for i in (0, 1, 3)]) == [0, 10, 30]


def test_what_nobody_waits_for_any_more_is_not_run(gate: Gate) -> None:
    calls = company(gate, SharedPasses(gate, AT_ONCE), [1, 2])
    assert calls[1].cancel()
    gate.leave.set()
    assert answers([calls[0], calls[2]]) == [0, 20]
    assert gate.groups == [("c", [0]), ("c", [2])]


def test_a_pass_knows_the_request_that_it_is_for() -> None:
    request: ContextVar[str] = ContextVar("request")
    passes = SharedPasses[str, int, str](lambda _, asked: [request.get()] * len(asked), AT_ONCE)
    request.set("of this test")
    assert passes("c", 1).result(30) == "of this test"


def test_many_threads_each_get_their_own_answer() -> None:
    passes = SharedPasses(Gate(closed=False), AT_ONCE, max_group=3)
    keys = ["c", "d", "e"]
    with ThreadPoolExecutor(32) as threads:
        found = threads.map(lambda one: passes(keys[one % 3], one).result(30), range(500))
        assert list(found) == [one * 10 for one in range(500)]
    wait_until(lambda: not passes._busy)
    assert passes._waiting == {}
