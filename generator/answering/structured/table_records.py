"""Reads a list of objects out of the table whose columns are called like their values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.answering.structured.labels import content_terms, share_of_label
from generator.answering.structured.row_schema import ListField
from generator.answering.structured.schema_fields import SchemaField, filled_object
from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.values.cells import shown_value
from generator.passages.values.value import Value, value_of_cell
from indexer.base.pages import PageWords

_MIN_COLUMNS = 2  # of a table that is recognised by its heads

Columns = dict[str, int]  # of each value of an object that a head names


@dataclass(frozen=True, slots=True, eq=False)
class TableRecord:
    """An object of a list: a row of a table. `cells` are its values and what proves them."""

    page_number: int
    passage: Passage
    cells: dict[str, tuple[Any, Value]]

    def as_object(self, field: ListField) -> dict[str, Any]:
        """Return the object of the list; a value that its row does not have is null."""
        return filled_object(
            {part.path: self.cells.get(part.name, (None,))[0] for part in field.fields}
        )


def table_records(
    field: ListField, pages: Sequence[tuple[int, PageWords]]
) -> tuple[list[TableRecord], str]:
    """Return the records of the table that names a list's values best, and what keeps it from having any.

    pages  of one document with their numbers, in order

    A table that goes on over the next pages is one: its heads are repeated or known from before.
    """
    best: list[TableRecord] = []
    best_score = (0, 0.0)
    n_best = 0
    for part in _tables(pages):
        columns = _columns(field, part.table)
        if not columns:
            continue
        score = (len(columns), _share_around(field, part.table, part.passages[0].context.heading))
        records = [
            TableRecord(part.page_number, passage, cells)
            for passage in part.passages
            if (cells := _cells(field, part.table, passage.row, columns))
        ]
        if score > best_score:
            best, best_score, n_best = records, score, 1
            last = part
        elif score == best_score and _goes_on(last, part):
            best += records
            last = part
        elif score == best_score:
            n_best += 1
    if n_best > 1:
        return [], f"{n_best} tables have such columns: name the one that is meant in `title`"
    return best, ""


@dataclass(frozen=True, slots=True, eq=False)
class _PageTable:
    page_number: int
    table: Table
    passages: tuple[Passage, ...]


def _tables(pages: Sequence[tuple[int, PageWords]]) -> Iterator[_PageTable]:
    for page_number, words in pages:
        by_table: dict[int, list[Passage]] = {}
        for passage in passages_of(words):
            if passage.table is not None and not passage.leads:
                by_table.setdefault(id(passage.table), []).append(passage)
        for passages in by_table.values():
            table = passages[0].table
            if table is not None and not table.is_contents:
                yield _PageTable(page_number, table, tuple(passages))


def _columns(field: ListField, table: Table) -> Columns:
    """Return the column of each value; none where too few are there to know the table by."""
    heads = _heads(table)
    columns: Columns = {}
    for part in field.fields:
        shares = [_head_share(part, head) for head in heads]
        best = max(shares, default=0.0)
        if best > 0 and shares.count(best) == 1 and shares.index(best) not in columns.values():
            columns[part.name] = shares.index(best)
    is_known = field.required_names <= columns.keys() and (
        len(columns) == len(field.fields) or len(columns) >= _MIN_COLUMNS
    )
    return columns if is_known else {}


def _heads(table: Table) -> list[str]:
    heads = list(table.block.heads) + [""] * table.block.n_columns
    heads = heads[: table.block.n_columns]
    for row in reversed(range(table.block.n_rows)):
        for cell in table.rows[row]:
            if not cell.is_head and cell.n_columns == 1 and (head := table.head(cell)):
                heads[cell.column] = head
    return heads


def _head_share(field: SchemaField, head: str) -> float:
    """Return how well a head names a value, 0 where a word of it is missing."""
    terms = content_terms(head)
    label_terms = [content_terms(label) for label in field.labels]
    return max((share_of_label(a, head) for a in label_terms if a and a <= terms), default=0.0)


def _share_around(field: ListField, table: Table, heading: str) -> float:
    """Return the share of the list's own words in the table's caption and heading."""
    around = content_terms(f"{table.caption} {heading}")
    label_terms = [content_terms(label) for label in field.labels]
    return max((len(a & around) / len(a) for a in label_terms if a), default=0.0)


def _cells(
    field: ListField, table: Table, row: int, columns: Columns
) -> dict[str, tuple[Any, Value]]:
    cells: dict[str, tuple[Any, Value]] = {}
    for part in field.fields:
        cell = table.at(row, columns[part.name]) if part.name in columns else None
        if cell is None or cell.is_head or cell.stop == cell.start:
            continue
        value = part.value_of(table.text(cell))
        if value is None:
            value = part.value_of(shown_value(table, cell))
        if value is not None:
            cells[part.name] = (value, value_of_cell(table, row, cell))
    return cells


def _goes_on(above: _PageTable, below: _PageTable) -> bool:
    is_next = below.page_number == above.page_number + 1
    return is_next and _heads(above.table) == _heads(below.table)
