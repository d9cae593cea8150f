from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.base.pages import PageEmbedding, QueryEmbedding, boxes_from_fractions
from indexer.encoders.visual.patch_grid import grid_boxes
from retriever.errors import InvalidToken
from retriever.evidence.heatmap import LONG_SIDE_CELLS, grid_shape, heat_map, paint
from retriever.scoring.kernels import maxsim_f16
from tests.support.factories import unit_vectors

N_COLS, N_ROWS = 6, 8
PATCHES = PageEmbedding(
    unit_vectors(N_COLS * N_ROWS, seed=1).astype(np.float16), grid_boxes(N_COLS, N_ROWS)
)
ASPECT = N_COLS / N_ROWS


def query(vectors: np.ndarray, content: list[bool] | None = None) -> QueryEmbedding:
    mask = np.array(content if content is not None else [True] * len(vectors))
    names = tuple(f"t{i}" for i in range(len(vectors)))
    return QueryEmbedding(vectors.astype(np.float32), names, mask)


QUERY = query(unit_vectors(5, seed=2))


def test_the_hottest_cells_are_those_of_the_patch_that_the_token_looks_at() -> None:
    patch = 3 * N_COLS + 4
    asked = query(PATCHES.vectors[patch : patch + 1])
    grid = heat_map(asked, PATCHES, ASPECT, token=0).grid
    rows, cols = np.nonzero(grid == grid.max())
    assert (rows.min(), rows.max() + 1) == (48, 64)  # row 3 of 8, 128 cells high
    assert (cols.min(), cols.max() + 1) == (64, 80)  # column 4 of 6, 96 cells wide


def test_patches_cover_the_page_without_gap_and_without_overlap() -> None:
    values = np.arange(N_COLS * N_ROWS, dtype=np.float32)
    grid = paint(PATCHES.boxes, values, 128, 96)
    assert not np.isnan(grid).any()
    cells = np.unique(grid, return_counts=True)[1]
    assert set(cells) == {16 * 16}


def test_words_leave_the_margin_empty_and_a_thin_one_is_still_seen() -> None:
    boxes = boxes_from_fractions(np.array([[0.1, 0.1, 0.3, 0.1], [0.999, 0.999, 1, 1]]))
    grid = paint(boxes, np.array([1.0, 2.0], np.float32), 100, 100)
    assert np.isnan(grid[0, 0])
    assert (grid[10, 10:30] == 1).all()
    assert grid[99, 99] == 2


def test_where_boxes_overlap_the_hottest_wins() -> None:
    boxes = boxes_from_fractions(np.array([[0, 0, 0.5, 1], [0, 0, 1, 1]]))
    hot_first = paint(boxes, np.array([2.0, 1.0], np.float32), 4, 4)
    assert (hot_first[:, :2] == 2).all()
    assert (hot_first[:, 2:] == 1).all()


def test_one_token_shows_its_similarity_to_every_vector() -> None:
    heat = heat_map(QUERY, PATCHES, ASPECT, token=2)
    assert heat.values == pytest.approx(
        PATCHES.vectors.astype(np.float32) @ QUERY.vectors[2], abs=1e-6
    )


def test_all_tokens_by_max_leave_out_those_that_carry_no_words() -> None:
    asked = query(QUERY.vectors, [True, True, False, False, False])
    heat = heat_map(asked, PATCHES, ASPECT)
    singles = [heat_map(asked, PATCHES, ASPECT, token=n).values for n in (0, 1)]
    assert heat.values == pytest.approx(np.maximum(*singles))


@settings(deadline=None)
@given(st.integers(0, 1000))
def test_the_sum_of_the_map_is_the_exact_score_of_the_page(seed: int) -> None:
    page = PageEmbedding(unit_vectors(30, seed=seed).astype(np.float16), grid_boxes(5, 6))
    asked = query(unit_vectors(7, seed=seed + 5000))
    heat = heat_map(asked, page, 1.0, combine="sum")
    exact = maxsim_f16(asked.vectors, page.vectors, np.array([0, len(page.vectors)]))[0]
    assert heat.values.sum() == pytest.approx(exact, abs=1e-4)
    assert heat.score == pytest.approx(exact, abs=1e-3)
    assert sum(token.score for token in heat.tokens) == pytest.approx(exact, abs=1e-3)


@pytest.mark.parametrize("token", [-1, 5])
def test_a_token_that_the_query_does_not_have_is_refused(token: int) -> None:
    with pytest.raises(InvalidToken, match="its 5 tokens count from 0 to 4"):
        heat_map(QUERY, PATCHES, ASPECT, token=token)


def test_a_page_without_vectors_is_cold() -> None:
    blank = PageEmbedding(np.zeros((0, 8), np.float16), np.zeros((0, 4), np.uint16))
    heat = heat_map(QUERY, blank, ASPECT)
    assert heat.score == 0
    assert np.isnan(heat.grid).all()
    assert not heat.warmth().any()


def test_warmth_runs_from_the_page_s_coolest_to_its_hottest() -> None:
    warmth = heat_map(QUERY, PATCHES, ASPECT).warmth()
    assert (warmth.min(), warmth.max()) == (0, 1)
    one = PageEmbedding(PATCHES.vectors[:1], boxes_from_fractions(np.array([[0, 0, 0.5, 1]])))
    assert heat_map(QUERY, one, 1.0).warmth()[0, [0, -1]].tolist() == [1, 0]


@pytest.mark.parametrize("aspect", [0.001, 0.7, 1, 1.4, 1000])
def test_cells_are_about_square_however_long_the_page_is(aspect: float) -> None:
    rows, cols = grid_shape(aspect)
    assert max(rows, cols) == LONG_SIDE_CELLS
    assert min(rows, cols) == max(1, round(LONG_SIDE_CELLS * min(aspect, 1 / aspect)))
