"""Knows how English pages write an answer of a kind: shares, dates, times of day, addresses, accounts."""

from __future__ import annotations

import re

from generator.passages.questions.english import TIME_WORD
from indexer.base.language.spellings import NUMBER_WORDS

SHARE = re.compile(r"%|per ?cent")
_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
DATE = re.compile(
    rf"\b(19|20)\d\d\b|\d:\d\d|\b({_MONTHS}|(Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b|\bQ[1-4]\b"
    r"|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|\b\d{1,2} ?[ap]\.?m\b|\bnoon\b|\bmidnight\b"
    r"|\b(?:first|last) (?:working |business )?day of\b"
)
YEAR = re.compile(r"\b(19|20)\d\d\b")
CONDITION = re.compile(
    r"\b(can|may|might|must|should|shall|entitled|allowed)\b.*\b(after|as soon as|by|for|if|in case"
    r"|in the event|on|once|provided|unless|until|upon|when|where|at any time|within)\b",
    re.IGNORECASE | re.DOTALL,
)
# What costs nothing, or is charged in another way.
FREE = re.compile(
    r"\b(?:free(?: of charge)?|gratis|no (?:extra |additional |further )?(?:charge|cost|fee)s?|at cost"
    r"|waived"
    r"|included in the|(?:an?|one|two|three|four|five|six|\d+) (?:\w+ ){0,2}(?:fees|rents?|salar(?:y"
    r"|ies)|wages"
    r"|instal?ments))\b",
    re.IGNORECASE,
)
# Shares in words, and lengths of time without a figure.
PART_OF = re.compile(
    r"\b(?:half|(?:one|two|three)[ -](?:thirds?|quarters?|fifths?)|a (?:third|quarter|fifth|tenth)"
    r"|\w+ (?:in|out of|of) (?:every )?(?:ten|five|four|three|hundred|\d+))\b",
    re.IGNORECASE,
)
OPEN_TIME = re.compile(
    r"\b(?:as long as|until|till|while|indefinite(?:ly)?|perpetual(?:ly)?|permanent(?:ly)?|lifetime"
    r"|for life|forever"
    r"|overnight)\b",
    re.IGNORECASE,
)
# When something happens, told without a date.
OCCASION = re.compile(
    r"\b(?:when|whenever|if|after|before|once|until|as soon as|during|upon|at (?:the )?(?:end|beginning"
    r"|start|night)"
    r"|dawn|dusk|noon|midnight|sunrise|sunset|morning|evening|immediately|(?:\w+)days?|spring|summer|autumn"
    r"|fall|winter|daily|weekly|monthly|yearly|annually"
    r"|every|within|day and night|night and day|around the clock|all day|24 hours|24/7|always|year round)\b",
    re.IGNORECASE,
)
CLOCK = re.compile(r"\d[:.]\d\d|\d ?[ap]\.?m\b|\bnoon\b|\bmidnight\b|o'clock|half past|quarter to")
FREQUENCY = re.compile(
    r"\b(every|each|daily|weekly|monthly|quarterly|yearly|annual|annually|hourly|once|twice)\b|\bper "
    + TIME_WORD,
    re.IGNORECASE,
)
TIME = re.compile(TIME_WORD, re.IGNORECASE)
CODE = re.compile(r"(?<![\w.])(?=[A-Z/.–-]*\d)[A-Z\d](?:[\w/.–-]*\w)?", re.IGNORECASE)
MAIL = re.compile(r"\w@\w")
PHONE = re.compile(r"\+?\d[\d ()/-]{6,}\d")
# A house number with a street, or a street and a town.
PLACE = re.compile(
    rf"\b\d+[a-z]?,? (?!(?:{_MONTHS})\b)(?:[A-Z][\w'’-]+[ ,]*)+"
    r"|\b[A-Z][\w'’-]+ (?:St(?:reet|\.)|Road|Rd\.?|Lane|Avenue"
    r"|Ave\.?|Square|Court"
    r"|Way|Close|Drive|Quay|Place|Boulevard|House|Box)\b|\w(?:straße|strasse|weg|platz|gasse)\b"
    r"|\b[A-Z][\w'’-]+ \d+[a-z]?, \d*"
)
IBAN = r"\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){3,}(?: ?[A-Z\d]{1,3}\b)?"
# An IBAN, or an account that is told by its number.
ACCOUNT = re.compile(
    IBAN + r"|\b(?:account|a/c|acct|iban|konto)\b[^.;]{0,40}?\d[\d -]{4,}\d"
    r"|\b\d{2}-\d{2}-\d{2}\b",
    re.IGNORECASE,
)
ADDRESS = re.compile(r"https?://|www\.|\w\.(com|org|net|gov|edu|io)\b")
NUMBER_WORD = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen"
    r"|seventeen|eighteen|nineteen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)
SMALL_NUMBERS = {n: word for word, n in NUMBER_WORDS.items() if n <= 20}
