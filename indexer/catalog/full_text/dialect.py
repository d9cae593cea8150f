"""What the catalog asks of a database that finds pages by their terms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Transaction

Phrase = tuple[str, ...]  # terms that follow each other on a page; mostly one


@dataclass(frozen=True, slots=True, eq=False)
class PhraseMatches:
    """The pages (M,) on which a phrase stands.

    page_ids    int64
    saturation  float32, 0..1: how much the page says of it. It grows with how often the phrase stands
                there, ever less, and falls with the length of the page; other pages do not matter
    """

    page_ids: NDArray[np.int64]
    saturation: NDArray[np.float32]


NO_MATCHES = PhraseMatches(np.zeros(0, np.int64), np.zeros(0, np.float32))


class FullText(Protocol):
    """The statements of one kind of database. All run in the transaction that they are given."""

    def insert(
        self, transaction: Transaction, terms_of_pages: Sequence[tuple[int, PageTerms]]
    ) -> None:
        """Add pages by id; those that are there, or that the catalog does not name, are passed over."""
        ...

    def matches(
        self,
        transaction: Transaction,
        phrases: Sequence[Phrase],
        page_ids: tuple[int, int],
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        """Return where each phrase stands among pages first..last; None where that is on more pages."""
        ...

    def with_places(
        self, transaction: Transaction, places: Sequence[str], page_ids: tuple[int, int]
    ) -> NDArray[np.int64]:
        """Return those of the pages first..last on which one of the places begins."""
        ...

    @property
    def is_missing(self) -> str:
        """The SQL condition that a row of `pages` has no terms yet."""
        ...

    def forget_deleted(self, transaction: Transaction) -> bool:
        """Overwrite a part of what was deleted; False when nothing is left of it."""
        ...

    def is_whole(self, transaction: Transaction) -> bool:
        """Say whether the database finds its own index to be sound."""
        ...

    def clear(self, transaction: Transaction) -> None:
        """Forget the terms of all pages."""
        ...


def matches_of(
    rows: Sequence[Sequence[float]],
    saturation: Callable[[NDArray[np.float64]], NDArray[np.float64]],
) -> PhraseMatches:
    """Build matches of rows (page id, value); `saturation` says what values (M,) mean."""
    table = np.array([tuple(row) for row in rows], np.float64).reshape(-1, 2)
    saturations = np.clip(saturation(table[:, 1]), 0.0, 1.0)
    return PhraseMatches(table[:, 0].astype(np.int64), saturations.astype(np.float32))
