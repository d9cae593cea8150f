"""What several callers bring is encoded together, and what is wrong with one is told to that one."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

import pytest

from api.base.errors import Overloaded
from api.encoding.encoding_metrics import EncodingMetrics
from api.encoding.shared_batches import SharedBatches
from indexer.base.errors import EncoderUnavailable


class Doubler:
    """Doubles numbers, waits at the first of each batch until it may go on, and refuses negative ones."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.began = threading.Semaphore(0)
        self.may_go_on = threading.Semaphore(0)

    def __call__(self, numbers: Sequence[int]) -> list[int]:
        self.batches.append(list(numbers))
        self.began.release()
        assert self.may_go_on.acquire(timeout=600)
        if min(numbers) < 0:
            raise EncoderUnavailable("a page does not fit")
        return [2 * number for number in numbers]


@pytest.fixture
def doubler() -> Doubler:
    return Doubler()


@pytest.fixture
def batches(doubler: Doubler) -> Iterator[SharedBatches[int, int]]:
    metrics = EncodingMetrics().of("pages")
    batches = SharedBatches(doubler, metrics, max_batch=4, max_waiting=6)
    yield batches
    doubler.may_go_on.release(100)
    batches.close()


def test_what_waits_is_encoded_together_in_order_up_to_a_batch(
    doubler: Doubler, batches: SharedBatches[int, int]
) -> None:
    first = batches.submit([1])
    doubler.began.acquire(timeout=600)  # the others wait behind it
    others = [batches.submit([2, 3]), batches.submit([4]), batches.submit([5, 6, 7])]
    doubler.may_go_on.release(3)
    assert first.result(600) == [2]
    assert [other.result(600) for other in others] == [[4, 6], [8], [10, 12, 14]]
    assert doubler.batches == [[1], [2, 3, 4], [5, 6, 7]]


def test_what_the_encoder_cannot_take_fails_alone(
    doubler: Doubler, batches: SharedBatches[int, int]
) -> None:
    first = batches.submit([1])
    doubler.began.acquire(timeout=600)
    bad, good = batches.submit([2, -1]), batches.submit([3])
    doubler.may_go_on.release(4)
    assert first.result(600) == [2] and good.result(600) == [6]
    with pytest.raises(EncoderUnavailable, match="does not fit"):
        bad.result(600)


def test_more_than_may_wait_is_refused_with_the_time_to_come_back(
    doubler: Doubler, batches: SharedBatches[int, int]
) -> None:
    running = batches.submit([1])
    doubler.began.acquire(timeout=600)
    waiting = [batches.submit([2, 3, 4]), batches.submit([5, 6, 7])]
    with pytest.raises(Overloaded, match="6 pages wait") as refusal:
        batches.submit([8])
    assert refusal.value.retry_after_s >= 1
    waiting[0].cancel()  # its caller has gone: it is not encoded
    doubler.may_go_on.release(2)
    assert running.result(600) == [2] and waiting[1].result(600) == [10, 12, 14]
    assert doubler.batches == [[1], [5, 6, 7]]


def test_what_waits_at_the_end_is_still_encoded(
    doubler: Doubler, batches: SharedBatches[int, int]
) -> None:
    results = [batches.submit([1]), batches.submit([2])]
    doubler.may_go_on.release(2)
    batches.close()
    assert [result.result(0) for result in results] == [[2], [4]]
    with pytest.raises(Overloaded):
        batches.submit([3])
