"""Lists cells of several rows of a table: rows that share a name in the question, or are each named in it."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.tables import Table
from generator.passages.values.calculations import Calculation
from generator.passages.values.cells import shown_value
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.layout import Cell

_MAX_ROWS = 12
_HEAD_SHARE = 0.5  # of the words of a head stand in the question
_MIN_NAME = 2  # letters or digits of what names a row
_WORDS = re.compile(r"[^\W_]+")
_ASKS_WHICH = re.compile(r"^\W*(?:which|what)\b", re.IGNORECASE)
_AND = re.compile(r"\band\b|,|&")


def list_rows(question: ParsedQuestion, tables: Sequence[Table]) -> Calculation | None:
    """Return what several rows say, from the first table that the question is clear about; else None."""
    if question.derived_terms:
        return None
    for table in tables:
        if (answer := _rows_that_are_so(question, table)) is not None:
            return answer
        rows, named_columns = _rows_asked(question, table)
        column = _column_asked(question, table, named_columns) if rows else None
        if column is None:
            continue
        cells = {table.at(row, column): row for row in rows}
        pairs = tuple((row, c) for c, row in cells.items() if c is not None and table.text(c))
        values = list(dict.fromkeys(shown_value(table, cell) for _, cell in pairs))
        if len(values) >= 2 and len(pairs) <= _MAX_ROWS:
            labels = "; ".join(dict.fromkeys(filter(None, (table.own_label(r) for r, _ in pairs))))
            says = f"{table.head(pairs[0][1])} of {labels}"
            return Calculation("; ".join(values), says, table, pairs)
    return None


def _rows_that_are_so(question: ParsedQuestion, table: Table) -> Calculation | None:
    """Return the names of the rows that have "yes", or "no", in the column whose head the question names.

    "Which causes are not covered?" asks for those of which `Covered` is no.
    """
    if not question.asks_list or _ASKS_WHICH.search(question.text) is None:
        return None
    state = "no" if question.denies else "yes"
    body = [row for row in range(table.block.n_rows) if not table.is_head_row(row)]
    for column in range(table.n_label_columns, table.block.n_columns):
        cells = {row: table.at(row, column) for row in body}
        says = {row: _plain(table.text(c)) for row, c in cells.items() if c is not None}
        if (
            not {"yes", "no"} <= set(says.values())
            or not _head_terms(table, column) <= question.terms.keys()
        ):
            continue
        heads = [table.head(c) for row, c in cells.items() if c is not None and says[row] == state]
        rows = [row for row in body if says.get(row) == state and table.labels_of(row)]
        labels = [(row, table.labels_of(row)[-1]) for row in rows]
        if labels and len(labels) <= _MAX_ROWS:
            text = "; ".join(table.text(cell) for _, cell in labels)
            return Calculation(text, f"{heads[0]}: {state}", table, tuple(labels))
    return None


def _rows_asked(question: ParsedQuestion, table: Table) -> tuple[list[int], set[int]]:
    """Return the rows that share a cell which the question names, or of which it names each.

    Also the columns in which those names stand.
    """
    text = f" {_plain(question.text)} "
    body = [
        row
        for row in range(table.block.n_rows)
        if not table.is_head_row(row) and not table.is_group_row(row)
    ]
    of_text: dict[tuple[str, int], list[int]] = {}
    for row in body:
        for column in range(table.block.n_columns):
            cell = table.at(row, column)
            if cell is not None and not cell.is_head and cell.stop > cell.start:
                of_text.setdefault((_plain(table.text(cell)), column), []).append(row)
    shared_rows = [
        (len(name), rows, column)
        for (name, column), rows in of_text.items()
        if question.asks_list and len(rows) > 1 and _is_name(name) and f" {name} " in text
    ]
    if shared_rows:
        _, rows, column = max(shared_rows)
        return rows, {column}
    names = {row: _plain(" ".join(map(table.text, table.labels_of(row)))) for row in body}
    named_rows = [row for row, name in names.items() if _is_name(name) and f" {name} " in text]
    labels = [names[row] for row in named_rows]
    is_each = len(named_rows) > 1 and len(set(labels)) == len(labels) and _AND.search(question.text)
    return (named_rows if is_each else []), set(range(table.n_label_columns))


def _is_name(name: str) -> bool:
    words = name.split()
    return len(name) >= _MIN_NAME and any(word not in STOP_WORDS for word in words)


def _column_asked(question: ParsedQuestion, table: Table, named_columns: set[int]) -> int | None:
    """Return the other column of which the question names the head, better than of any."""
    weights: list[tuple[float, int]] = []
    for column in set(range(table.block.n_columns)) - named_columns:
        head = _head_terms(table, column)
        known_terms = {term for term in head if question.weight_in({term}) > 0}
        if head and len(known_terms) >= _HEAD_SHARE * len(head):
            weights.append((question.weight_in(head), column))
    weights.sort(reverse=True)
    if not weights or (len(weights) > 1 and weights[0][0] == weights[1][0]):
        return None
    return weights[0][1]


def _head_terms(table: Table, column: int) -> frozenset[str]:
    cells: list[Cell | None] = [table.at(row, column) for row in range(table.block.n_rows)]
    body = next((cell for cell in cells if cell is not None and not cell.is_head), None)
    words = (
        terms_of(re.sub(r"\([^()]*\)", " ", table.head(body))) if body is not None else frozenset()
    )
    return frozenset(term for term in words if term not in STOP_WORDS and term[0].isalpha())


def _plain(text: str) -> str:
    return " ".join(_WORDS.findall(text.lower()))
