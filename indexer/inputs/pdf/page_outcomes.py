"""What befell each page of one document, in warnings and, where nothing came out, in a verdict."""

from __future__ import annotations

from collections import Counter
from typing import Literal

from indexer.base.errors import DocumentRejected
from indexer.base.settings import IndexerSettings
from indexer.inputs.pdf import refusals

MAX_WARNINGS = 50

Cause = Literal["error", "memory", "timeout", "crash"]


class PageOutcomes:
    """Counts pages that came out and why others did not; ``warnings`` grows as it is told."""

    def __init__(self, settings: IndexerSettings) -> None:
        self.warnings: list[str] = []
        self.n_rendered = 0
        self.n_deaths = 0
        self._settings = settings
        self._causes: Counter[Cause] = Counter()
        self._first = ""
        self._n_warnings = 0
        self._repaired = False

    def warn(self, text: str) -> None:
        """Keep the first warnings; past ``MAX_WARNINGS`` the last line counts the others."""
        self._n_warnings += 1
        if self._n_warnings <= MAX_WARNINGS:
            self.warnings.append(text)
        else:
            self.warnings[MAX_WARNINGS:] = [f"{self._n_warnings - MAX_WARNINGS} more warnings"]

    def repaired(self) -> None:
        if not self._repaired:
            self._repaired = True
            self.warn("repaired while opening")

    def left_out(self, page_number: int, cause: Cause, what: str, detail: str = "") -> None:
        """A page that will not come: ``what`` befell it, or in a word of the library ``detail``."""
        self._causes[cause] += 1
        self._first = self._first or f"page {page_number}: {detail or what}"
        self.n_deaths += cause in ("timeout", "crash")
        self.warn(f"page {page_number}: {what} and was left out")

    def not_tried(self, first: int, last: int) -> None:
        pages = f"page {first}" if first == last else f"pages {first} to {last}"
        self.warn(f"{pages}: not tried, because {self.n_deaths} pages ended the rasterizer")

    def verdict(self) -> DocumentRejected | None:
        """Why there is no document, where no page came out."""
        if self.n_rendered:
            return None
        causes, first = set(self._causes), self._first
        if causes == {"timeout"}:
            return refusals.too_slow(f"has no page that renders in time ({first})")
        if causes == {"memory"}:
            return refusals.starved("for each of its pages", self._settings)
        what = f"has no page that can be rendered ({first})"
        return refusals.crashed(what) if "crash" in causes else refusals.corrupt(what)
