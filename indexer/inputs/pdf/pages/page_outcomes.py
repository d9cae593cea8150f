"""Collect what became of each page of a document: warnings and, if none could be rendered, a verdict."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any, Literal

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.inputs.kind import MediaType
from indexer.inputs.pdf import refusals

MAX_WARNINGS = 50

Cause = Literal["error", "memory", "timeout", "crash"]


class PageOutcomes:
    """Counts the pages that were rendered and why others were not; ``warnings`` grows meanwhile."""

    def __init__(self, settings: IndexerSettings, form: MediaType, first_page: int = 1) -> None:
        """`form` is the media type of the document; it is read from `first_page` on."""
        self.warnings: list[str] = []
        self.n_rendered = 0
        self.n_deaths = 0
        self._settings = settings
        self._form = form
        self._causes: Counter[Cause] = Counter()
        self._first = ""
        self._n_warnings = 0
        self._repaired = False
        self._first_page = first_page
        self._n_empty = 0

    def warn(self, text: str) -> None:
        """Keep the first warnings; past ``MAX_WARNINGS`` the last line counts the others."""
        self._n_warnings += 1
        if self._n_warnings <= MAX_WARNINGS:
            self.warnings.append(text)
        else:
            self.warnings[MAX_WARNINGS:] = [f"{self._n_warnings - MAX_WARNINGS} more warnings"]

    def note_repair(self) -> None:
        """Warn once that the document was repaired."""
        if not self._repaired:
            self._repaired = True
            self.warn("repaired while opening")

    def note_oddities(self, header: Mapping[str, Any], page_number: int, n_words: int) -> None:
        """Warn of what the child's frame says of a page with so many words."""
        if header.get("repaired"):
            self.note_repair()
        if header.get("halved"):
            self.warn(f"page {page_number}: at half the resolution, for want of memory")
        if header.get("cut_short"):
            self.warn(f"page {page_number}: cut off or damaged, a part of its picture is missing")
        if header.get("truncated"):
            self.warn(f"page {page_number}: only its first {n_words} words were read")
        if header.get("blank") and not n_words:
            self.warn(f"page {page_number}: blank")
            self._n_empty += not header.get("pictures")

    def leave_out(self, page_number: int, cause: Cause, problem: str, detail: str = "") -> None:
        """Record a page that will not come; ``detail`` is the library's own word for the problem."""
        self._causes[cause] += 1
        self._first = self._first or f"page {page_number}: {detail or problem}"
        self.n_deaths += cause in ("timeout", "crash")
        self.warn(f"page {page_number}: {problem} and was left out")

    def skip(self, first: int, last: int) -> None:
        """Record pages that are not tried any more."""
        pages = f"page {first}" if first == last else f"pages {first} to {last}"
        self.warn(f"{pages}: not tried, because {self.n_deaths} pages ended the rasterizer")

    def verdict(self, *, has_more: bool = False) -> DocumentRejected | None:
        """Return why there is no document: no page was rendered, or damage left nothing on any page.

        has_more  it holds something beside its pages: other files, the data of a form
        """
        if self.n_rendered:
            is_whole = not self._repaired or has_more or self._first_page > 1
            if is_whole or self._n_empty < self.n_rendered:
                return None
            return refusals.cut_off("nothing is left on its pages", self._form)
        causes, first = set(self._causes), self._first
        if causes == {"timeout"}:
            return refusals.too_slow(f"has no page that renders in time ({first})", self._form)
        if causes == {"memory"}:
            return refusals.out_of_memory("for each of its pages", self._settings)
        problem = f"has no page that can be rendered ({first})"
        refuse = refusals.crash if "crash" in causes else refusals.corrupt
        return refuse(problem, self._form)
