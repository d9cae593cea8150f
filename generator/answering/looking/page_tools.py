"""Carries out what a model wants to look at. Nothing outside of the question's own filter is reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from generator.answering.finding.page_finder import PageFinder, PageSearch
from generator.answering.looking.actions import Action
from generator.answering.writer import Look
from generator.passages.support import ReadPage
from indexer.base.errors import DamagedFile
from indexer.base.page_names import page_name
from indexer.base.pages import BOX_SCALE, FractionBox
from indexer.layout.export.page_content import page_content
from indexer.layout.export.table_grid import grid_of
from retriever.hits import PageHit

RegionImage = Callable[[PageHit, FractionBox], bytes]
_MAX_CHARACTERS = 4000
_MIN_EDGE = 0.02  # of the page: a smaller region is widened


@dataclass(frozen=True, slots=True)
class Sight:
    """What came of an action: pages or a look that are new, and what a person is told.

    problem  why nothing came of it, for the model
    """

    text: str
    pages: tuple[ReadPage, ...] = ()
    look: Look | None = None
    page_id: int | None = None
    problem: str = ""


class PageTools:
    """`region_image` draws a part of a page as a JPEG, larger than the page image shows it."""

    def __init__(
        self, finder: PageFinder, search: PageSearch, region_image: RegionImage | None
    ) -> None:
        self._finder = finder
        self._search = search
        self._region_image = region_image

    def run(self, action: Action, pages: Sequence[ReadPage]) -> Sight:
        """Carry out an action over the pages of a prompt, [1] the first.

        Raises what a search raises.
        """
        if action.kind == "search":
            return self._find(action.query, pages)
        if not 1 <= action.page <= len(pages):
            return Sight(f"page [{action.page}]", problem=f"there is no page [{action.page}]")
        page = pages[action.page - 1]
        if action.kind == "open":
            return self._open(page, action.offset, pages)
        if action.kind == "table":
            return _read_table(page, action.table)
        return self._zoom(page, action.box or (0.0, 0.0, 1.0, 1.0))

    def _find(self, query: str, pages: Sequence[ReadPage]) -> Sight:
        known_ids = frozenset(page.hit.page.id for page in pages)
        own = self._search.filter
        other_pages = replace(own, without_page_ids=own.without_page_ids | known_ids)
        _, new_pages = self._finder.find(query, replace(self._search, filter=other_pages))
        return Sight(query, tuple(new_pages), problem="" if new_pages else "no other page matches")

    def _open(self, page: ReadPage, offset: int, pages: Sequence[ReadPage]) -> Sight:
        hit = page.hit
        number = hit.page.page_number + offset
        name = f"{page_name(number)} of {hit.document.name}"
        page_id = hit.page.id + offset
        if any(known_page.hit.page.id == page_id for known_page in pages):
            return Sight(name, problem=f"{name} is among the pages already")
        new_pages: list[ReadPage] = []
        allowed_ids = self._search.filter.page_ids
        in_document = 1 <= number <= hit.document.n_pages
        if in_document and (allowed_ids is None or page_id in allowed_ids):
            only = replace(self._search.filter, page_ids=frozenset({page_id}))
            _, new_pages = self._finder.find(
                self._search_text(hit), replace(self._search, filter=only)
            )
        if not new_pages:
            return Sight(name, problem=f"there is no {name} to be read")
        return Sight(name, tuple(new_pages), page_id=page_id)

    def _search_text(self, hit: PageHit) -> str:
        return hit.document.name  # what is searched is one page: any words find it

    def _zoom(self, page: ReadPage, box: FractionBox) -> Sight:
        box = _at_least(box)
        name = f"a part of {page.hit.page.name} of {page.hit.document.name}"
        image = None
        if self._region_image is not None:
            with suppress(DamagedFile):  # its words stand for it
                image = self._region_image(page.hit, box)
        look = Look(page, _words_in(page, box), image)
        return Sight(name, look=look, page_id=page.hit.page.id)


def _read_table(page: ReadPage, number: int) -> Sight:
    name = f"{page.hit.page.name} of {page.hit.document.name}"
    tables = page_content(page.words).tables
    if not 1 <= number <= len(tables):
        return Sight(name, problem=f"{name} has {len(tables)} tables")
    grid = grid_of(tables[number - 1])
    lines = [
        "; ".join(
            f"{head}: {text}" if head else text
            for head, text in zip(grid.heads or ("",) * len(row), row, strict=True)
            if text
        )
        for row in grid.rows
    ]
    text = "\n".join(lines)[:_MAX_CHARACTERS]
    return Sight(name, look=Look(page, text, None), page_id=page.hit.page.id)


def _at_least(box: FractionBox) -> FractionBox:
    x0, y0, x1, y1 = box
    x1, y1 = max(x1, x0 + _MIN_EDGE), max(y1, y0 + _MIN_EDGE)
    return min(x0, 1 - _MIN_EDGE), min(y0, 1 - _MIN_EDGE), min(x1, 1.0), min(y1, 1.0)


def _words_in(page: ReadPage, box: FractionBox) -> str:
    """Return the words of a page whose middle lies in a box, line by line."""
    words = page.words
    if not len(words):
        return ""
    centres = (words.boxes[:, :2].astype(np.float64) + words.boxes[:, 2:]) / 2 / BOX_SCALE
    is_inside = np.all((centres >= box[:2]) & (centres <= box[2:]), axis=1)
    return words.select(is_inside).text()[:_MAX_CHARACTERS]
