"""Calculates over the cells of one table what a question asks for in so many words: highest, lowest, sum,
difference, count.

Nothing is guessed: each cell that takes part must be a plain figure, all in one unit, and the question must
name the column by its head, or both rows by their labels.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.tables import Table
from generator.passages.values.cells import shown_value
from indexer.base.layout import Cell

_HIGHEST = re.compile(
    r"\b(highest|largest|biggest|greatest|maximum|heaviest|longest|tallest|fastest|most expensive|dearest)\b"
)
_LOWEST = re.compile(r"\b(lowest|smallest|least|minimum|lightest|shortest|slowest|cheapest)\b")
_SUM = re.compile(r"\b(sum of|add(ed)? up|all together|altogether|total of (all|the))\b")
# Two that are named: not the whole column.
_SUM_OF_TWO = re.compile(r"\bsum of (?!all\b)[^?]*\b(?:in|for|of) [^?]* and\b")
_DIFFERENCE = re.compile(r"\bdifference between\b")
_COUNT = re.compile(
    r"\bhow many ([a-z-]+ )?([a-z]{3,}) (are|is|does|do|has|have)\b.*\b(table|listed|list)\b"
)
_ROWS = frozenset({"rows", "lines", "entries", "items"})
_WHICH = re.compile(r"^\W*(?:which|who|what (?!is\b|was\b|are\b|were\b).*\b(?:has|have|had)\b)")
_SUM_ROW = re.compile(r"^(sub)?total\b|\bsum\b", re.IGNORECASE)
_FIGURE = re.compile(
    r"(?P<minus>[(−–-]?)\s*(?P<before>[$€£¥₹]|[A-Z]{3}\s)?\s*(?P<minus2>[−–-]?)"
    r"(?P<figure>\d{1,3}(?:[,'’\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)\)?\s*(?P<behind>[^\d\s]\S*(?:\s\S+)?)?"
)
_NOTHING = re.compile(r"[–—-]?|n/?a|\.+", re.IGNORECASE)
_MIN_ROWS = 2
_MAX_BEHIND = 3  # words
_MAX_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Calculation:
    """A result, how it comes about, and the cells that it comes from, each with its row."""

    text: str
    says: str
    table: Table
    cells: tuple[tuple[int, Cell], ...]


@dataclass(frozen=True, slots=True)
class _Figure:
    row: int
    cell: Cell
    number: Decimal
    unit: str


def calculate(question: ParsedQuestion, tables: Sequence[Table]) -> Calculation | None:
    """Return what the question asks to be calculated, from the table that it names best; None otherwise."""
    text = question.text.lower()
    if _DIFFERENCE.search(text):
        results = (_difference(question, table) for table in tables)
    elif _HIGHEST.search(text) or _LOWEST.search(text):
        results = (_extreme(question, table) for table in _by_head(question, tables))
    elif _SUM.search(text) and not _SUM_OF_TWO.search(text):
        results = (_sum(question, table) for table in _by_head(question, tables))
    elif _COUNT.search(text):
        results = (_count(question, table) for table in tables)
    else:
        return None
    return next((result for result in results if result is not None), None)


def _by_head(question: ParsedQuestion, tables: Sequence[Table]) -> list[Table]:
    """Return the tables with a column that the question names, the best named first."""
    weights = [
        (max(_column_weights(question, table), default=0.0), -i) for i, table in enumerate(tables)
    ]
    return [tables[-i] for weight, i in sorted(weights, reverse=True) if weight > 0]


def _column_weights(question: ParsedQuestion, table: Table) -> list[float]:
    return [
        question.weight_in(terms_of(_head_of(table, column)))
        for column in range(table.block.n_columns)
    ]


def _superlative_is_of(question: ParsedQuestion, head: str) -> bool:
    """Say whether the question says "highest" just before what the head names: `highest torque`."""
    text = question.text.lower()
    head_terms = {term for term in terms_of(head) if not term[0].isdigit()}
    for pattern in (_HIGHEST, _LOWEST):
        for match in pattern.finditer(text):
            behind = text[match.end() :].split()[:_MAX_BEHIND]
            if not terms_of(" ".join(behind)).isdisjoint(head_terms):
                return True
    return False


def _head_of(table: Table, column: int) -> str:
    cells = (table.at(row, column) for row in range(table.block.n_rows))
    return next((table.head(cell) for cell in cells if cell is not None and not cell.is_head), "")


def _column(question: ParsedQuestion, table: Table) -> list[_Figure]:
    """Return the figures of the column that the question names; none where one of its cells is no figure."""
    weights = _column_weights(question, table)[table.n_label_columns :]
    if not weights or max(weights) <= 0 or weights.count(max(weights)) > 1:
        return []
    column = table.n_label_columns + weights.index(max(weights))
    figures = []
    for row in range(table.block.n_rows):
        cell = table.at(row, column)
        if cell is None or cell.is_head or cell.row != row or _SUM_ROW.search(table.own_label(row)):
            continue
        if _NOTHING.fullmatch(table.text(cell).strip()):
            continue
        figure = _figure(table, row, cell)
        if figure is None:
            return []
        figures.append(figure)
    return figures if len({figure.unit for figure in figures}) == 1 else []


def _figure(table: Table, row: int, cell: Cell) -> _Figure | None:
    match = _FIGURE.fullmatch(shown_value(table, cell).strip())
    if match is None:
        return None
    number = Decimal(re.sub(r"[^\d.]", "", match["figure"]))
    is_negative = bool(match["minus"] or match["minus2"])
    unit = (match["before"] or match["behind"] or "").strip()
    return _Figure(row, cell, -number if is_negative else number, unit)


def _extreme(question: ParsedQuestion, table: Table) -> Calculation | None:
    figures = _column(question, table)
    if len(figures) < _MIN_ROWS:
        return None
    if not _superlative_is_of(question, table.head(figures[0].cell)):
        return None
    is_highest = _HIGHEST.search(question.text.lower()) is not None
    numbers = [figure.number for figure in figures]
    number = max(numbers) if is_highest else min(numbers)
    best = [figure for figure in figures if figure.number == number]
    value = shown_value(table, best[0].cell)
    labels = "; ".join(table.own_label(figure.row) for figure in best)
    word = "highest" if is_highest else "lowest"
    of = f"{word} of {len(figures)} values of {table.head(best[0].cell)}"
    cells = tuple((figure.row, figure.cell) for figure in best)
    if _WHICH.match(question.text.lower()) and labels:
        return Calculation(labels, f"{value}: the {of}{_in(table)}", table, cells)
    return Calculation(value, f"{labels}: the {of}{_in(table)}", table, cells)


def _sum(question: ParsedQuestion, table: Table) -> Calculation | None:
    figures = _column(question, table)
    if len(figures) < _MIN_ROWS:
        return None
    total = sum(figure.number for figure in figures)
    addends = " + ".join(table.text(figure.cell) for figure in figures[:_MAX_SHOWN])
    rest = f" + {len(figures) - _MAX_SHOWN} more" if len(figures) > _MAX_SHOWN else ""
    says = f"sum of {table.head(figures[0].cell)}: {addends}{rest}{_in(table)}"
    cells = tuple((figure.row, figure.cell) for figure in figures)
    return Calculation(_with_unit(Decimal(total), figures[0].unit), says, table, cells)


def _difference(question: ParsedQuestion, table: Table) -> Calculation | None:
    """Return the difference of two rows in one column: the only one, or the one that is named."""
    rows = _rows_named(question, table)
    if len(rows) != 2:
        return None
    columns = range(table.n_label_columns, table.block.n_columns)
    weights = [question.weight_in(terms_of(_head_of(table, column))) for column in columns]
    if not weights or (len(weights) > 1 and (max(weights) <= 0 or weights.count(max(weights)) > 1)):
        return None
    column = columns[weights.index(max(weights))]
    cells = [table.at(row, column) for row in rows]
    figures = [
        _figure(table, row, cell) for row, cell in zip(rows, cells, strict=True) if cell is not None
    ]
    if len(figures) != len(rows) or None in figures:
        return None
    high, low = sorted((f for f in figures if f is not None), key=lambda f: -f.number)
    if high.unit != low.unit:
        return None
    sides = [f"{table.text(f.cell)} ({table.own_label(f.row)})" for f in (high, low)]
    text = _with_unit(high.number - low.number, high.unit)
    pairs = ((high.row, high.cell), (low.row, low.cell))
    return Calculation(text, " − ".join(sides) + _in(table), table, pairs)


def _rows_named(question: ParsedQuestion, table: Table) -> list[int]:
    """Return the rows whose whole label the question says, number by number and word by word."""
    terms = terms_of(question.text)
    labels = {
        row: terms_of(table.own_label(row))
        for row in range(table.block.n_rows)
        if table.labels_of(row)
    }
    return [row for row, label in labels.items() if label and _says(terms, label)]


def _says(question_terms: frozenset[str], label: frozenset[str]) -> bool:
    figures = {term for term in label if term[0].isdigit()}
    n_same = len(label & question_terms)
    return 2 * n_same > len(label) and len(figures - question_terms) < max(len(figures), 1)


def _count(question: ParsedQuestion, table: Table) -> Calculation | None:
    match = _COUNT.search(question.text.lower())
    assert match is not None, "only what is to be counted is"
    rows = [
        row
        for row in range(table.block.n_rows)
        if table.labels_of(row) and not table.is_head_row(row) and not table.is_group_row(row)
        and not _SUM_ROW.search(table.own_label(row))
    ]  # fmt: skip
    cells = tuple((row, table.labels_of(row)[0]) for row in rows)
    head = terms_of(table.head(cells[0][1])) if cells else frozenset()
    about = terms_of(" ".join([table.caption, *head]))
    is_named = bool(terms_of(match[2]) & head) or (
        match[2] in _ROWS and bool(about & question.terms.keys())
    )
    if not is_named or len(rows) < _MIN_ROWS:
        return None
    return Calculation(str(len(rows)), f"rows counted{_in(table)}", table, cells)


def _with_unit(number: Decimal, unit: str) -> str:
    text = f"{number:,f}"
    if not unit:
        return text
    return f"{unit}{text}" if unit in "$€£¥₹" else f"{text}{'' if unit == '%' else ' '}{unit}"


def _in(table: Table) -> str:
    return f", {table.short_caption}" if table.short_caption else ""
