"""What the catalog asks of a database that finds pages by their terms."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Row, TextClause, text

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


@lru_cache(maxsize=256)
def statement_of_phrases(of_phrase: str, positions: tuple[int, ...]) -> TextClause:
    """Return one statement for several phrases, which costs one way to the database.

    of_phrase  the query for one, with `{i}` for its position
    """
    return text(" UNION ALL ".join(of_phrase.replace("{i}", str(i)) for i in positions))


def rows_by_phrase(rows: Iterable[Row[Any]]) -> Mapping[int, NDArray[np.float64]]:
    """Return the rows (M, columns) of each phrase that has any, whose position they begin with."""
    tables: dict[int, list[tuple[float, ...]]] = defaultdict(list)
    for row in rows:
        tables[row[0]].append(tuple(row[1:]))
    return {position: np.array(table, np.float64) for position, table in tables.items()}


def matches_of(page_ids: NDArray[np.float64], saturation: NDArray[np.float64]) -> PhraseMatches:
    """Build matches of pages (M,) and their saturation (M,), which is brought between 0 and 1."""
    return PhraseMatches(
        page_ids.astype(np.int64), np.clip(saturation, 0.0, 1.0).astype(np.float32)
    )
