"""Full text in PostgreSQL: a tsvector for each page with a GIN index, ranked as FTS5 of SQLite ranks.

The terms are ours, so no text search configuration has a part in it: a tsvector is written as it is stored.
`ts_rank_cd` of one phrase, without a normalization, is the sum of the weights of the places where it stands,
as each of its covers is the phrase itself. With the lengths of pages that gives the BM25 of FTS5, so that the
same pages have the same scores in both databases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Transaction
from indexer.catalog.full_text.dialect import (
    NO_MATCHES,
    Phrase,
    PhraseMatches,
    matches_of,
    rows_by_phrase,
    statement_of_phrases,
)

# Half of the weights of FTS5's columns, which may be 1 at most: of the labels D, C, B, A, which are words and
# cells, headings, names, places.
_HALF_FREQUENCY = "ts_rank_cd('{0.5, 0.75, 1.0, 0.0}', terms, CAST(:query{i} AS tsquery), 0)"
# Of the phrase at position {i}.
_MATCHES = (
    "(SELECT {i}, page_id, " + _HALF_FREQUENCY + ", n_terms FROM page_index "  # noqa: S608
    "WHERE terms @@ CAST(:query{i} AS tsquery) AND page_id BETWEEN :first AND :last LIMIT :most)"
)
_K1, _B = 1.2, 0.75  # of BM25, as FTS5 has them
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
            "INSERT INTO page_index (page_id, terms, n_terms) "
            "SELECT id, CAST(:terms AS tsvector), :n FROM pages WHERE id = :id "
            "ON CONFLICT (page_id) DO NOTHING"
        )
        rows = [
            {"id": id_, "terms": vector_text(terms), "n": n_terms(terms)}
            for id_, terms in terms_of_pages
        ]
        transaction.execute(statement, rows)

    def matches(
        self,
        transaction: Transaction,
        phrases: Sequence[Phrase],
        page_ids: tuple[int, int],
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        average = transaction.execute(text("SELECT avg(n_terms) FROM page_index")).scalar_one()
        mean_length = float(average or 1.0)
        values: dict[str, int | str] = {f"query{i}": _query(p) for i, p in enumerate(phrases)}
        values |= {"first": page_ids[0], "last": page_ids[1], "most": most_pages + 1}
        rows = transaction.execute(
            statement_of_phrases(_MATCHES, tuple(range(len(phrases)))), values
        )
        tables = rows_by_phrase(rows.all())
        return [_matches(tables.get(i), mean_length, most_pages) for i in range(len(phrases))]

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


def n_terms(terms: PageTerms) -> int:
    """Return how many terms a page has, in all fields together."""
    fields = (terms.words, terms.headings, terms.cells, terms.names, terms.places)
    return sum(len(field) for field in fields)


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


def _query(phrase: Phrase) -> str:
    """Return the tsquery of a phrase, which does not match where it is the name of a place alone."""
    return " <-> ".join(_literal(term[:_MAX_TERM_CHARACTERS]) + ":BCD" for term in phrase)


def _matches(
    table: NDArray[np.float64] | None, mean_length: float, most_pages: int
) -> PhraseMatches | None:
    """Read rows (M, 3) of page id, half of the frequency, and length of the page."""
    if table is None:
        return NO_MATCHES
    if len(table) > most_pages:
        return None
    lengths = np.where(table[:, 2] > 0, table[:, 2], mean_length)
    frequency = 2.0 * table[:, 1]
    relative_lengths = 1.0 - _B + _B * lengths / mean_length
    return matches_of(table[:, 0], frequency / (frequency + _K1 * relative_lengths))


def _literal(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
