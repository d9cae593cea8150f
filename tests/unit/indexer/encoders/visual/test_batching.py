"""Batches by visual tokens, and memory that runs out."""

from __future__ import annotations

import threading

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.visual.batching import TokenBudget, plan_batches

lengths_of_pages = st.lists(st.integers(1, 800), max_size=40)


@given(lengths_of_pages, st.integers(1, 4000))
def test_every_page_is_planned_once_and_padding_counts(lengths: list[int], budget: int) -> None:
    batches = plan_batches(lengths, range(len(lengths)), budget)
    assert sorted(i for batch in batches for i in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[i] for i in batch)
        assert padded <= budget or len(batch) == 1


def test_the_longest_pages_go_first() -> None:
    assert plan_batches([10, 700, 30], range(3), 1) == [[1], [2], [0]]


@given(lengths_of_pages, st.integers(800, 4000), st.integers(800, 2000))
def test_running_out_of_memory_loses_and_doubles_no_page(
    lengths: list[int], budget: int, memory: int
) -> None:
    encoded: list[int] = []

    def encode(batch: list[int]) -> list[int]:
        if len(batch) * max(lengths[i] for i in batch) > memory:
            raise torch.OutOfMemoryError("simulated")
        encoded.extend(batch)
        return [10 * i for i in batch]

    results = TokenBudget(budget).run(lengths, list, encode)
    assert results == [10 * i for i in range(len(lengths))]
    assert sorted(encoded) == list(range(len(lengths)))


def test_out_of_memory_halves_the_budget_and_it_stays_halved() -> None:
    sizes: list[int] = []

    def encode(batch: list[int]) -> list[int]:
        sizes.append(len(batch))
        if len(batch) > 4:
            raise torch.OutOfMemoryError("simulated")
        return batch

    budget = TokenBudget(8 * 700)
    budget.run([700] * 10, list, encode)
    assert sizes == [8, 4, 4, 2]
    assert budget.tokens == 4 * 700
    budget.run([700] * 5, list, encode)
    assert sizes[4:] == [4, 1]


def test_a_page_that_does_not_fit_alone_is_an_error_that_says_what_to_do() -> None:
    def encode(batch: list[int]) -> list[int]:
        raise torch.OutOfMemoryError("simulated")

    with pytest.raises(EncoderUnavailable, match=r"768 visual tokens .* use device cpu"):
        TokenBudget(4096).run([768, 5], list, encode)


def test_another_error_is_not_taken_for_a_lack_of_memory() -> None:
    def encode(batch: list[int]) -> list[int]:
        raise RuntimeError("shapes differ")

    with pytest.raises(RuntimeError, match="shapes differ"):
        TokenBudget(4096).run([5], list, encode)


def test_the_next_batch_is_prepared_while_one_is_encoded() -> None:
    """Each batch's encoding waits until the one after it is ready: without overlap it would wait for ever."""
    prepared = [threading.Event() for _ in range(4)]

    def prepare(batch: list[int]) -> int:
        prepared[batch[0]].set()
        return batch[0]

    def encode(index: int) -> list[int]:
        if index < 3:
            assert prepared[index + 1].wait(600), "the next batch was not prepared meanwhile"
        assert not any(event.is_set() for event in prepared[index + 2 :]), "more than one ahead"
        return [index]

    assert TokenBudget(700).run([700] * 4, prepare, encode) == [0, 1, 2, 3]


def test_an_error_of_preparing_comes_out_after_the_batches_before_it() -> None:
    encoded: list[int] = []

    def prepare(batch: list[int]) -> list[int]:
        if batch == [2]:
            raise OSError("image file is truncated")
        return batch

    def encode(batch: list[int]) -> list[int]:
        encoded.extend(batch)
        return batch

    with pytest.raises(OSError, match="truncated"):
        TokenBudget(700).run([700] * 4, prepare, encode)
    assert encoded == [0, 1]
