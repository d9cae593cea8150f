"""Chooses the cell of a row that answers a question: the label names some of its words, the head others."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.measures import CURRENCY, Measure, unit_of_head
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.tables import Table
from generator.passages.values.spans import fit
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.layout import Cell

_UNIT_WEIGHT = 0.75
_KIND_WEIGHT = 0.5
_FIGURE_WORDS = range(1, 5)  # `4 + 4`, `95 Nm`
_CLEAR = 0.2  # ahead of the second

_WHICH = re.compile(r"\b(?:which|what|whose)\s+(?:of the\s+)?([^\W\d_]+)", re.IGNORECASE)
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
_PARTS = re.compile(r"\d-\d{2}")  # an order number, a telephone number
_NUMERIC = re.compile(r"^[\s$€£¥(+−–-]*\d[\d\s.,'’()%+x×/–-]*$")
_A_FIGURE = re.compile(r"[^\w\s]*\d\S*(?<=\d)(?=\s|$)")  # and not `Z3`
_COUNTS = re.compile(
    r"^\W*(?:quantity|qty|number|no\. of \w+|count|pieces|pcs|units|copies)\W*$", re.IGNORECASE
)
_INTERVAL = re.compile(r"\b(?:intervals?|frequency|every|how often)\b", re.IGNORECASE)
_CURRENCY = re.compile(CURRENCY)
_SYMBOLS = "$€£¥₹"


_Weighed = tuple[Cell, float, float, float]  # with what _weights says of it


@dataclass(frozen=True, slots=True)
class CellMatch:
    """The cell of a row that answers best.

    weight       of the question's words in the row and the head of the cell
    crosses      label and head both say something of the question, and each something of its own
    is_clear     no other cell of the row answers as well
    """

    cell: Cell
    weight: float
    crosses: bool
    is_clear: bool


def match_row(question: ParsedQuestion, table: Table, row: int) -> CellMatch | None:
    """Return the cell of a row that answers; None where the row has none that says something new."""
    candidates: list[_Weighed] = [
        (cell, *_weights(question, table, row, cell))
        for cell in _candidates(question, table, row)
        if not terms_of(table.text(cell)) <= question.terms.keys()
    ]
    if not candidates:
        return None
    if question.unit:
        unit = terms_of(question.unit)
        candidates = [c for c in candidates if c[2] > 0 or _names_unit(table, row, c[0], unit)]
        if not candidates:
            return None
    if question.kind not in (AnswerKind.ANY, AnswerKind.YES_OR_NO):
        fitting = [c for c in candidates if fits_kind(question, shown_value(table, c[0]))]
        if not fitting:
            return _of_another_kind(candidates)
        candidates = fitting
    ranks = [across + extra for _, _, across, extra in candidates]
    best = max(range(len(ranks)), key=lambda i: ranks[i])
    ties = [i for i, rank in enumerate(ranks) if rank > ranks[best] - _CLEAR]
    if candidates[best][2] == 0 and _is_asked_of_blank(question, table, row):
        return _of_another_kind(candidates)
    is_clear = len(ties) == 1
    if not is_clear:
        latest = _latest(question, table, [candidates[i][0] for i in ties])
        nearest = _right_of_label(table, row, [candidates[i] for i in ties])
        if latest is not None:
            best, is_clear = ties[latest], True
        elif nearest is not None:
            best, is_clear = ties[nearest], True
    cell, down, across, extra = candidates[best]
    only = len(candidates) == 1 and (extra > 0 or question.kind is AnswerKind.ANY)
    crosses = down > 0 and (across > 0 or (only and table.block.n_columns <= 2))
    return CellMatch(cell, down + across, crosses, is_clear)


def _names_unit(table: Table, row: int, cell: Cell, unit: frozenset[str]) -> bool:
    """Say whether what is counted stands in a cell, over it, in its row or in the caption."""
    if _COUNTS.search(table.head(cell)):
        return True
    row_text = " ".join(table.text(c) for c in table.rows[row])
    around = " ".join([table.head(cell), table.label(row), table.caption, row_text])
    return not unit.isdisjoint(terms_of(around))


def _right_of_label(table: Table, row: int, candidates: Sequence[_Weighed]) -> int | None:
    """Return the position of the cell behind the label, where no head says more."""
    labels = table.labels_of(row)
    if not labels or any(across > 0 for _, _, across, _ in candidates):
        return None
    column = labels[-1].column + labels[-1].n_columns
    for i, (cell, down, _, _) in enumerate(candidates):
        if cell.column == column and down > 0 and not table.head(cell):
            return i
    return None


def _is_asked_of_blank(question: ParsedQuestion, table: Table, row: int) -> bool:
    """Say whether the head that the question names stands over a cell with nothing in it but a dash."""
    cells = {table.at(row, column) for column in range(table.block.n_columns)}
    blanks = [c for c in cells if c is not None and not any(map(str.isalnum, table.text(c)))]
    in_row = terms_of(" ".join(table.text(c) for c in cells if c is not None))
    heads = terms_of(" ".join(map(table.head, blanks))) - in_row - STOP_WORDS
    return question.weight_in(heads) > 0


def _of_another_kind(candidates: Sequence[_Weighed]) -> CellMatch:
    """Return the best cell of a row that has nothing of the kind asked for: no answer, but near it."""
    cell, down, across, _ = max(candidates, key=lambda c: c[1] + c[2])
    return CellMatch(cell, down + across, crosses=False, is_clear=False)


def shown_value(table: Table, cell: Cell) -> str:
    """Return the text of a cell with the unit that its head has."""
    text = table.text(cell)
    unit = unit_of_head(table.head(cell))
    if not unit or not _NUMERIC.match(text) or (unit == "%" and "%" in text):
        return text
    if _CURRENCY.search(text):
        return text
    if unit in _SYMBOLS:
        return f"{unit}{text}"
    return f"{text}{'' if unit == '%' else ' '}{unit}"


def _candidates(question: ParsedQuestion, table: Table, row: int) -> list[Cell]:
    """Return the values of a row, and its label where the question asks which one it is."""
    cells = table.values_of(row)
    labels = table.labels_of(row)
    if labels and (_asks_for(question, table, labels[-1]) or _is_day(question, table, row)):
        return labels[-1:]
    return cells


def _is_day(question: ParsedQuestion, table: Table, row: int) -> bool:
    """Say whether a row is named by the day that is asked for, and no other cell has one."""
    if question.kind not in (AnswerKind.DATE, AnswerKind.YEAR):
        return False
    values = map(table.text, table.values_of(row))
    return question.answered_in_kind(table.text(table.labels_of(row)[-1])) and not any(
        map(question.answered_in_kind, values)
    )


def _asks_for(question: ParsedQuestion, table: Table, label: Cell) -> bool:
    """Say whether "which ..." or "who ..." names what stands in the column of labels."""
    head = terms_of(table.head(label))
    nouns = frozenset[str]().union(*(terms_of(m[1]) for m in _WHICH.finditer(question.text)))
    return bool(head & nouns)


def _weights(
    question: ParsedQuestion, table: Table, row: int, cell: Cell
) -> tuple[float, float, float]:
    """Return what the question's words weigh in the row, the others in the head, and what is extra.

    Extra is what tells cells of a row apart but is no word of the question: unit and kind.
    """
    other_cells = [c for c in (*table.labels_of(row), *table.values_of(row)) if c is not cell]
    down = terms_of(" ".join([table.group_of(row), *(table.text(c) for c in other_cells)]))
    head_text = table.head(cell)
    head = terms_of(head_text)
    in_row = question.weight_in(down)
    across = question.weight_in(down | head) - in_row
    text = table.text(cell)
    extra = _UNIT_WEIGHT * _has_unit(question.measures, f"{text} {unit_of_head(head_text)}")
    extra += _KIND_WEIGHT * fits_kind(question, text)
    extra += _UNIT_WEIGHT * (bool(question.unit) and _COUNTS.search(head_text) is not None)
    return in_row, across, extra


def _has_unit(measures: Sequence[Measure], text: str) -> bool:
    return any(measure.has_unit(text) for measure in measures)


def fits_kind(question: ParsedQuestion, text: str) -> bool:
    """Say whether the text of a cell is of the kind asked for."""
    if question.kind is AnswerKind.SHARE:
        return question.answered_in_kind(text)
    if question.asks_quantity:
        if _PARTS.search(text):
            return False
        words = text.split()
        is_figure = len(words) in _FIGURE_WORDS and _A_FIGURE.match(text) is not None
        has_unit = bool(question.measures) and fit(question, text) == 1.0
        return _NUMERIC.match(text) is not None or is_figure or has_unit
    return question.answered_in_kind(text)


def answers_in_kind(question: ParsedQuestion, table: Table, row: int, cell: Cell) -> bool:
    """Say whether a cell is of the kind asked for; how often, a row says by any cell below `Interval`."""
    if fits_kind(question, shown_value(table, cell)):
        return True
    cells = (*table.labels_of(row), *table.values_of(row))
    heads = map(table.head, cells) if question.kind is AnswerKind.FREQUENCY else ()
    return any(map(_INTERVAL.search, heads))


def _latest(question: ParsedQuestion, table: Table, cells: Sequence[Cell]) -> int | None:
    """Return the position of the cell of the latest year, where only years tell the cells apart."""
    years = [_YEAR.findall(table.head(cell)) for cell in cells]
    if not all(years) or _YEAR.search(question.text):
        return None
    latest = [max(own) for own in years]
    return latest.index(max(latest)) if len(set(latest)) == len(latest) else None
