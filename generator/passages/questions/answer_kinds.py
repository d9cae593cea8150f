"""Knows the kinds of answers: what asks for each, and what a passage that answers has to hold."""

from __future__ import annotations

from enum import Enum

from generator.passages.questions import answer_forms, english


class AnswerKind(Enum):
    """What a passage must hold beside the question's own words to be an answer at all."""

    ANY = "any"
    SHARE = "share"
    AMOUNT = "amount"
    DURATION = "duration"
    FREQUENCY = "frequency"
    DATE = "date"
    YEAR = "year"
    CLOCK = "time of day"
    NUMBER = "number"
    NAME = "name"
    MAIL = "e-mail address"
    PHONE = "telephone number"
    ADDRESS = "web address"
    PLACE = "postal address"
    ACCOUNT = "bank account"
    CODE = "number or code"
    COLOUR = "colour"
    CONDITION = "condition"
    YES_OR_NO = "yes or no"


ASKS = (
    (AnswerKind.YES_OR_NO, english.ASKS_YES_OR_NO),
    (AnswerKind.MAIL, english.ASKS_MAIL),
    (AnswerKind.PHONE, english.ASKS_PHONE),
    (AnswerKind.ADDRESS, english.ASKS_ADDRESS),
    (AnswerKind.ACCOUNT, english.ASKS_ACCOUNT),
    (AnswerKind.PLACE, english.ASKS_PLACE),
    (AnswerKind.CODE, english.ASKS_CODE),
    (AnswerKind.COLOUR, english.ASKS_COLOUR),
    (AnswerKind.SHARE, english.ASKS_SHARE),
    (AnswerKind.FREQUENCY, english.ASKS_FREQUENCY),
    (AnswerKind.CONDITION, english.ASKS_CONDITION),
    (AnswerKind.CLOCK, english.ASKS_CLOCK),
    (AnswerKind.YEAR, english.ASKS_YEAR),
    (AnswerKind.DATE, english.ASKS_DATE),
    (AnswerKind.DURATION, english.ASKS_DURATION),
    (AnswerKind.NUMBER, english.ASKS_CHANGE),
    (AnswerKind.AMOUNT, english.ASKS_AMOUNT),
    (AnswerKind.NUMBER, english.ASKS_NUMBER),
    (AnswerKind.NAME, english.ASKS_NAME),
)
HOLDS = {
    AnswerKind.SHARE: answer_forms.SHARE,
    AnswerKind.COLOUR: english.COLOUR,
    AnswerKind.CONDITION: answer_forms.CONDITION,
    AnswerKind.FREQUENCY: answer_forms.FREQUENCY,
    AnswerKind.CLOCK: answer_forms.CLOCK,
    AnswerKind.YEAR: answer_forms.YEAR,
    AnswerKind.DATE: answer_forms.DATE,
    AnswerKind.MAIL: answer_forms.MAIL,
    AnswerKind.CODE: answer_forms.CODE,
    AnswerKind.PHONE: answer_forms.PHONE,
    AnswerKind.ADDRESS: answer_forms.ADDRESS,
    AnswerKind.PLACE: answer_forms.PLACE,
    AnswerKind.ACCOUNT: answer_forms.ACCOUNT,
}
SIGNS = frozenset(
    {
        AnswerKind.MAIL,
        AnswerKind.PHONE,
        AnswerKind.ADDRESS,
        AnswerKind.CODE,
        AnswerKind.ACCOUNT,
        AnswerKind.CLOCK,
        AnswerKind.YEAR,
    }
)
QUANTITIES = frozenset({AnswerKind.NUMBER, AnswerKind.AMOUNT, AnswerKind.DURATION})

# Words that only name the kind of an answer, by that kind.
NAMES_OF_KINDS = {
    AnswerKind.AMOUNT: "cost price charge fee pay much amount money expensive",
    AnswerKind.ACCOUNT: "bank account number pay",
    AnswerKind.PHONE: "telephone phone number call",
    AnswerKind.MAIL: "mail e email address",
    AnswerKind.ADDRESS: "website url web address site",
    AnswerKind.PLACE: "address postal",
    AnswerKind.SHARE: "percent percentage rate share proportion",
    AnswerKind.DATE: "date day month time",
    AnswerKind.YEAR: "year",
    AnswerKind.CLOCK: "time hour",
    AnswerKind.DURATION: "long time take last period year month week day hour",
}
