"""Finds the words that name a document: of its file name and of the title on its first page.

"How often are life rafts inspected on the Norvik ferry?" asks the handbook of that ferry; the name then
stands on its title page and not where the answer is.
"""

from __future__ import annotations

import re

import numpy as np

from generator.passages.questions.terms import terms_of
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords

_LARGE = 0.85  # of the height of the tallest word
_LARGER = 1.25  # than the usual word, or the page has no title
_MAX_TITLE_WORDS = 16
_APART = re.compile(r"[_\W]+")


def name_terms(file_name: str, first_page: PageWords | None) -> frozenset[str]:
    """Return the words of a document's name, as `terms_of` gives them."""
    stem = file_name.rpartition(".")[0] or file_name
    terms = terms_of(_APART.sub(" ", stem))
    if first_page is not None:
        terms |= terms_of(_title_of(first_page))
    return frozenset(term for term in terms if not term[0].isdigit())  # a year names no document


def _title_of(page: PageWords) -> str:
    """Return the blocks that are a title, else the words in the largest type."""
    titles = [block for block in page.layout.blocks if block.kind is BlockKind.TITLE]
    if titles:
        return " ".join(page.quote(block.start, block.stop) for block in titles)
    if len(page) <= _MAX_TITLE_WORDS:
        return " ".join(page.texts)
    heights = page.boxes[:, 3].astype(np.int64) - page.boxes[:, 1]
    if heights.max() < _LARGER * np.median(heights):
        return ""
    large = np.flatnonzero(heights >= _LARGE * heights.max())
    return " ".join(page.texts[i] for i in large[:_MAX_TITLE_WORDS].tolist())
