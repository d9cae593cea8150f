"""Finds the page of a question that asks what stands on it: "What does page iv say?"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from generator.passages.questions import english
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import terms_of
from generator.passages.subject import subject_of
from generator.passages.support import ReadPage

_OF_A_FORM = frozenset(
    [
        AnswerKind.DATE, AnswerKind.MAIL, AnswerKind.PHONE, AnswerKind.ADDRESS, AnswerKind.ACCOUNT,
        AnswerKind.CLOCK,
    ]
)  # fmt: skip
_SAYS = (
    "say says said contain contains show shows stand stands written read mention mentions content"
)
_NAME = re.compile(r"[^\W_]+(?:-[^\W_]+)*")


def page_asked_for(
    text: str, question: ParsedQuestion, pages: Sequence[ReadPage]
) -> ReadPage | None:
    """Return the page that a question names, by its printed number or its place, and asks nothing else of.

    The date or the telephone number that stands on it may be asked for: what can be told by its form.
    """
    places = list(english.PAGE_PLACE.finditer(text))
    asks_form = question.kind in _OF_A_FORM and not subject_of(question).weights
    if len(places) != 1 or (question.terms.keys() - terms_of(_SAYS) and not asks_form):
        return None
    name = _NAME.findall(places[0][0])[-1].lower()
    for number_of in (_label, _number):
        for page in pages:
            if number_of(page) == name:
                return page
    return None


def _label(page: ReadPage) -> str:
    return page.hit.page.label.lower()


def _number(page: ReadPage) -> str:
    return str(page.hit.page.page_number)
