"""Which segments are merged."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from indexer.maintenance.merge_plan import FRESH_PAGES, INDEXED_PAGES, MANY_FRESH, plan_merge


def plan(*sizes: int, eager: bool = False) -> list[int]:
    live = {f"{i:03}": size for i, size in enumerate(sizes)}
    return [live[name] for name in plan_merge(live, live, eager=eager)]


def test_a_few_small_segments_are_left_alone() -> None:
    assert plan(*[30] * (MANY_FRESH - 1)) == []


def test_many_small_segments_become_one() -> None:
    assert plan(*[30] * MANY_FRESH) == [30] * MANY_FRESH


def test_small_segments_that_together_deserve_an_index_become_one() -> None:
    assert plan(INDEXED_PAGES - 1900, 1900) == [INDEXED_PAGES - 1900, 1900]
    assert plan(INDEXED_PAGES - 1901, 1900) == []


def test_a_large_segment_is_not_rewritten_for_a_few_pages() -> None:
    assert plan(50_000, *[30] * MANY_FRESH) == [30] * MANY_FRESH
    assert plan(50_000, 40) == []


def test_a_large_segment_joins_when_the_others_bring_half_of_its_pages() -> None:
    fresh = FRESH_PAGES - 1
    assert plan(2 * fresh, fresh) == [fresh, 2 * fresh]
    assert plan(2 * fresh + 1, fresh) == []


def test_one_segment_is_left_alone() -> None:
    assert plan(50) == plan(50, eager=True) == plan(90_000, eager=True) == []


def test_asked_for_it_two_small_segments_are_merged() -> None:
    assert plan(10, 20, eager=True) == [10, 20]


def test_a_segment_that_is_mostly_deleted_is_rewritten() -> None:
    assert plan_merge({"a": 70, "b": 500}, {"a": 100, "b": 500}) == ["a"]
    assert plan_merge({"a": 80, "b": 500}, {"a": 100, "b": 500}) == []
    assert plan_merge({"a": 99}, {"a": 100}, eager=True) == ["a"]


def test_segments_without_a_live_page_are_not_merged_into_nothing() -> None:
    assert plan_merge({"a": 0, "b": 0}, {"a": 5, "b": 5}, eager=True) == []


@given(st.lists(st.integers(1, 40), min_size=1, max_size=400))
def test_pages_are_rewritten_a_logarithmic_number_of_times(batches: list[int]) -> None:
    """Documents come one by one: what merging writes stays within a small factor of what there is."""
    live: dict[str, int] = {}
    n_written = 0
    for n, pages in enumerate(batches):
        live[f"d{n}"] = pages * 100
        while names := plan_merge(live, live):
            n_merged = sum(live.pop(name) for name in names)
            live[f"m{n}-{len(live)}"] = n_merged
            n_written += n_merged
    total = sum(live.values())
    assert len(live) <= MANY_FRESH + math.log2(total)
    assert n_written <= total * (2 + math.log2(total))
