from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.backends.vlm.visual_budget import CellGrid, VisualBudget, fit_grid, share_out
from generator.errors import PromptTooLong

SIDES = st.integers(1, 6000)
SIZES = st.tuples(SIDES, SIDES)


@given(
    st.lists(SIZES, max_size=12),
    st.sampled_from([28, 32]),
    st.integers(100, 5000),
    st.integers(4, 300),
)
def test_all_pages_together_never_exceed_the_budget_and_none_its_own_limit(
    sizes: list[tuple[int, int]], cell_px: int, total: int, least: int
) -> None:
    budget = VisualBudget(total, least, max_page_px=768 * 28 * 28)
    if len(sizes) > total // least:
        with pytest.raises(PromptTooLong):
            share_out(sizes, cell_px, budget)
        return
    grids = share_out(sizes, cell_px, budget)
    assert len(grids) == len(sizes)
    assert sum(grid.tokens for grid in grids) <= total
    for grid in grids:
        assert 1 <= grid.tokens <= max(budget.max_page_px // cell_px**2, least)


def test_small_pages_keep_what_they_have_and_large_ones_share_the_rest() -> None:
    small, large = (280, 560), (1680, 2240)
    grids = share_out([large, small, large], 28, VisualBudget(1000, 50))
    assert grids[1] == CellGrid(rows=20, columns=10)
    assert grids[0] == grids[2]
    assert 2 * grids[0].tokens + 200 <= 1000
    assert grids[0].tokens > 350  # (1000 - 200) / 2, rounded down to whole rows and columns


def test_a_page_alone_gets_its_limit_and_not_the_whole_budget() -> None:
    (grid,) = share_out([(3000, 4000)], 28, VisualBudget(4096, 128, max_page_px=768 * 28 * 28))
    assert 730 <= grid.tokens <= 768
    assert abs(grid.columns / grid.rows - 3 / 4) < 0.03


def test_a_tiny_page_is_enlarged_to_about_the_least() -> None:
    (grid,) = share_out([(60, 80)], 28, VisualBudget(4096, 128))
    assert 100 <= grid.tokens <= 128
    assert grid.rows > grid.columns


def test_more_pages_than_can_be_read_are_refused_with_the_number_that_can() -> None:
    with pytest.raises(PromptTooLong, match=r"9 page images.*at most 8 pages.*VISUAL_TOKEN_BUDGET"):
        share_out([(800, 1000)] * 9, 28, VisualBudget(1024, 128))


def test_no_pages_need_no_budget() -> None:
    assert share_out([], 28, VisualBudget(1, 1)) == []


@given(st.integers(28, 4000), st.integers(28, 4000), st.integers(64, 2000))
def test_a_page_is_rounded_as_the_models_own_processor_rounds_it(
    width: int, height: int, max_tokens: int
) -> None:
    """Up to strips, which that processor lets exceed its limit."""
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

    if max(width / height, height / width) > 20:
        return
    grid = fit_grid(width, height, 28, max_tokens)
    expected = smart_resize(height, width, 28, 28 * 28, max_tokens * 28 * 28)
    assert (grid.rows * 28, grid.columns * 28) == expected


@pytest.mark.parametrize("size", [(20_000, 10), (10, 20_000), (1, 1)])
def test_a_strip_is_squeezed_into_its_share(size: tuple[int, int]) -> None:
    grid = fit_grid(*size, 28, 64, 16)
    assert 1 <= grid.tokens <= 64
