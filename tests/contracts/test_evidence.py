"""Evidence of every kind of vector on every kind of page: its boxes lie on words of the page."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from indexer.base.layout import BlockKind
from indexer.base.pages import BOX_SCALE, PageEmbedding, PageWords, QueryEmbedding
from indexer.encoders.visual.patch_grid import grid_boxes
from retriever.evidence.regions import evidence_regions
from tests.support.factories import unit_vectors
from tests.support.laid_out import Part, block, field, page_of, plain_table

TEXT_KINDS = (BlockKind.TEXT, BlockKind.HEADING, BlockKind.LIST_ITEM, BlockKind.PAGE_FOOTER)
LINES = st.integers(1, 14).map(lambda n: "\n".join(f"word{i} of line" for i in range(n)))
PARTS: st.SearchStrategy[Part] = st.one_of(
    st.builds(block, st.sampled_from(TEXT_KINDS), LINES),
    st.builds(field, st.just("Date of birth"), st.sampled_from(["", "1 May 1970"])),
    st.integers(1, 5).map(lambda n: plain_table(*[[f"row{i}", "", f"{i} kg"] for i in range(n)])),
)
PAGES = st.lists(PARTS, min_size=1, max_size=6).map(lambda parts: page_of(*parts))
N_COLS, N_ROWS = 8, 11


def by_words(words: PageWords, seed: int) -> PageEmbedding:
    return PageEmbedding(unit_vectors(len(words), seed=seed).astype(np.float16), words.boxes)


def by_patches(words: PageWords, seed: int) -> PageEmbedding:
    vectors = unit_vectors(N_COLS * N_ROWS, seed=seed).astype(np.float16)
    return PageEmbedding(vectors, grid_boxes(N_COLS, N_ROWS))


@pytest.mark.parametrize("embedded", [by_words, by_patches])
@settings(deadline=None, max_examples=40)
@given(words=PAGES, seed=st.integers(0, 1000))
def test_regions_of_a_layout_lie_on_words_and_share_the_score(
    embedded: object, words: PageWords, seed: int
) -> None:
    assert callable(embedded)
    vectors = unit_vectors(6, seed=seed + 5000)
    query = QueryEmbedding(vectors, ("t",) * 6, np.ones(6, bool))
    regions = evidence_regions(query, embedded(words, seed), words)
    assert 1 <= len(regions) <= 5
    assert [r.evidence.score for r in regions] == sorted(
        (r.evidence.score for r in regions), reverse=True
    )
    assert 0 < sum(region.evidence.score for region in regions) <= 1.001
    for region in regions:
        if region.start == region.stop:
            assert embedded is by_patches  # nothing of the layout is under what matched
            continue
        corners = words.boxes[region.start : region.stop] / BOX_SCALE
        x0, y0, x1, y1 = region.evidence.box
        assert x0 == pytest.approx(corners[:, 0].min(), abs=1e-4)
        assert y0 == pytest.approx(corners[:, 1].min(), abs=1e-4)
        assert x1 == pytest.approx(corners[:, 2].max(), abs=1e-4)
        assert y1 == pytest.approx(corners[:, 3].max(), abs=1e-4)
    spans = sorted((r.start, r.stop) for r in regions if r.stop > r.start)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
