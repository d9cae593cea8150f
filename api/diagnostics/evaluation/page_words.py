"""The stored words of pages: inside a box, and whether a right answer is printed on them at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

import numpy as np

from api.diagnostics.comparison.gold import GoldAnswer
from api.diagnostics.comparison.rules import compare
from api.diagnostics.comparison.tokens import tokens_of
from indexer.base.pages import BOX_SCALE, FractionBox, PageWords
from indexer.catalog.catalog import Catalog

# Boxes leave the program rounded to 1e-4; a word belongs to one whose edge its centre touches.
_SLACK = 1e-3
# A bare number so short may stand anywhere by chance.
_CHANCE_DIGITS = 2
_STEM = 5
# Words of the question that say what is counted, codes such as KD-595/B among them.
_TELLING = re.compile(r"[^\W\d_]{4,}|\w*[^\W\d_][\w/.-]*\d[\w/.-]*")


class StoredPages:
    """Looks up the words of the pages of one collection."""

    def __init__(self, catalog: Catalog, collection: str) -> None:
        self._catalog = catalog
        documents = catalog.documents.of_collection(catalog.collections.get(collection).id)
        self._document_ids = {document.name: document.id for document in documents}
        self.words = lru_cache(maxsize=256)(self._words)
        self._page_ids = lru_cache(maxsize=None)(self._read_page_ids)

    def page_id(self, document: str, page_number: int) -> int | None:
        """Return the id of a page; None where the collection does not have it."""
        return self._page_ids(document).get(page_number)

    def text_in(self, page_id: int, box: FractionBox) -> str:
        """Return the words whose centre is inside a box."""
        words = self.words(page_id)
        if words is None:
            return ""
        edges = np.asarray(words.boxes, np.float64) / BOX_SCALE
        x, y = (edges[:, 0] + edges[:, 2]) / 2, (edges[:, 1] + edges[:, 3]) / 2
        x0, y0, x1, y1 = box
        inside = (x >= x0 - _SLACK) & (x <= x1 + _SLACK) & (y >= y0 - _SLACK) & (y <= y1 + _SLACK)
        return words.select(inside).quote(0, int(inside.sum()))

    def is_printed(
        self, question: str, gold: GoldAnswer, places: Iterable[tuple[str, int]]
    ) -> bool:
        """Say whether the answer stands in the words of one of the pages.

        A bare number of one or two digits must share its line with a word of the question.
        """
        page_ids = [self.page_id(*place) for place in places]
        pages = [self.words(page_id) for page_id in page_ids if page_id is not None]
        texts = [
            text for page in pages if page is not None for text in _texts(page, question, gold)
        ]
        return any(compare(gold, text).is_right for text in texts)

    def _words(self, page_id: int) -> PageWords | None:
        return self._catalog.pages.words([page_id]).get(page_id)

    def _read_page_ids(self, document: str) -> dict[int, int]:
        document_id = self._document_ids.get(document)
        if document_id is None:
            return {}
        pages = self._catalog.pages.of_document(document_id)
        return {page.page_number: page.id for page in pages}


def _texts(page: PageWords, question: str, gold: GoldAnswer) -> list[str]:
    if not _may_be_chance(gold):
        return [page.quote(0, len(page))]
    stems = _stems(question)
    return [line for line in page.text().splitlines() if _stems(line) & stems]


def _may_be_chance(gold: GoldAnswer) -> bool:
    tokens = [token for answer in gold.items or (gold.text,) for token in tokens_of(answer)]
    return all(
        token.number is not None and not token.number.unit and token.number.digits <= _CHANCE_DIGITS
        for token in tokens
    )


def _stems(text: str) -> set[str]:
    return {
        word if any(map(str.isdigit, word)) else word[:_STEM]
        for word in _TELLING.findall(text.casefold())
    }
