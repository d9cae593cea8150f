"""What passages lose for being something that does not answer: contents, bare headings, other codes."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from generator.passages.furniture import contents_entries
from generator.passages.part_titles import part_asked_for
from generator.passages.polarity import is_of_another_year, is_of_the_opposite, says_the_opposite
from generator.passages.questions import english
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.codes import lacking_codes
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.splitting.block_passages import FURNITURE, HEADINGS
from generator.passages.splitting.passage import Passage
from generator.passages.strength import Strengths

# A line of a table of contents loses so much: at best it names the page of the answer.
_CONTENTS_ENTRY = 0.5
_CONTENTS_TABLE = 1.5
# A heading counts for all that stands below it: by itself it says less.
_HEADING = 0.5
# A few words that are no sentence, the label of a figure or a line of a slide, say less than a whole one.
_FRAGMENT = 0.4
_MAX_FRAGMENT = 7  # words
_ENDS_SENTENCE = re.compile(r"[.!?:][”\")\s]*$")
# What asks answers nothing: the text below it does.
_QUESTION = 2.0
_IS_QUESTION = re.compile(r"\?[\s”\"]*$")
_IS_ASKING_HEADING = re.compile(
    r"^\W*(?:(?:\d+[.)]?)+\s+)?(?:how|what|when|where|why|who|which)\b", re.IGNORECASE
)
# A row of cash flows says nothing of what there is on a day.
_FLOW = 0.75
# A running head or foot loses so much: it is quoted where nothing else says it. Where none of the other pages
# repeats it, it may be a line of text at the edge of its page.
_FURNITURE = 1.0
_EDGE = 0.25
_MIN_SENTENCE = 5
# A field that nobody filled in.
_LEFT_EMPTY = 1.0
# What says nothing of a code of the question loses more than a passage can have.
_OF_ANOTHER_CODE = 10.0
# What says the opposite is no answer: "included" where the question is what is not.
_OPPOSITE = 1.5
# What is said of another year than is asked about, or of the other one of two, is of another thing.
_OF_ANOTHER_YEAR = 3.0
_OF_THE_OPPOSITE = 3.0
# What does not begin with the part whose title is asked for, and what does.
_NOT_THE_PART = 2.0
# Where no page says which thing is asked about, a row or field that names another one does not answer.
_OF_ANOTHER_THING = 1.0


def losses(
    question: ParsedQuestion, passages: Sequence[Passage], *, names_no_thing: bool
) -> Strengths:
    """Return what the passages (P,) of a page lose for being something that does not answer.

    names_no_thing  no page that was read says which thing the question is about
    """
    quotes = [passage.quote for passage in passages]
    texts = [f"{passage.surroundings} {passage.quote}" for passage in passages]
    headings = [_around(passage) for passage in passages]
    total = _CONTENTS_ENTRY * contents_entries(passages)
    total += _CONTENTS_TABLE * np.array(
        [passage.table is not None and passage.table.is_contents for passage in passages]
    )
    total += _HEADING * np.array([_only_leads(question, passage) for passage in passages])
    total += _FRAGMENT * np.array([_is_fragment(question, passage) for passage in passages])
    total += _QUESTION * np.array([_asks_itself(question, passage) for passage in passages])
    total += _FLOW * np.array([question.asks_balance and _is_of_flow(p) for p in passages])
    total += _OF_ANOTHER_CODE * lacking_codes(question.codes, quotes, headings)
    total += _OPPOSITE * np.array([says_the_opposite(question, quote) for quote in quotes])
    total += _OF_THE_OPPOSITE * np.array([is_of_the_opposite(question, text) for text in texts])
    total += _OF_ANOTHER_YEAR * np.array([is_of_another_year(question, text) for text in texts])
    empty = [
        p.field is not None and p.field[0] == p.field[1] and p.is_ticked is None for p in passages
    ]
    total += _LEFT_EMPTY * np.array(empty)
    total += _NOT_THE_PART * _not_of_part(question, passages)
    total += _OF_ANOTHER_THING * np.array(
        [names_no_thing and _names_thing(question, p) for p in passages]
    )
    return np.asarray(total, np.float64)


def _only_leads(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a heading has no figure of its own that is asked for: `Drawing no. 77-4120-B` has."""
    if passage.kind not in HEADINGS:
        return False
    return not (question.asks_figure and question.answered_in_kind(passage.quote))


def _is_fragment(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a passage is a few words and no sentence; headings are where codes stand."""
    if passage.table is not None or passage.field is not None or question.kind is AnswerKind.CODE:
        return False
    is_short = passage.stop - passage.start <= _MAX_FRAGMENT
    return is_short and _ENDS_SENTENCE.search(passage.quote) is None


def _asks_itself(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a passage is itself a question, or a heading that begins like one: `How to store it`."""
    if passage.table is not None or passage.field is not None or question.asks_figure:
        return False
    is_heading = passage.kind in HEADINGS and _IS_ASKING_HEADING.match(passage.quote) is not None
    return is_heading or _IS_QUESTION.search(passage.quote) is not None


def _is_of_flow(passage: Passage) -> bool:
    table = passage.table
    if table is None:
        return False
    around = " ".join([passage.context.heading, table.group_of(passage.row), table.caption])
    return english.FLOW.search(around) is not None


def _not_of_part(question: ParsedQuestion, passages: Sequence[Passage]) -> Strengths:
    """Return 1 for passages (P,) that do not begin with the part whose title is asked for, else -1."""
    part = part_asked_for(question.text)
    if part is None:
        return np.zeros(len(passages))
    return np.array([-1.0 if part.begins(passage.quote) else 1.0 for passage in passages])


def _names_thing(question: ParsedQuestion, passage: Passage) -> bool:
    """Say whether a row or a field is named by words that the question does not have."""
    label = passage.label if passage.field is not None else ""
    if passage.table is not None:
        label = passage.table.own_label(passage.row)
    return not frozenset(t for t in terms_of(label) if t[0].isalpha()) <= question.terms.keys()


def _around(passage: Passage) -> str:
    """Return what may name the code that a passage is about: its heading, all heads of its table."""
    table = passage.table
    if table is None:
        return passage.context.heading
    heads = [table.head(cell) for cell in table.values_of(passage.row)]
    return " ".join([passage.context.heading, table.label(passage.row), *heads])


def loss_at_edge(passage: Passage, is_repeated: bool) -> float:
    """Return what a running head or foot loses."""
    if passage.kind not in FURNITURE:
        return 0.0
    is_short = passage.stop - passage.start < _MIN_SENTENCE
    return _FURNITURE if is_repeated or is_short else _EDGE
