"""Which segments are merged."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from indexer.maintenance.compaction import FRESH_PAGES, INDEXED_PAGES, MANY_FRESH, plan


def planned(*sizes: int, eager: bool = False) -> list[int]:
    live = {f"{i:03}": size for i, size in enumerate(sizes)}
    return [live[name] for name in plan(live, live, eager=eager)]


def test_a_few_small_segments_are_left_alone() -> None:
    assert planned(*[30] * (MANY_FRESH - 1)) == []


def test_many_small_segments_become_one() -> None:
    assert planned(*[30] * MANY_FRESH) == [30] * MANY_FRESH


def test_small_segments_that_together_deserve_an_index_become_one() -> None:
    assert planned(INDEXED_PAGES - 1900, 1900) == [INDEXED_PAGES - 1900, 1900]
    assert planned(INDEXED_PAGES - 1901, 1900) == []


def test_a_large_segment_is_not_rewritten_for_a_few_pages() -> None:
    assert planned(50_000, *[30] * MANY_FRESH) == [30] * MANY_FRESH
    assert planned(50_000, 40) == []


def test_a_large_segment_joins_when_the_others_bring_half_of_its_pages() -> None:
    most = FRESH_PAGES - 1
    assert planned(2 * most, most) == [most, 2 * most]
    assert planned(2 * most + 1, most) == []


def test_one_segment_is_left_alone() -> None:
    assert planned(50) == planned(50, eager=True) == planned(90_000, eager=True) == []


def test_asked_for_it_two_small_segments_are_merged() -> None:
    assert planned(10, 20, eager=True) == [10, 20]


def test_a_segment_that_is_mostly_deleted_is_rewritten() -> None:
    assert plan({"a": 70, "b": 500}, {"a": 100, "b": 500}) == ["a"]
    assert plan({"a": 80, "b": 500}, {"a": 100, "b": 500}) == []
    assert plan({"a": 99}, {"a": 100}, eager=True) == ["a"]


def test_segments_without_a_live_page_are_not_merged_into_nothing() -> None:
    assert plan({"a": 0, "b": 0}, {"a": 5, "b": 5}, eager=True) == []


@given(st.lists(st.integers(1, 40), min_size=1, max_size=400))
def test_pages_are_rewritten_a_logarithmic_number_of_times(batches: list[int]) -> None:
    """Documents come one by one: what merging writes stays within a small factor of what there is."""
    live: dict[str, int] = {}
    written = 0
    for n, pages in enumerate(batches):
        live[f"d{n}"] = pages * 100
        while chosen := plan(live, live):
            merged = sum(live.pop(name) for name in chosen)
            live[f"m{n}-{len(live)}"] = merged
            written += merged
    total = sum(live.values())
    assert len(live) <= MANY_FRESH + math.log2(total)
    assert written <= total * (2 + math.log2(total))
