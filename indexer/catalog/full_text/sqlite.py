"""Full text in SQLite: the table `page_index` of FTS5, with the BM25 that FTS5 computes itself."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

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

# Weights of the columns words, headings, cells, names, places. Those of names were measured
# (docs/experiments.md); places are looked up by themselves.
_BM25 = "bm25(page_index, 1.0, 1.5, 1.0, 2.0, 0.0)"
_K1_AND_1 = 2.2  # FTS5's k1 is 1.2: what BM25 reaches at most, in multiples of the idf
_MERGED_PAGES = 2_000  # of the database, in one step: some 8 MB
_IN_RANGE = "AND rowid BETWEEN :first AND :last"
# Of the phrase at position {i}.
_N_WITH = "SELECT {i}, count(*) FROM page_index WHERE page_index MATCH :match{i}"
_MATCHES = (
    f"SELECT {{i}}, rowid, {_BM25} FROM page_index "  # noqa: S608
    f"WHERE page_index MATCH :match{{i}} {_IN_RANGE}"
)


class SqliteFullText:
    """A FullText over FTS5."""

    is_missing = "NOT EXISTS (SELECT 1 FROM page_index_docsize WHERE id = pages.id)"

    def insert(
        self, transaction: Transaction, terms_of_pages: Sequence[tuple[int, PageTerms]]
    ) -> None:
        statement = text(
            "INSERT INTO page_index (rowid, words, headings, cells, names, places) "
            "SELECT :id, :words, :headings, :cells, :names, :places "
            "WHERE EXISTS (SELECT 1 FROM pages WHERE id = :id) "
            "AND NOT EXISTS (SELECT 1 FROM page_index_docsize WHERE id = :id)"
        )
        transaction.execute(statement, [_row(id_, terms) for id_, terms in terms_of_pages])

    def matches(
        self,
        transaction: Transaction,
        phrases: Sequence[Phrase],
        page_ids: tuple[int, int],
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        match = {
            f"match{i}": f"- places: {_literal(' '.join(phrase))}"
            for i, phrase in enumerate(phrases)
        }
        n_pages = transaction.execute(text("SELECT count(*) FROM page_index_docsize")).scalar_one()
        counts = transaction.execute(
            statement_of_phrases(_N_WITH, tuple(range(len(phrases)))), match
        )
        n_with: dict[int, int] = {row[0]: row[1] for row in counts.all()}
        rare = [i for i, n in n_with.items() if 0 < n <= most_pages]
        tables: Mapping[int, NDArray[np.float64]] = {}
        if rare:
            values = {"first": page_ids[0], "last": page_ids[1]}
            values_of_rare = values | {f"match{i}": match[f"match{i}"] for i in rare}
            rows = transaction.execute(statement_of_phrases(_MATCHES, tuple(rare)), values_of_rare)
            tables = rows_by_phrase(rows.all())
        return [
            _matches(tables.get(i), n_with[i], n_pages) if n_with[i] <= most_pages else None
            for i in range(len(phrases))
        ]

    def with_places(
        self, transaction: Transaction, places: Sequence[str], page_ids: tuple[int, int]
    ) -> NDArray[np.int64]:
        match = "places: (" + " OR ".join(map(_literal, places)) + ")"
        rows = transaction.execute(
            text(f"SELECT rowid FROM page_index WHERE page_index MATCH :match {_IN_RANGE}"),  # noqa: S608
            {"match": match, "first": page_ids[0], "last": page_ids[1]},
        )
        return np.array(rows.scalars().all(), np.int64)

    def forget_deleted(self, transaction: Transaction) -> bool:
        """Merge a part of the index, by which the terms of deleted pages go."""
        n_before = transaction.execute(text("SELECT total_changes()")).scalar_one()
        transaction.execute(
            text("INSERT INTO page_index (page_index, rank) VALUES ('merge', :n)"),
            {"n": -_MERGED_PAGES},  # negative: all parts into one, also few of them
        )
        n_after = transaction.execute(text("SELECT total_changes()")).scalar_one()
        return bool(n_after - n_before >= 2)  # FTS5: fewer, and there was nothing to merge

    def is_whole(self, transaction: Transaction) -> bool:
        try:
            transaction.execute(
                text("INSERT INTO page_index (page_index) VALUES ('integrity-check')")
            )
        except DatabaseError:
            return False
        return True

    def clear(self, transaction: Transaction) -> None:
        """Make the table anew: rows cannot be deleted from an index that is damaged."""
        query = text("SELECT sql FROM sqlite_master WHERE name = 'page_index'")
        statement = transaction.execute(query).scalar_one()
        transaction.execute(text("DROP TABLE page_index"))
        transaction.exec_driver_sql(statement)


def _row(page_id: int, terms: PageTerms) -> dict[str, int | str]:
    return {
        "id": page_id,
        "words": " ".join(terms.words),
        "headings": " ".join(terms.headings),
        "cells": " ".join(terms.cells),
        "names": " ".join(terms.names),
        "places": " ".join(terms.places),
    }


def _matches(table: NDArray[np.float64] | None, n_with: int, n_pages: int) -> PhraseMatches:
    """Read rows (M, 2) of page id and BM25, which of one phrase is its idf times the saturation."""
    if table is None:
        return NO_MATCHES
    idf = max(math.log((n_pages - n_with + 0.5) / (n_with + 0.5)), 1e-6)  # as FTS5 has it
    return matches_of(table[:, 0], -table[:, 1] / (idf * _K1_AND_1))


def _literal(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
