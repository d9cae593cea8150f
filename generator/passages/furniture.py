"""Finds what stands on pages and answers nothing: running heads and feet, entries of a table of contents.

Dimension key: P passages of a page.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from generator.passages.questions.terms import terms_of
from generator.passages.splitting.passage import Passage
from indexer.base.pages import BOX_SCALE

_MARGIN = 0.12  # of the page height, at its top and at its foot
_SAME_HEIGHT = 0.01  # of the page height
_SAME_WORDS = 0.5
_MIN_ENTRIES = 4

_SECTION = re.compile(r"^\d{1,2}(?:\.\d{1,2})*\.?\s")
_LEADER = re.compile(r"\.{4}|(\. ){4}")


def running_heads(
    passages: Sequence[Passage], other_pages: Sequence[Sequence[Passage]]
) -> NDArray[np.bool_]:
    """Say (P,) which passages stand in a margin, at a height where another page says the same.

    other_pages  the passages of other pages of the same document
    """
    heads = np.zeros(len(passages), np.bool_)
    elsewhere = sorted(
        (passage for page in other_pages for passage in page if _is_marginal(passage)), key=_top
    )
    tops = [_top(passage) for passage in elsewhere]
    for i, passage in enumerate(passages):
        if _is_marginal(passage):
            first = bisect_left(tops, _top(passage) - _SAME_HEIGHT)
            last = bisect_right(tops, _top(passage) + _SAME_HEIGHT)
            heads[i] = any(_say_the_same(passage, near) for near in elsewhere[first:last])
    return heads


def contents_entries(passages: Sequence[Passage]) -> NDArray[np.bool_]:
    """Say (P,) which passages have a leader of dots, or are one of several titles with rising numbers."""
    entries = np.array([_LEADER.search(p.quote) is not None for p in passages], np.bool_)
    numbers = [_page_number(passage.quote) for passage in passages]
    run: list[int] = []
    for i, number in enumerate([*numbers, None]):
        if number is not None and (not run or number >= (numbers[run[-1]] or 0)):
            run.append(i)
            continue
        if len(run) >= _MIN_ENTRIES:
            entries[run] = True
        run = [] if number is None else [i]
    return entries


def _page_number(quote: str) -> int | None:
    """Return the number behind a title without figures, None when the quote is something else."""
    title, _, last = quote.rpartition(" ")
    title = _SECTION.sub("", title)
    is_entry = last.isdecimal() and len(last) <= 4 and re.search(r"[^\W\d]", title)
    return int(last) if is_entry and not any(map(str.isdigit, title)) else None


def _say_the_same(a: Passage, b: Passage) -> bool:
    a_terms, b_terms = terms_of(a.quote), terms_of(b.quote)
    n_same = max(_SAME_WORDS * max(len(a_terms), len(b_terms)), 1)
    return len(a_terms & b_terms) >= n_same


def _is_marginal(passage: Passage) -> bool:
    return bool(passage.box[3] < _MARGIN * BOX_SCALE or passage.box[1] > (1 - _MARGIN) * BOX_SCALE)


def _top(passage: Passage) -> float:
    return float(passage.box[1]) / BOX_SCALE
