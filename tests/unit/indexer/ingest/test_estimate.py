from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from indexer.ingest.estimate import spread
from indexer.ingest.forecast import (
    Count,
    CountedFile,
    Estimate,
    PageSeconds,
    SampledPage,
)
from indexer.inputs.sources import Source
from indexer.maintenance.compaction import COPIED_PAGES


def files(*pages: int) -> list[CountedFile]:
    return [CountedFile(Source(Path(f"{i}.pdf"), f"{i}.pdf"), n, 100) for i, n in enumerate(pages)]


def places(found: list[tuple[CountedFile, int]]) -> list[tuple[str, int]]:
    return [(file.source.name, number) for file, number in found]


def test_samples_are_spread_evenly_over_the_pages_of_all_files() -> None:
    assert places(spread(files(12, 0, 78, 10), 5)) == [
        ("0.pdf", 11),
        ("2.pdf", 19),
        ("2.pdf", 39),
        ("2.pdf", 59),
        ("3.pdf", 1),
    ]


@given(st.lists(st.integers(0, 30), max_size=8))
def test_samples_are_different_pages_that_exist(pages: list[int]) -> None:
    found = spread(files(*pages), 5)
    assert len(found) == min(5, sum(pages))
    assert len(set(places(found))) == len(found)
    assert all(1 <= number <= file.n_pages for file, number in found)


def test_an_estimate_is_the_samples_times_the_pages() -> None:
    count = Count(tuple(files(10, 30)), (), 0, open_s=2.0)
    samples = tuple(
        SampledPage("0.pdf", n, 10, vector_bytes=n * 100, image_bytes=n * 1000, text_bytes=n * 10,
                    pixel_bytes=1, text_source="text")
        for n in (1, 2, 3)
    )  # fmt: skip
    found = Estimate(
        count, samples, PageSeconds(0.1, 0.2, 0.5, 0.4), load_s=5.0, peak_memory_bytes=9
    )
    assert found.seconds == 5.0 + 2.0 + 40 * 0.7
    assert (found.vector_bytes, found.image_bytes, found.text_bytes) == (8_000, 80_000, 800)
    assert found.original_bytes == 200


def test_int8_copies_are_counted_from_the_pages_on_that_have_them() -> None:
    sample = SampledPage("0.pdf", 1, 10, vector_bytes=10 * (2 * 128 + 8), image_bytes=1, text_bytes=1,
                         pixel_bytes=1, text_source="text")  # fmt: skip

    def derived(n_pages: int, int8_copies: bool) -> int:
        count = Count(tuple(files(n_pages)), (), 0, 0.0)
        found = Estimate(count, (sample,), PageSeconds(), 0.0, 0, int8_copies)
        return found.derived_bytes

    assert derived(COPIED_PAGES, True) == COPIED_PAGES * 10 * 128
    assert derived(COPIED_PAGES - 1, True) == derived(COPIED_PAGES, False) == 0
