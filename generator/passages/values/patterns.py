"""Knows how answers are written: amounts, lengths of time, dates, shares, names, addresses."""

from __future__ import annotations

import re

from generator.passages.questions import answer_forms
from generator.passages.questions.answer_kinds import AnswerKind
from generator.passages.questions.measures import CURRENCY, TIME

FIGURES = (
    r"[+−–-]?(?:\d{1,3}(?:[,.'’\u00a0\u2009\u202f]\d{3}| 000)+(?!\d)|\d+)(?:[.,]\d+)?"
    r"(?:[.]?[–-](?=\s|$))?"
)
NUMBER_WORDS = (
    r"(?:(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen"
    r"|sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
    r"|hundred|thousand|million|half)(?:[ -](?:and )?)?)+(?<![ -])"
)
SCALE = r"(?:\s?(?:thousand|million|billion|bn|m|k)\b)?"
LIMIT = (
    r"(?:\b(?:at least|at most|no more than|not more than|up to|about|within|some|over|under)\s)?"
)
AMOUNT = (
    rf"(?:(?:{CURRENCY})\s?{FIGURES}{SCALE}"
    rf"|(?:{FIGURES}|\b{NUMBER_WORDS}){SCALE}(?:\s[¹²³⁴⁵⁶⁷⁸⁹])?\s?(?:{CURRENCY}))"
    r"(?:\s(?:an?|per|each)\s[a-z]+)?"
)
_QUALIFIER = r"(?:(?:calendar|business|working|full|consecutive|clear|more)\s)?"
_DURATION = rf"{LIMIT}(?:{FIGURES}|\b{NUMBER_WORDS})[ -]?{_QUALIFIER}{TIME}\b(?!\s+(?:old|ago))"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_FREQUENCY = (
    rf"\b(?:every\s(?:(?:second|third|fourth|other|{FIGURES}|{NUMBER_WORDS})\s)?(?:{TIME}|{_WEEKDAY})"
    rf"|(?:once|twice|{NUMBER_WORDS} times|\d+ times)\s(?:an?|per|each|every|in every)\s(?:\w+\s)?{TIME}"
    r"|daily|weekly|monthly|quarterly|yearly|annually|hourly)\b"
)
_DATE = (
    rf"\b(?:(?:first|second|third|fourth|last)\s{_WEEKDAY}\sof\s(?:each|every|the|a)\s\w+"
    rf"|\d{{1,2}}(?:st|nd|rd|th)?\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}})?"
    rf"|{_MONTH}\s\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s\d{{4}})?(?!\d)|{_MONTH}\s\d{{4}}"
    r"|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|Q[1-4]\s\d{4}|(?:FY\s?)?(?:19|20)\d\d"
    r"|\d{1,2}:\d\d(?:\s?[ap]\.?m\.?)?)(?!\w)"
)
_YEAR = r"\b(?:19|20)\d\d\b"
_CLOCK = r"\b\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?(?!\w)|\b\d{1,2}\s?[ap]\.?m\b|\bnoon\b|\bmidnight\b"
_SHARE = rf"{FIGURES}\s?(?:%|per ?cent(?:age points?)?)|\b{NUMBER_WORDS}\s?per ?cent"
_TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Captain|Professor)\.?\s)?"
_CAPITAL = r"(?:[A-Z]\.|[A-Z][^\W\d_]*(?:[-'’][A-Z]?[^\W\d_]+)*)"
_NAME = rf"{_TITLE}{_CAPITAL}(?:\s(?:(?:van|von|de|der|den|di|da|du|la|le|bin|al|&)\s)*{_CAPITAL})+"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_ADDRESS = r"(?:https?://|www\.)[^\s,;)]+"
_PHONE = r"\+?\d[\d ()/-]{6,}\d"

_PATTERNS = {
    AnswerKind.SHARE: _SHARE,
    AnswerKind.AMOUNT: AMOUNT,
    AnswerKind.DURATION: _DURATION,
    AnswerKind.FREQUENCY: _FREQUENCY,
    AnswerKind.DATE: _DATE,
    AnswerKind.YEAR: _YEAR,
    AnswerKind.CLOCK: _CLOCK,
    AnswerKind.NAME: _NAME,
    AnswerKind.MAIL: _MAIL,
    AnswerKind.CODE: answer_forms.CODE.pattern,
    AnswerKind.ADDRESS: _ADDRESS,
    AnswerKind.PHONE: _PHONE,
}
COMPILED = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
