from __future__ import annotations

from collections.abc import Sequence
from threading import Event, Lock

from generator.backends.model_thread import ModelThread
from tests.support.vlm_prompts import wait_for_model_threads
from tests.support.waiting import PATIENCE_S


def test_what_waits_is_taken_together_up_to_the_limit_oldest_first() -> None:
    batches: list[list[int]] = []
    began, go = Event(), Event()

    def work(batch: Sequence[int]) -> None:
        began.set()
        assert go.wait(PATIENCE_S)
        batches.append(list(batch))

    thread = ModelThread[int](work, max_batch=3)
    thread.submit(0)
    assert began.wait(PATIENCE_S)
    for item in range(1, 6):
        thread.submit(item)
    go.set()
    wait_for_model_threads()
    assert batches == [[0], [1, 2, 3], [4, 5]]


def test_the_work_is_never_done_twice_at_once_and_nothing_is_lost() -> None:
    done: list[int] = []
    at_work = Lock()

    def work(batch: Sequence[int]) -> None:
        assert at_work.acquire(blocking=False)
        done.extend(batch)
        at_work.release()

    thread = ModelThread[int](work, max_batch=2)
    for item in range(200):
        thread.submit(item)
    wait_for_model_threads()
    assert done == list(range(200))
