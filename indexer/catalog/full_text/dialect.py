"""What the catalog asks of a database that finds pages by their terms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import TextClause, text

from indexer.base.page_ranges import within_ranges
from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Transaction

Phrase = tuple[str, ...]  # terms that follow each other on a page; mostly one
# Of BM25: how soon a phrase is said often enough, and how much the length of a page counts.
K1, B = 1.2, 0.75


@dataclass(frozen=True, slots=True, eq=False)
class CollectionPages:
    """The pages of one collection: nothing else has a part in how its pages are found.

    starts, stops  (R,) int64, the latter exclusive: their ids as runs, ascending and apart, at least one
    mean_length    of a page, in terms
    """

    starts: NDArray[np.int64]
    stops: NDArray[np.int64]
    mean_length: float

    @classmethod
    def of_ranges(
        cls, starts: NDArray[np.int64], stops: NDArray[np.int64], mean_length: float
    ) -> CollectionPages:
        """Build them from ascending ranges, of which neighbours may touch."""
        is_apart = starts[1:] != stops[:-1]
        return cls(starts[np.append(True, is_apart)], stops[np.append(is_apart, True)], mean_length)

    @property
    def first(self) -> int:
        return int(self.starts[0])

    @property
    def last(self) -> int:
        return int(self.stops[-1]) - 1

    def __len__(self) -> int:
        return int((self.stops - self.starts).sum())

    def holds(self, page_ids: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Say for page ids (P,) which of them are the collection's, (P,) bool."""
        return within_ranges(page_ids, self.starts, self.stops)


@dataclass(frozen=True, slots=True, eq=False)
class PhraseMatches:
    """The pages (M,) of a collection on which a phrase stands.

    page_ids    int64
    saturation  float32, 0..1: how much the page says of it. It grows with how often the phrase stands
                there, ever less, and falls with the length of the page
    """

    page_ids: NDArray[np.int64]
    saturation: NDArray[np.float32]


NO_ROWS: NDArray[np.float64] = np.zeros((4, 0))
PagesAndTerms = tuple[int, int]  # how many pages have terms, and how many terms these have together


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
        pages: CollectionPages,
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        """Return where each phrase stands among the pages; None where that is on more pages."""
        ...

    def lengths(
        self, transaction: Transaction, collection_id: str, first_page_ids: tuple[int, int]
    ) -> dict[str, PagesAndTerms]:
        """Return the lengths of a collection's documents, by id; of those whose first page is in the range.

        Documents whose pages have no terms yet are not in it.
        """
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


@lru_cache(maxsize=256)
def statement_of_phrases(of_phrase: str, positions: tuple[int, ...]) -> TextClause:
    """Return one statement for several phrases, which costs one way to the database.

    of_phrase  the query for one, with `{i}` for its position
    """
    return text(" UNION ALL ".join(of_phrase.replace("{i}", str(i)) for i in positions))


def matches_of_phrases(
    table: NDArray[np.float64], pages: CollectionPages, n_phrases: int, most_pages: int
) -> list[PhraseMatches | None]:
    """Return where each phrase stands, None where that is on more pages.

    table  (4, M): position of the phrase, page id, how often it stands there, length of the page. A page
           may be none of the collection's
    """
    of_collection = table[:, pages.holds(table[1].astype(np.int64))]
    matches: list[PhraseMatches | None] = []
    for i in range(n_phrases):
        _, page_ids, frequency, lengths = of_collection[:, of_collection[0] == i]
        if len(page_ids) > most_pages:
            matches.append(None)
            continue
        relative_lengths = 1.0 - B + B * lengths / pages.mean_length
        saturation = frequency / (frequency + K1 * relative_lengths)
        matches.append(PhraseMatches(page_ids.astype(np.int64), saturation.astype(np.float32)))
    return matches
