"""Lists what the labels of a page name: fields of its forms, cells of its tables, lines with a colon."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.values.value import Value, value_of, value_of_cell
from indexer.base.pages import PageWords, enclosing

_MAX_LABEL_WORDS = 5
_MAX_VALUE_WORDS = 12
_NUMBER_SIGN = re.compile(r"(?:no|nos|nr|num|number|№|#)\.?:?", re.IGNORECASE)
_IDENTIFIER = re.compile(r"(?=.*\d)[\w./#-]+(?<![.-])")


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
        if label := table.own_label(row, without=cell):
            value = value_of_cell(table, row, cell)
            yield LabelledValue(passage, value, label, table.head(cell), around)
