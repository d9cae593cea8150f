"""Full text in SQLite: the table `page_index` of FTS5.

FTS5 tells how often a phrase stands on a page in one way alone: by a BM25 over the pages of all collections.
With huge weights it is the highest that it can be, and the lengths are stored, so the frequency is computed
back from the two, to the halves in which columns weigh. The BM25 of one collection is made of that.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from indexer.base.page_terms import PageTerms
from indexer.catalog.database import Transaction
from indexer.catalog.full_text.dialect import (
    K1,
    NO_ROWS,
    B,
    CollectionPages,
    PagesAndTerms,
    Phrase,
    PhraseMatches,
    matches_of_phrases,
    statement_of_phrases,
)

# Weights of the columns words, headings, cells, names, places. Those of names were measured
# (docs/experiments.md); places are looked up by themselves.
_BM25 = "bm25(page_index, 1.0, 1.5, 1.0, 2.0, 0.0)"
_HIGHEST_BM25 = "bm25(page_index, 1e15, 1e15, 1e15, 1e15, 0.0)"
_N_COLUMNS = 5
_FULL_TEXT_TOTALS = 1  # the row of `page_index_data`: how many pages, and terms in each column
_MERGED_PAGES = 2_000  # of the database, in one step: some 8 MB
_IN_RANGE = "AND rowid BETWEEN :first AND :last"
# Of the phrase at position {i}.
_N_WITH = f"SELECT {{i}}, count(*) FROM page_index WHERE page_index MATCH :match{{i}} {_IN_RANGE}"  # noqa: S608
_PAGES_WITH = (
    "SELECT {i}, group_concat(rowid) FROM page_index "  # noqa: S608
    f"WHERE page_index MATCH :match{{i}} {_IN_RANGE}"
)
_MATCHES = (
    f"SELECT {{i}}, rowid, {_BM25} / {_HIGHEST_BM25}, "  # noqa: S608
    "(SELECT sz FROM page_index_docsize WHERE id = page_index.rowid), "
    f"(SELECT block FROM page_index_data WHERE id = {_FULL_TEXT_TOTALS}) FROM page_index "
    f"WHERE page_index MATCH :match{{i}} {_IN_RANGE}"
)
_MATCHES_AMONG = _MATCHES + " AND +rowid IN (SELECT value FROM json_each(:ids{i}))"  # noqa: S608
_LENGTHS = (
    "SELECT document_id, sz FROM documents JOIN pages ON pages.document_id = documents.id "
    "JOIN page_index_docsize AS lengths ON lengths.id = pages.id "
    "WHERE collection_id = :collection AND first_page_id BETWEEN :first AND :last"
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
        pages: CollectionPages,
        most_pages: int,
    ) -> list[PhraseMatches | None]:
        values: dict[str, int | str] = {"first": pages.first, "last": pages.last}
        for i, phrase in enumerate(phrases):
            values[f"match{i}"] = f"- places: {_literal(' '.join(phrase))}"
        positions = tuple(range(len(phrases)))
        of_phrase = _MATCHES
        n_with = dict.fromkeys(positions, 1)  # or more: as many as there are pages at most
        if len(pages.starts) > 1:
            of_phrase = _MATCHES_AMONG
            page_ids = _page_ids(transaction, positions, values, pages)
            n_with = {i: len(ids) for i, ids in page_ids.items()}
            short_lists = {i: ids for i, ids in page_ids.items() if len(ids) <= most_pages}
            values |= {f"ids{i}": str(ids.tolist()) for i, ids in short_lists.items()}
        elif len(pages) > most_pages:
            statement = statement_of_phrases(_N_WITH, positions)
            n_with = {row[0]: row[1] for row in transaction.execute(statement, values)}
        rare_positions = tuple(i for i in positions if 0 < n_with[i] <= most_pages)
        table = _table(transaction, of_phrase, rare_positions, values)
        matches = matches_of_phrases(table, pages, len(phrases), most_pages)
        return [matches[i] if n_with[i] <= most_pages else None for i in positions]

    def lengths(
        self, transaction: Transaction, collection_id: str, first_page_ids: tuple[int, int]
    ) -> dict[str, PagesAndTerms]:
        first, last = first_page_ids
        values = {"collection": collection_id, "first": first, "last": last}
        sizes: dict[str, list[bytes]] = defaultdict(list)
        for row in transaction.execute(text(_LENGTHS), values):
            sizes[row.document_id].append(row.sz)
        return {id_: (len(of_page), int(_lengths(of_page).sum())) for id_, of_page in sizes.items()}

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


def _page_ids(
    transaction: Transaction,
    positions: tuple[int, ...],
    values: Mapping[str, int | str],
    pages: CollectionPages,
) -> dict[int, NDArray[np.int64]]:
    """Return the collection's pages with each phrase, as text from SQLite: so many rows would take long."""
    statement = statement_of_phrases(_PAGES_WITH, positions)
    rows = transaction.execute(statement, dict(values)).all()
    page_ids = {i: np.fromstring(ids or "", np.int64, sep=",") for i, ids in rows}
    return {i: ids[pages.holds(ids)] for i, ids in page_ids.items()}


def _table(
    transaction: Transaction,
    of_phrase: str,
    positions: tuple[int, ...],
    values: Mapping[str, int | str],
) -> NDArray[np.float64]:
    """Return position, page id, frequency and length (4, M) of the pages that have the phrases."""
    statement = statement_of_phrases(of_phrase, positions)
    rows = transaction.execute(statement, dict(values)).all() if positions else []
    if not rows:
        return NO_ROWS
    lengths, share = _lengths([row[3] for row in rows]), np.array([row[2] for row in rows])
    # A phrase that stands there f times has this share of the highest BM25: f / (f + scale).
    scale = K1 * (1.0 - B + B * lengths / _mean_length_of_all(rows[0][4]))
    frequency = np.round(2.0 * scale * share / (1.0 - share)) / 2.0
    of_row = np.array([[row[0] for row in rows], [row[1] for row in rows]], np.float64)
    return np.vstack([of_row, frequency, lengths])


def _mean_length_of_all(block: bytes) -> float:
    """Return the mean length of a page of all collections, by which FTS5 computes, from its totals."""
    totals = _integers(block)
    return float(totals[1:].sum() / totals[0])


def _lengths(sizes: Sequence[bytes]) -> NDArray[np.int64]:
    """Return how many terms pages (M,) have in all columns, as `page_index_docsize` stores them."""
    lengths: NDArray[np.int64] = _integers(b"".join(sizes)).reshape(-1, _N_COLUMNS).sum(axis=1)
    return lengths


def _integers(data: bytes) -> NDArray[np.int64]:
    """Read SQLite's integers: seven bits a byte, the highest first; all bytes but the last are marked."""
    digits = np.frombuffer(data, np.uint8).astype(np.int64)
    ends = np.flatnonzero(digits < 128)
    starts = np.append(0, ends[:-1] + 1)
    exponents = np.repeat(ends, ends - starts + 1) - np.arange(len(digits))
    integers: NDArray[np.int64] = np.add.reduceat((digits & 127) << (7 * exponents), starts)
    return integers


def _literal(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
