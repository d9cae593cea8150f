"""Page image sizes and the share of images, without a document."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.inputs.pdf.pages.geometry import coverage, size_px
from indexer.inputs.sandbox.frames import RenderRequest

REQUEST = RenderRequest(
    media_type="application/pdf",
    max_pages=10,
    first_page=1,
    page_dpi=120,
    max_page_px=4_000_000,
    max_side_px=8_000,
    page_cpu_s=10,
    memory_bytes=1024**3,
)
POINTS = st.floats(0.01, 1e6)


def test_a_letter_page_has_the_pixels_of_its_resolution() -> None:
    assert size_px(612, 792, REQUEST) == (1020, 1320)


def test_a_giant_page_is_scaled_down_in_proportion() -> None:
    width, height = size_px(14_400, 7_200, REQUEST)
    assert width * height <= REQUEST.max_page_px
    assert width / height == pytest.approx(2, rel=0.01)


@settings(deadline=None)  # a deadline would be a wall time
@given(POINTS, POINTS, st.integers(1, 600), st.integers(1, 10**7), st.integers(1, 10**4))
def test_no_page_exceeds_the_caps_or_vanishes(
    width: float, height: float, dpi: int, max_page_px: int, max_side_px: int
) -> None:
    request = REQUEST._replace(page_dpi=dpi, max_page_px=max_page_px, max_side_px=max_side_px)
    width_px, height_px = size_px(width, height, request)
    assert 1 <= width_px <= max_side_px
    assert 1 <= height_px <= max_side_px
    assert width_px * height_px <= max_page_px


@pytest.mark.parametrize("width", [0.0, -1.0, float("inf"), float("nan")])
def test_a_page_without_an_area_has_no_image(width: float) -> None:
    with pytest.raises(ValueError, match="no area"):
        size_px(width, 100, REQUEST)


def test_images_that_overlap_are_counted_once() -> None:
    assert coverage([(0, 0, 50, 100), (25, 0, 75, 100)], 100, 100) == 0.75


def test_images_count_only_as_far_as_they_are_on_the_page() -> None:
    assert coverage([(-50, -50, 500, 500)], 100, 100) == 1.0
    assert coverage([(200, 0, 300, 100)], 100, 100) == 0.0


def test_an_image_without_a_place_counts_nothing() -> None:
    nan = float("nan")
    assert coverage([(nan, nan, nan, nan)], 100, 100) == 0.0


@pytest.mark.parametrize(
    ("box", "share"),
    [
        ((0, 100, 100, 200), 0.5),  # the lower half
        ((50, 0, 100, 200), 0.5),  # the right half
        ((25, 50, 75, 150), 0.25),  # the middle
        ((50, 150, 100, 200), 0.125),  # the corner below on the right
    ],
)
def test_an_image_covers_only_what_lies_between_its_edges(
    box: tuple[float, float, float, float], share: float
) -> None:
    assert coverage([box], width=100, height=200) == share
