"""Lists what the labels of a page name: fields of its forms, cells of its tables, lines with a colon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.values.cells import shown_value
from generator.passages.values.value import Value, value_of, value_of_cell
from indexer.base.layout import Cell
from indexer.base.pages import PageWords, enclosing

_MAX_LABEL_WORDS = 5
_MAX_VALUE_WORDS = 12
_NUMBER_SIGN = re.compile(r"(?:no|nos|nr|num|number|№|#)\.?:?", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(?=.*\d)[\w./#-]+(?<![.-])")
_LETTERS = re.compile(r"[^\W\d_]{2}")


@dataclass(frozen=True, slots=True, eq=False)
class LabelledValue:
    """A value that its page names.

    label   of its field, line or row
    head    of its column; empty where there is none
    around  what else says what it is: group and caption of the table, heading above
    """

    passage: Passage
    value: Value
    label: str
    head: str = ""
    around: str = ""


def labelled_values(words: PageWords) -> Iterator[LabelledValue]:
    """Yield the labelled values of a page, in reading order."""
    nothing_asked = read_question("")
    for passage in passages_of(words):
        if passage.field is not None:
            value = value_of(nothing_asked, words, passage)
            if value is not None:
                label = passage.label.rstrip(" :")
                yield LabelledValue(passage, value, label, around=passage.context.heading)
        elif passage.table is not None:
            if not passage.leads and not passage.table.is_contents:
                yield from _of_row(passage, passage.table)
        elif (parts := _label_and_value(words, passage)) is not None:
            label_stop, stop = parts
            label = words.quote(passage.start, label_stop).rstrip(" :")
            value = Value(
                words.quote(label_stop, stop),
                enclosing(words.boxes[label_stop:stop]),
                label,
                (enclosing(words.boxes[passage.start : label_stop]),),
            )
            yield LabelledValue(passage, value, label, around=passage.context.heading)


def _label_and_value(words: PageWords, passage: Passage) -> tuple[int, int] | None:
    """Return where label and value end in a line such as `Contract no. OFS-17` or `Due date: 3 May`."""
    texts = words.texts[passage.start : passage.stop]
    for n, text in enumerate(texts[:_MAX_LABEL_WORDS], start=1):
        if n == len(texts):
            return None
        start = passage.start + n
        if n > 1 and _NUMBER_SIGN.fullmatch(text) and _IDENTIFIER.fullmatch(texts[n]):
            return start, start + 1
        if text.endswith(":"):
            is_line = len(texts) - n <= _MAX_VALUE_WORDS and texts[0][0].isupper()
            return (start, passage.stop) if is_line else None
        if text[-1] in ".;!?":
            return None
    return None


def _of_row(passage: Passage, table: Table) -> Iterator[LabelledValue]:
    row = passage.row
    around = " ".join(filter(None, [table.group_of(row), table.caption, passage.context.heading]))
    for cell in table.values_of(row):
        beside = _label_beside(table, row, cell)
        if beside is not None:
            label = table.text(beside)
            yield LabelledValue(passage, _beside_label(table, beside, cell), label, "", around)
        elif label := table.own_label(row, without=cell):
            value = value_of_cell(table, row, cell)
            yield LabelledValue(passage, value, label, table.head(cell), around)


def _label_beside(table: Table, row: int, cell: Cell) -> Cell | None:
    """Return the cell at the left that names a cell by itself: pairs of label and value, side by side."""
    if cell.column == 0 or table.n_label_columns > 1:
        return None
    left = table.at(row, cell.column - 1)
    if left is None or left.is_head or not _LETTERS.search(table.text(left)):
        return None
    heads = table.heads_over(cell)
    has_own_head = any(head not in table.heads_over(left) for head in heads)
    return None if has_own_head else left


def _beside_label(table: Table, label: Cell, cell: Cell) -> Value:
    boxes = table.words.boxes
    says = ", ".join(filter(None, [table.text(label), table.short_caption]))
    label_box = enclosing(np.asarray(boxes[label.start : label.stop]))
    return Value(
        shown_value(table, cell), enclosing(boxes[cell.start : cell.stop]), says, (label_box,)
    )
