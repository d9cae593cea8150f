"""Full text in PostgreSQL: a tsvector for each page with a GIN index, ranked by `ts_rank`.

The terms are ours, so no text search configuration has a part in it: a tsvector is written as it is stored.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Transaction
from indexer.catalog.full_text.dialect import Phrase, PhraseMatches, matches_of

# Weights of the labels D, C, B, A: words and cells, headings, names, places.
_RANK = "ts_rank('{0.74, 0.85, 1.0, 0.1}', terms, CAST(:query AS tsquery), 1)"
# One mention on a page of 375 terms, which `ts_rank` gives .065, says .45 as in BM25.
_STEEPNESS = 9.2
_MAX_POSITION, _MAX_POSITIONS = (
    16_383,
    255,
)  # PostgreSQL's limits, of a tsvector and of a term in it
_MAX_TERM_CHARACTERS = 500  # PostgreSQL's limit is 2 KB


class PostgresFullText:
    """A FullText over tsvector and GIN."""

    is_missing = "NOT EXISTS (SELECT 1 FROM page_index WHERE page_id = pages.id)"

    def insert(
        self, transaction: Transaction, terms_of_pages: Sequence[tuple[int, PageTerms]]
    ) -> None:
        statement = text(
            "INSERT INTO page_index (page_id, terms) "
            "SELECT id, CAST(:terms AS tsvector) FROM pages WHERE id = :id "
            "ON CONFLICT (page_id) DO NOTHING"
        )
        rows = [{"id": id_, "terms": vector_text(terms)} for id_, terms in terms_of_pages]
        transaction.execute(statement, rows)

    def matches(
        self,
        transaction: Transaction,
        phrases: Sequence[Phrase],
        page_ids: tuple[int, int],
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        return [_matches_of_phrase(transaction, phrase, page_ids, most_pages) for phrase in phrases]

    def with_places(
        self, transaction: Transaction, places: Sequence[str], page_ids: tuple[int, int]
    ) -> NDArray[np.int64]:
        query = " | ".join(_literal(place) + ":A" for place in places)
        rows = transaction.execute(
            text(
                "SELECT page_id FROM page_index WHERE terms @@ CAST(:query AS tsquery) "
                "AND page_id BETWEEN :first AND :last"
            ),
            {"query": query, "first": page_ids[0], "last": page_ids[1]},
        )
        return np.array(rows.scalars().all(), np.int64)

    def forget_deleted(self, transaction: Transaction) -> bool:
        """Leave it to PostgreSQL, whose vacuum frees deleted rows."""
        return False

    def is_whole(self, transaction: Transaction) -> bool:
        """Trust PostgreSQL, which looks after its indexes itself."""
        return True

    def clear(self, transaction: Transaction) -> None:
        transaction.execute(text("DELETE FROM page_index"))


def vector_text(terms: PageTerms) -> str:
    """Return a tsvector as PostgreSQL reads it; between two fields no phrase can stand."""
    positions: dict[str, list[str]] = {}
    position = 0
    fields = ((terms.names, "B"), (terms.headings, "C"), (terms.words, ""), (terms.cells, ""))
    for field, label in (*fields, (terms.places, "A")):
        for term in field:
            position = min(position + 1, _MAX_POSITION)
            of_term = positions.setdefault(term[:_MAX_TERM_CHARACTERS], [])
            if len(of_term) < _MAX_POSITIONS:
                of_term.append(f"{position}{label}")
        position += 1
    return " ".join(f"{_literal(term)}:{','.join(of_term)}" for term, of_term in positions.items())


def _matches_of_phrase(
    transaction: Transaction, phrase: Phrase, page_ids: tuple[int, int], most_pages: int
) -> PhraseMatches | None:
    query = " <-> ".join(_literal(term[:_MAX_TERM_CHARACTERS]) for term in phrase)
    rows = transaction.execute(
        text(
            f"SELECT page_id, {_RANK} FROM page_index "  # noqa: S608
            "WHERE terms @@ CAST(:query AS tsquery) AND page_id BETWEEN :first AND :last "
            "LIMIT :most"
        ),
        {
            "query": query,
            "first": page_ids[0],
            "last": page_ids[1],
            "most": most_pages + 1,
        },
    ).fetchall()
    return None if len(rows) > most_pages else matches_of(rows, _saturation)


def _saturation(rank: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return what a rank says, ever less the higher it is: short pages would have all of it at once."""
    return -np.expm1(-_STEEPNESS * rank)


def _literal(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
