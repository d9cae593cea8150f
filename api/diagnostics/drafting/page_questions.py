"""Drafts questions from one page: cells of tables, fields of forms, definitions. No model is asked.

Each asks for what stands on the page word for word, so its answer is exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from generator.passages.questions.measures import unit_of_head
from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.splitting.tables import Table
from generator.passages.values.cells import shown_value
from generator.passages.values.value import joined_boxes
from indexer.base.layout import Cell
from indexer.base.pages import FractionBox, PageWords, fraction_box

_MAX_LABEL_WORDS = 7
_MAX_HEAD_WORDS = 4
_MAX_ANSWER_WORDS = 4
_MAX_FIELD_WORDS = 8
_MAX_DEFINITION_WORDS = 45

_FIGURE = re.compile(r"[\s$€£¥(+−–-]*\d[\d\s.,'’()%+×/–-]*")
_YEAR = re.compile(r"(?:FY\s?)?(?:19|20)\d\d")
# What names nothing by itself: a letter, a mark, a number, a participle, a sum that many tables have.
_NAMES_NOTHING = re.compile(
    r"\W*|\d[\d\W]*|[^\W\d_]|[^\W\d_]+ed|totals?|subtotal|others?|n/?a|yes|no", re.I
)
_PLAIN = re.compile(r"[^\W_](?:[^\W_]|[ ,.'’/()&%°½¼–-])*")
_REFERENCE = re.compile(r"\s*\((?:notes?|see|refer)[^()]*\)|\s*[(\[]\d{1,2}[)\]]$", re.I)
_QUANTITY = re.compile(
    r"(?:max\.?|min\.?|maximum|minimum|mean|average|total|rated|nominal|net|gross|annual|unit)?\s*"
    r"(?:torque|thread|grade|quantity|weight|mass|length|width|height|depth|diameter|size|pressure|temperature"
    r"|current|voltage|power|energy|speed|volume|capacity|area|price|cost|fee|age|distance|duration|accuracy"
    r"|frequency|flow|population|revenue|yield|material|dose|address|phone|telephone|e-?mail|country|currency)",
    re.I,
)
_DEFINITION = re.compile(
    r"(?:\d+(?:\.\d+)*\.?\s+)?[“\"](?P<term>[^”\"]{3,40})[”\"]\s+(?P<verb>means|refers to)\s+"
    r"(?P<meaning>.+?)[.;]?"
)
# Blocks that only look like fields have labels of any words.
_FIELD_LABEL = re.compile(
    r"(?:[^\W\d_]+[ /’'-]){0,3}(?:name|number|no|date|address|city|town|country|state|nationality|place|phone"
    r"|telephone|mobile|fax|e-?mail|title|office|position|occupation|profession|employer|company|department"
    r"|code|total|amount|sex|gender|status|signatory|customer|supplier|reference|iban|bic)"
    r"(?: of [^\W\d_]+(?: [^\W\d_]+)?)?",
    re.I,
)
_A_WORD = re.compile(r"[^\W\d_]{3}")
_EMPTY = re.compile(r"[\W_]*")


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """A question that a page answers.

    source  what it is read from: Table, Form, Text
    box     of the answer, page fractions
    """

    question: str
    answer: str
    source: str
    box: FractionBox


def page_questions(words: PageWords) -> Iterator[PageQuestion]:
    """Yield the questions that a page with a layout gives, in reading order."""
    for passage in passages_of(words) if words.layout else ():
        if passage.table is not None and not passage.leads:
            yield from _of_row(passage.table, passage.row)
        elif passage.field is not None:
            yield from _of_field(words, passage)
        else:
            yield from _of_definition(passage)


def _of_row(table: Table, row: int) -> Iterator[PageQuestion]:
    labels = table.labels_of(row)
    if table.is_contents or len(labels) != 1 or table.is_group_row(row) or table.group_of(row):
        return
    label = _REFERENCE.sub("", table.text(labels[0])).rstrip(" :.…")
    if not _names_something(label, _MAX_LABEL_WORDS):
        return
    for cell in table.values_of(row):
        answer = shown_value(table, cell)
        question = _question_of_cell(table, label, cell)
        if question and len(answer.split()) <= _MAX_ANSWER_WORDS and not _EMPTY.fullmatch(answer):
            boxes = table.words.boxes[cell.start : cell.stop]
            yield PageQuestion(question, answer, "Table", fraction_box(joined_boxes(boxes)))


def _question_of_cell(table: Table, label: str, cell: Cell) -> str:
    """Return the question that a cell answers; empty where label and head make none that reads well."""
    heads = table.heads_over(cell)
    if len(heads) != 1 or cell.n_columns > 1 or cell.n_rows > 1:
        return ""
    head = table.text(heads[0])
    unit = unit_of_head(head)
    bare_head = _REFERENCE.sub("", head[: -len(unit)] if head.endswith(unit) and unit else head)
    bare_head = re.sub(rf"[(\[]\s*(?:in\s+)?{re.escape(unit)}\s*[)\]]?$", "", bare_head).rstrip(
        " ,;:("
    )
    is_figure = _FIGURE.fullmatch(table.text(cell)) is not None
    if _YEAR.fullmatch(bare_head) and is_figure:
        return f"What was the figure for {label} in {bare_head}?"
    if not _names_something(bare_head, _MAX_HEAD_WORDS) or not _QUANTITY.fullmatch(bare_head):
        return ""
    return f"What is the {_in_sentence(bare_head)} of {_in_sentence(label)}?"


def _of_field(words: PageWords, passage: Passage) -> Iterator[PageQuestion]:
    assert passage.field is not None
    start, stop = passage.field
    label = passage.label.strip().rstrip(" :*.")
    value = words.quote(start, stop)
    n_words = len(value.split())
    if passage.is_ticked is not None or not 1 <= n_words <= _MAX_FIELD_WORDS:
        return
    if _EMPTY.fullmatch(value) or value.rstrip().endswith(":"):
        return
    if not _FIELD_LABEL.fullmatch(label) or not _names_something(label, _MAX_HEAD_WORDS + 1):
        return
    box = fraction_box(joined_boxes(words.boxes[start:stop]))
    yield PageQuestion(f"What is the {_in_sentence(label)}?", value, "Form", box)


def _of_definition(passage: Passage) -> Iterator[PageQuestion]:
    match = _DEFINITION.fullmatch(passage.quote)
    if match is None or len(match["meaning"].split()) > _MAX_DEFINITION_WORDS:
        return
    verb = "mean" if match["verb"] == "means" else "refer to"
    box = fraction_box(passage.box)
    yield PageQuestion(f"What does “{match['term']}” {verb}?", match["meaning"], "Text", box)


def _names_something(text: str, max_words: int) -> bool:
    """Say whether a label is short, made of words, and names something."""
    return (
        len(text.split()) <= max_words
        and _PLAIN.fullmatch(text) is not None
        and _NAMES_NOTHING.fullmatch(text) is None
        and text[0].isalpha()
        and _A_WORD.search(text) is not None
        and ".." not in text
        and text.count("(") == text.count(")")
    )


def _in_sentence(text: str) -> str:
    """Return a label as it stands within a sentence: its first letter small, unless it begins a name."""
    first, _, rest = text.partition(" ")
    if not rest and not _QUANTITY.fullmatch(text):
        return text  # Canada may be a name, too
    is_name = any(word[:1].isupper() for word in rest.split()) or not first[1:].islower()
    return text if is_name else text[:1].lower() + text[1:]
