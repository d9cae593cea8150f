"""Evidence on pages with a layout: whole rows, paragraphs, lines and pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest

from indexer.base.layout import BlockKind
from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding, enclosing, fraction_box
from retriever.evidence.area_evidence import MAX_AREAS
from retriever.evidence.hit_builder import snippet
from retriever.evidence.regions import evidence_regions
from tests.support.laid_out import block, field, page_of, plain_table, table

DIM = 6
QUERY = QueryEmbedding(np.eye(DIM, dtype=np.float32)[:3], ("t",) * 3, np.array([True, True, False]))


def embedded(words: PageWords, looks: Mapping[str, int]) -> PageEmbedding:
    """A vector for each word: that of a token of the query, or one that matches nothing."""
    axes = [looks.get(text, DIM - 1) for text in words.texts]
    return PageEmbedding(np.eye(DIM, dtype=np.float16)[axes], words.boxes)


def quotes(words: PageWords, looks: Mapping[str, int]) -> list[str]:
    regions = evidence_regions(QUERY, embedded(words, looks), words)
    for region in regions:
        on_words = enclosing(words.boxes[region.start : region.stop])
        assert region.evidence.box == fraction_box(on_words)
    return [words.quote(region.start, region.stop) for region in regions]


def test_a_match_in_a_cell_shows_its_row() -> None:
    page = page_of(plain_table(["Joint", "Torque"], ["Flange", "95"], ["Cover", "42"]))
    assert quotes(page, {"Flange": 0}) == ["Flange 95"]


def test_a_sentence_in_a_long_row_is_shown_by_itself() -> None:
    prose = [f"the {name} part is cleaned and dried by hand before it is greased again once more"
             for name in ("first", "second")]  # fmt: skip
    page = page_of(table([(0, 0, prose[0], {}), (0, 1, prose[1], {})]))
    assert quotes(page, {"second": 0}) == [prose[1]]


def test_a_paragraph_is_shown_whole() -> None:
    page = page_of(block(BlockKind.TEXT, "one two\nthree four"), block(BlockKind.TEXT, "five six"))
    assert quotes(page, {"three": 0, "four": 1}) == ["one two three four"]


def test_a_very_long_paragraph_is_cut_to_the_lines_around_the_match() -> None:
    text = "\n".join(f"line {n} of many" for n in range(40))
    page = page_of(block(BlockKind.TEXT, text))
    (quote,) = quotes(page, {"20": 0})
    assert "line 20 of" in quote and len(quote.split()) == 5 * 4


def test_what_answers_comes_before_its_heading() -> None:
    page = page_of(block(BlockKind.HEADING, "Torques"), block(BlockKind.TEXT, "the torque is 95"))
    assert quotes(page, {"Torques": 0, "torque": 0})[0] == "the torque is 95"


def test_a_field_and_a_picture_are_shown_whole() -> None:
    page = page_of(field("Date of birth", "1 May 1970"), block(BlockKind.PICTURE, "north\nsouth"))
    assert quotes(page, {"birth": 0}) == ["Date of birth 1 May 1970"]
    (region,) = evidence_regions(QUERY, embedded(page, {"south": 0}), page)
    assert region.evidence.box == fraction_box(page.layout.blocks[1].box)


def test_further_areas_show_what_the_first_lacks_and_never_more_than_three() -> None:
    parts = [block(BlockKind.TEXT, f"word{n} beside") for n in range(6)]
    page = page_of(*parts)
    assert quotes(page, {"word1": 0, "word4": 1}) == ["word1 beside", "word4 beside"]
    query = QueryEmbedding(np.eye(DIM, dtype=np.float32)[:5], ("t",) * 5, np.ones(5, bool))
    regions = evidence_regions(query, embedded(page, {f"word{n}": n for n in range(5)}), page)
    assert len(regions) == MAX_AREAS
    assert [region.evidence.score for region in regions] == pytest.approx([0.2] * 3)


def test_patches_that_cover_several_lines_find_the_area_below_them() -> None:
    page = page_of(block(BlockKind.TEXT, "one two"), block(BlockKind.TEXT, "three four"))
    x0, y0, x1, y1 = page.layout.blocks[1].box
    vectors = np.eye(DIM, dtype=np.float16)[[0]]
    patches = PageEmbedding(vectors, np.array([[x0, y0 - 100, x1, y1 + 300]], np.uint16))
    (region,) = evidence_regions(QUERY, patches, page)
    assert page.quote(region.start, region.stop) == "three four"


def test_a_picture_without_words_at_the_end_of_a_page_is_an_area() -> None:
    page = page_of(block(BlockKind.TEXT, "one two"), block(BlockKind.PICTURE))
    box = page.layout.blocks[1].box
    vectors = np.eye(DIM, dtype=np.float16)[[0]]
    (region,) = evidence_regions(QUERY, PageEmbedding(vectors, np.array([box], np.uint16)), page)
    assert region.evidence.box == fraction_box(box)
    assert snippet(page, (region,)) == "one two"


def test_what_matches_beside_all_areas_is_shown_as_it_lies() -> None:
    page = page_of(block(BlockKind.TEXT, "one two"))
    vectors = np.eye(DIM, dtype=np.float16)[[0]]
    margin = PageEmbedding(vectors, np.array([[50000, 50000, 52000, 51000]], np.uint16))
    (region,) = evidence_regions(QUERY, margin, page)
    assert region.evidence.box == fraction_box((50000, 50000, 52000, 51000))
    assert region.start == region.stop


def test_a_snippet_has_the_words_of_the_best_region_and_no_others() -> None:
    page = page_of(block(BlockKind.TEXT, "one two"), block(BlockKind.TEXT, "three four"),
                   block(BlockKind.TEXT, "five"))  # fmt: skip
    assert snippet(page, evidence_regions(QUERY, embedded(page, {"four": 0}), page)) == "three four"
