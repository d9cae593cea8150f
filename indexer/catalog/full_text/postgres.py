"""Full text in PostgreSQL: a tsvector for each page with a GIN index, ranked as FTS5 of SQLite ranks.

The terms are ours, so no text search configuration has a part in it: a tsvector is written as it is stored.
`ts_rank_cd` of one phrase, without a normalization, is the sum of the weights of the places where it stands,
as each of its covers is the phrase itself: how often it stands there, as in SQLite, so that the same pages
have the same scores in both databases.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text

from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Transaction
from indexer.catalog.full_text.dialect import (
    NO_ROWS,
    CollectionPages,
    PagesAndTerms,
    Phrase,
    PhraseMatches,
    matches_of_phrases,
    statement_of_phrases,
)

# Half of the weights of SQLite's columns, which may be 1 at most: of the labels D, C, B, A, which are words
# and cells, headings, names, places.
_FREQUENCY = "2 * ts_rank_cd('{0.5, 0.75, 1.0, 0.0}', terms, CAST(:query{i} AS tsquery), 0)"
# Of the phrase at position {i}.
_MATCHES = (
    "(SELECT {i}, page_id, " + _FREQUENCY + ", coalesce(nullif(n_terms, 0), :mean_length) "
    "FROM page_index WHERE terms @@ CAST(:query{i} AS tsquery) AND page_id BETWEEN :first AND :last "
    "AND page_id <@ CAST(:runs AS int8multirange) LIMIT :most)"
)
_LENGTHS = (
    "SELECT document_id, count(n_terms), coalesce(sum(n_terms), 0) FROM documents "
    "JOIN pages ON pages.document_id = documents.id JOIN page_index ON page_id = pages.id "
    "WHERE collection_id = :collection AND first_page_id BETWEEN :first AND :last "
    "GROUP BY document_id"
)
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
        pages: CollectionPages,
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        runs = (f"[{start},{stop})" for start, stop in zip(pages.starts, pages.stops, strict=True))
        values: dict[str, int | float | str] = {
            "first": pages.first,
            "last": pages.last,
            "runs": "{" + ",".join(runs) + "}",
            "mean_length": pages.mean_length,
            "most": most_pages + 1,
        }
        values |= {f"query{i}": _query(phrase) for i, phrase in enumerate(phrases)}
        statement = statement_of_phrases(_MATCHES, tuple(range(len(phrases))))
        rows = transaction.execute(statement, values).all()
        table = np.array(list(zip(*rows, strict=True)), np.float64) if rows else NO_ROWS
        return matches_of_phrases(table, pages, len(phrases), most_pages)

    def lengths(
        self, transaction: Transaction, collection_id: str, first_page_ids: tuple[int, int]
    ) -> dict[str, PagesAndTerms]:
        first, last = first_page_ids
        values = {"collection": collection_id, "first": first, "last": last}
        rows = transaction.execute(text(_LENGTHS), values)
        return {id_: (n_pages, n_terms) for id_, n_pages, n_terms in rows}

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


def _literal(term: str) -> str:
    return "'" + term.replace("\\", "\\\\").replace("'", "''") + "'"
