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
    r"|hundred|thousand|million|half)(?:[ -](?:and )?)?){1,8}(?<![ -])"
)
# `rises from 85 to 92` tells of two figures, `ranges from 85 to 92` of what lies between them.
_RANGES = ("range", "ranges", "ranging", "varies")
_NO_CHANGE = "|".join([r"(?<!from\s)", *(rf"(?<={verb}\sfrom\s)" for verb in _RANGES)])
_NO_CHANGE = f"(?:{_NO_CHANGE})"
# What stands before the last of several figures of one unit: `3 to`, `28, 56 and`, `between 10 and`.
_WORD_BEFORE_LAST = rf"{_NO_CHANGE}(?:between\s)?\b{NUMBER_WORDS}\s(?:and|to|or)\s"
BEFORE_LAST = (
    rf"(?:{_NO_CHANGE}(?:between\s)?(?:{FIGURES},\s){{0,5}}(?:{FIGURES},?\s(?:and|to|or)\s|{FIGURES}\s?[–—-]\s?)"
    rf"|{_WORD_BEFORE_LAST})"
)
SCALE = r"(?:\s?(?:thousand|million|billion|bn|m|k)\b)?"
LIMIT = (
    r"(?:\b(?:at least|at most|no more than|not more than|up to|about|within|some|over|under)\s)?"
)
_ONE_AMOUNT = (
    rf"(?:(?:{CURRENCY})\s?{FIGURES}{SCALE}"
    rf"|(?:{FIGURES}|\b{NUMBER_WORDS}){SCALE}(?:\s[¹²³⁴⁵⁶⁷⁸⁹])?\s?(?:{CURRENCY})|\d+p\b)"
    r"(?:\s(?:an?|per|each)\s[a-z]+)?"
)
_FIRST_AMOUNT = rf"(?:{CURRENCY})?\s?{FIGURES}{SCALE}(?:\s?(?:{CURRENCY}))?"
AMOUNT = (
    rf"(?:\bbetween\s{_FIRST_AMOUNT}\sand\s"
    rf"|(?<![\w.,-]){_NO_CHANGE}{_FIRST_AMOUNT}(?:\s?[–—-]\s?|\sto\s))?{_ONE_AMOUNT}"
)
_QUALIFIER = r"(?:(?:calendar|business|working|full|consecutive|clear|more)\s)?"
_COUNT = rf"(?:{FIGURES}|\b{NUMBER_WORDS})"
_NUMBER = rf"(?:{BEFORE_LAST})?{_COUNT}"
# `3 h 35 min`, `two years and six months`: the rest is in a smaller unit.
_COMPOUND = "|".join(
    rf"{_COUNT}[ -]?(?:{larger})(?:,?\sand\s|,?\s){_COUNT}[ -]?(?:{smaller})\b"
    for larger, smaller in (
        ("years?", "months?"), ("months?", "weeks?|days?"), ("weeks?", "days?"), ("days?", "hours?|h"),
        ("h|hrs?|hours?", "min|mins|minutes?"), ("min|mins|minutes?", "s|secs?|seconds?"),
    )
)  # fmt: skip
_DURATION = rf"{LIMIT}(?:{_COMPOUND}|{_NUMBER}[ -]?{_QUALIFIER}{TIME}\b(?!\s+(?:old|ago)))"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
)
_FREQUENCY = (
    rf"\b(?:every\s(?:(?:second|third|fourth|other|{_NUMBER})\s)?(?:{TIME}|{_WEEKDAY})"
    rf"|(?:once|twice|{NUMBER_WORDS} times|\d+ times)\s(?:an?|per|each|every|in every)\s(?:\w+\s)?{TIME}"
    r"|daily|weekly|monthly|quarterly|yearly|annually|hourly)\b"
)
_HOUR = r"(?:\d{1,2}[:.]\d\d(?:\s?[ap]\.?m\.?)?(?!\w)|\d{1,2}\s?[ap]\.?m\b\.?|noon\b|midnight\b)"
_CLOCK = rf"\b(?:{_HOUR}\s?(?:–|-|to|until|till)\s?)?\b{_HOUR}"
_COLON_HOUR = r"\d{1,2}:\d\d(?:\s?[ap]\.?m\b\.?)?|\d{1,2}(?:\.\d\d)?\s?[ap]\.?m\b\.?"
_HOURS = rf"\b(?:(?:{_COLON_HOUR})\s?(?:–|-|to|until|till)\s?)?(?<![\d.])(?:{_COLON_HOUR})(?!\w)"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_DATE = (
    rf"\b(?:(?:first|second|third|fourth|last)\s(?:{_WEEKDAY}|(?:\w+ing\s)?day)\sof\s(?:each|every|the|a)\s\w+"
    rf"|(?:{_DAY}(?:\s?[–-]\s?|\s(?:to|and|or)\s))?{_DAY}\s(?:of\s)?{_MONTH}(?:,?\s\d{{4}})?"
    rf"|{_MONTH}\s{_DAY}(?:,?\s\d{{4}})?(?!\d)|{_MONTH}\s\d{{4}}"
    r"|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}|Q[1-4]\s\d{4}|(?:FY\s?)?(?:19|20)\d\d"
    rf")(?!\w)|{_HOURS}"
)
_YEAR = r"\b(?:19|20)\d\d\b"
_SHARE = (
    rf"(?:(?<![\w.,-]){_NO_CHANGE}{FIGURES}\s?%?(?:\s?[–—-]\s?|\s(?:to|and|or)\s))?"
    rf"{FIGURES}\s?(?:%|per ?cent(?:age points?)?)|\b{NUMBER_WORDS}\s?per ?cent"
)
TITLE = r"(?:(?:Mr|Mrs|Ms|Miss|Dr|Prof|Sir|Dame|Captain|Professor)\.?\s)?"
_CAPITAL = r"(?:[A-Z]\.|[A-Z][^\W\d_]*(?:[-'’][A-Z]?[^\W\d_]+)*)"
_OF = r"(?:(?:van|von|de|der|den|di|da|du|la|le|bin|al|&)\s)*"
_NAME = rf"(?<![^\W_]){TITLE}{_CAPITAL}(?:\s{_OF}{_CAPITAL})+"
_MAIL = r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
_ADDRESS = r"(?:https?://|www\.)[^\s,;)]+"
_PHONE = r"(?:\+?\d[\d /-]*(?:\(\d{1,4}\) ?)?|\(\d{2,5}\) ?)\d[\d /-]{4,}\d"

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
    AnswerKind.ACCOUNT: answer_forms.IBAN,
    AnswerKind.ADDRESS: _ADDRESS,
    AnswerKind.PHONE: _PHONE,
}
COMPILED = {kind: re.compile(pattern) for kind, pattern in _PATTERNS.items()}
