"""Work that is repeated in a thread: rounds, errors, and an end in every case."""

from __future__ import annotations

import logging
import threading
from threading import Event

import pytest

from indexer.base.periodic_task import PeriodicTask
from tests.support.waiting import PATIENCE_S, wait_until

NEVER_S = 10 * PATIENCE_S  # no test lives to see such a round


def n_threads() -> int:
    return sum(thread.name == "test task" for thread in threading.enumerate())


def test_rounds_follow_one_another_until_the_end() -> None:
    rounds: list[int] = []
    with PeriodicTask(0.001, lambda: rounds.append(1), name="test task"):
        wait_until(lambda: len(rounds) >= 3)
        assert n_threads() == 1
    n_rounds = len(rounds)
    assert n_threads() == 0
    assert not Event().wait(0.02) and len(rounds) == n_rounds


def test_the_first_round_waits_its_time() -> None:
    with PeriodicTask(NEVER_S, lambda: pytest.fail("worked"), name="test task"):
        assert not Event().wait(0.02)


@pytest.mark.parametrize("every_s", [NEVER_S, None])
def test_a_task_that_is_woken_works_at_once(every_s: float | None) -> None:
    rounds: list[int] = []
    task = PeriodicTask(every_s, lambda: rounds.append(1), name="test task")
    task.wake()  # before the start: the first round does not wait
    with task:
        wait_until(lambda: len(rounds) == 1)
        task.wake()
        wait_until(lambda: len(rounds) == 2)
    assert len(rounds) == 2


def test_waking_during_a_round_asks_for_one_more_and_not_for_many() -> None:
    began, go_on, rounds = Event(), Event(), list[int]()

    def work() -> None:
        rounds.append(1)
        began.set()
        assert go_on.wait(PATIENCE_S)

    with PeriodicTask(NEVER_S, work, name="test task") as task:
        task.wake()
        assert began.wait(PATIENCE_S)
        for _ in range(5):
            task.wake()
        go_on.set()
        wait_until(lambda: len(rounds) == 2)
        assert not Event().wait(0.02)
    assert len(rounds) == 2


def test_leaving_waits_for_the_round_under_way() -> None:
    began, order = Event(), list[str]()

    def work() -> None:
        began.set()
        wait_until(lambda: task.stopping)
        order.append("worked")

    task = PeriodicTask(NEVER_S, work, name="test task")
    with task:
        task.wake()
        assert began.wait(PATIENCE_S)
    order.append("left")
    assert order == ["worked", "left"] and n_threads() == 0


def test_a_round_that_does_not_end_is_left_behind_after_a_limit() -> None:
    began, go_on = Event(), Event()

    def work() -> None:
        began.set()
        go_on.wait(PATIENCE_S)

    with PeriodicTask(NEVER_S, work, name="test task", close_s=0.01) as task:
        task.wake()
        assert began.wait(PATIENCE_S)
    assert n_threads() == 1 and all(
        thread.daemon for thread in threading.enumerate() if thread.name == "test task"
    )
    go_on.set()
    task.join(PATIENCE_S)
    assert n_threads() == 0


def test_a_pause_within_a_round_ends_with_the_task() -> None:
    began = Event()

    def work() -> None:
        began.set()
        task.pause(NEVER_S)

    task = PeriodicTask(NEVER_S, work, name="test task")
    with task:
        task.wake()
        assert began.wait(PATIENCE_S)
    assert n_threads() == 0


def test_the_work_can_stop_its_own_task() -> None:
    rounds: list[int] = []

    def work() -> None:
        rounds.append(1)
        task.stop()

    task = PeriodicTask(0.001, work, name="test task")
    task.start()
    task.join(PATIENCE_S)
    assert rounds == [1] and n_threads() == 0


def test_a_task_that_was_stopped_before_its_start_never_works() -> None:
    task = PeriodicTask(0.0, lambda: pytest.fail("worked"), name="test task")
    task.stop()
    task.start()
    task.join(PATIENCE_S)
    assert n_threads() == 0


def test_an_error_is_handed_over_and_the_next_round_comes() -> None:
    errors: list[Exception] = []
    rounds: list[int] = []

    def work() -> None:
        rounds.append(1)
        raise OSError(f"round {len(rounds)}")

    with PeriodicTask(0.001, work, name="test task", on_error=errors.append):
        wait_until(lambda: len(errors) >= 2)
    assert [str(error) for error in errors[:2]] == ["round 1", "round 2"]
    assert len(errors) == len(rounds)


def test_without_a_handler_an_error_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def work() -> None:
        raise OSError("of the work")

    with PeriodicTask(0.001, work, name="test task"):
        wait_until(lambda: bool(caplog.records))
    record = caplog.records[0]
    assert record.levelno == logging.ERROR and "test task" in record.getMessage()
    assert record.exc_info and str(record.exc_info[1]) == "of the work"


@pytest.mark.parametrize("fails", [False, True])
def test_the_end_is_told_once_in_the_thread_of_the_work(fails: bool) -> None:
    told: list[str] = []

    def work() -> None:
        if fails:
            raise OSError

    task = PeriodicTask(
        0.001,
        work,
        name="test task",
        on_error=lambda _: None,
        on_end=lambda: told.append(threading.current_thread().name),
    )
    with task:
        assert not Event().wait(0.02)
        assert told == []
    task.stop()
    assert told == ["test task"]


def test_an_error_at_the_end_is_not_lost_either() -> None:
    errors: list[Exception] = []

    def end() -> None:
        raise OSError("at the end")

    task = PeriodicTask(NEVER_S, lambda: None, name="test task", on_error=errors.append, on_end=end)
    with task:
        pass
    assert [str(error) for error in errors] == ["at the end"]


def test_it_can_run_in_the_thread_that_calls_it() -> None:
    threads: list[threading.Thread] = []

    def work() -> None:
        threads.append(threading.current_thread())
        task.stop()

    task = PeriodicTask(0.001, work, name="test task")
    task.run()
    assert threads == [threading.current_thread()]


def test_a_thread_that_the_process_must_wait_for_is_no_daemon() -> None:
    task = PeriodicTask(NEVER_S, lambda: None, name="test task")
    task.start(daemon=False)
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "test task")
    assert not thread.daemon
    task.stop()
    task.join(PATIENCE_S)
