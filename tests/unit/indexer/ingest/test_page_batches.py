"""How many pages are encoded at once."""

from __future__ import annotations

import pytest
from PIL import Image

from indexer.base.pages import PageWords, RenderedPage
from indexer.ingest.page_batches import StoredPage, page_batches


def pages(n: int, side_px: int = 4) -> list[StoredPage]:
    image = Image.new("RGB", (side_px, side_px))
    return [
        StoredPage(RenderedPage(i + 1, "", 612.0, 792.0, image, PageWords()), "") for i in range(n)
    ]


@pytest.mark.parametrize(
    ("n", "most", "expected"),
    [(0, 16, []), (3, 16, [3]), (70, 16, [4, 8, 16, 16, 16, 10]), (9, 2, [2, 2, 2, 2, 1]), (1, 1, [1])],
)  # fmt: skip
def test_windows_double_up_to_the_encoders_own(n: int, most: int, expected: list[int]) -> None:
    found = list(page_batches(pages(n), most))
    assert [len(batch) for batch in found] == expected
    numbers = [page.rendered_page.page_number for batch in found for page in batch]
    assert numbers == list(range(1, n + 1))


def test_large_pages_end_a_window_early() -> None:
    """16 pages of 4 megapixels are 200 MB, whatever the encoder would take."""
    found = [len(batch) for batch in page_batches(pages(80, side_px=2_048), 64)]
    assert max(found) == 16
    assert sum(found) == 80
