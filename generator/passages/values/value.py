"""Says in one line what a quotation answers: the value of a cell or a field, the span of a pattern."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.values.cells import match_row, shown_value
from generator.passages.values.spans import Span, answer_span, doer_span
from indexer.base.layout import Cell
from indexer.base.pages import PageWords, enclosing

Box = NDArray[np.uint16]  # (4,)

_MAX_VALUE_WORDS = 4  # of a cell that is the value as it is
_A_WORD = re.compile(r"[^\W\d_]{2}")  # `2024` and `Q1` name no quantity
_SPANS_OF_FIELDS = frozenset(
    {
        AnswerKind.DATE,
        AnswerKind.YEAR,
        AnswerKind.CLOCK,
        AnswerKind.CODE,
        AnswerKind.MAIL,
        AnswerKind.PHONE,
        AnswerKind.ACCOUNT,
    }
)
_MAX_SHOWN = 12  # pairs of head and value of a row that is shown whole


@dataclass(frozen=True, slots=True, eq=False)
class Value:
    """What answers.

    text           the value with its unit
    box            (4,) uint16, of the words that it is
    says           what it is: head, label and caption of a cell, label of a field; empty for a sentence
    context_boxes  (4,) uint16 each, of head and label
    """

    text: str
    box: Box
    says: str = ""
    context_boxes: tuple[Box, ...] = ()


def value_of(question: ParsedQuestion, words: PageWords, passage: Passage) -> Value | None:
    """Return what answers in a passage; None where the passage has to speak for itself."""
    if passage.table is not None:
        return _cell_value(question, passage.table, passage.row)
    if passage.field is not None:
        return _part_of_field(question, words, passage) or _field_value(
            words, passage, *passage.field
        )
    span = answer_span(question, words, passage.start, passage.stop)
    if span is None:
        return None
    return Value(span.text, enclosing(words.boxes[span.start : span.stop]))


def reading_of(passage: Passage) -> str:
    """Return how a row of a table reads without a value of its own: each value behind its head."""
    table = passage.table
    if table is None or passage.leads:
        return ""
    labels = table.label_cells(passage.row)
    pairs = [
        f"{table.head(cell)}: {table.text(cell)}" if table.head(cell) else table.text(cell)
        for cell in table.values_of(passage.row)[:_MAX_SHOWN]
        if cell not in labels
    ]
    label = table.label(passage.row)
    return " – ".join(filter(None, [label, "; ".join(pairs)]))


def _cell_value(question: ParsedQuestion, table: Table, row: int) -> Value | None:
    match = match_row(question, table, row)
    if match is None or not match.is_clear:
        return None
    cell = match.cell
    if cell.stop - cell.start > _MAX_VALUE_WORDS or question.asks_quantity:
        span = answer_span(question, table.words, cell.start, cell.stop)
        if span is not None and span.text not in shown_value(table, cell)[: len(span.text)]:
            return _part_of_cell(table, row, cell, span)
    return value_of_cell(table, row, cell, _named_in(question, table, row, cell))


def _named_in(question: ParsedQuestion, table: Table, row: int, cell: Cell) -> tuple[str, ...]:
    """Return what other cells of a row say that the question names: which of the rows of a day it is."""
    label = terms_of(table.label(row, without=cell))
    other_cells = (
        c for c in table.values_of(row) if c is not cell and c.stop - c.start <= _MAX_VALUE_WORDS
    )
    texts = (table.text(c) for c in other_cells)
    return tuple(
        t for t in texts if question.cover_of(question.terms.keys() - label, terms_of(t)) >= 1
    )


def _part_of_cell(table: Table, row: int, cell: Cell, span: Span) -> Value:
    """Return the span of a cell that says more than the value, with the whole cell below it."""
    around = [cell, *table.heads_over(cell), *table.labels_of(row)]
    return Value(
        span.text,
        enclosing(table.words.boxes[span.start : span.stop]),
        f"{_description(table, row, cell)}: “{table.text(cell)}”",
        tuple(_box(table.words, [c]) for c in around if c.stop > c.start),
    )


def value_of_cell(table: Table, row: int, cell: Cell, names: Sequence[str] = ()) -> Value:
    """Return a cell as the value that answers, whatever the question is.

    names  what other cells of the row say that the question names
    """
    around = [*table.heads_over(cell), *(c for c in table.labels_of(row) if c is not cell)]
    return Value(
        shown_value(table, cell),
        _box(table.words, [cell]),
        _description(table, row, cell, names),
        tuple(_box(table.words, [c]) for c in around if c.stop > c.start),
    )


def _description(table: Table, row: int, cell: Cell, names: Sequence[str] = ()) -> str:
    head = table.head(cell)
    label = ", ".join(filter(None, [table.label(row, without=cell), *names]))
    if _A_WORD.search(head) and label:
        head, label = f"{head}{', of ' if ', ' in head else ' of '}{label}", ""
    parts = [label, head, table.short_caption, table.scale]
    return ", ".join(filter(None, dict.fromkeys(parts)))


def _part_of_field(question: ParsedQuestion, words: PageWords, passage: Passage) -> Value | None:
    """Return the span of a field that says more than what answers: `7 March 1988` of "in Braga", too."""
    start, stop = passage.field or (0, 0)
    span = doer_span(question, words, start, stop)
    if span is None and question.kind in _SPANS_OF_FIELDS:
        span = answer_span(question, words, start, stop)
    if span is None or (span.start, span.stop) == (start, stop):
        return None
    box, head = enclosing(words.boxes[span.start : span.stop]), words.boxes[passage.start : start]
    says = f"{passage.label.rstrip(' :')}: “{words.quote(start, stop)}”"
    return Value(span.text, box, says, (enclosing(head),) if len(head) else ())


def _field_value(words: PageWords, passage: Passage, start: int, stop: int) -> Value | None:
    label = passage.label.rstrip(" :")
    if passage.is_ticked is not None:
        box = enclosing(words.boxes[passage.start : passage.stop])
        state = "yes" if passage.is_ticked else "no"
        return Value(state, box, f"{label} ({'ticked' if passage.is_ticked else 'not ticked'})")
    if stop == start:
        return None
    head = words.boxes[passage.start : start]
    context = (enclosing(head),) if len(head) else ()
    return Value(words.quote(start, stop), enclosing(words.boxes[start:stop]), label, context)


def _box(words: PageWords, cells: Sequence[Cell]) -> Box:
    return enclosing(np.concatenate([words.boxes[cell.start : cell.stop] for cell in cells]))


def joined_boxes(boxes: Iterable[Box]) -> Box:
    """Return the box (4,) around some boxes."""
    return enclosing(np.stack(list(boxes)))
