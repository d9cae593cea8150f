"""What a question says: its content words, the names and numbers among them, the kind of its answer."""

from __future__ import annotations

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from indexer.encoders.lite.content import STOP_WORDS

# A number or a name that is missing says more than any other word that is missing.
_NUMBER_WEIGHT = 2.0
_NAME_WEIGHT = 1.25

_WORD = re.compile(r"[^\W_]+(?:[.,’'][^\W_]+)*")
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))
_MIN_STEM = 3


class AnswerKind(Enum):
    """What a passage must hold beside the question's own words to be an answer at all."""

    ANY = "any"
    SHARE = "share"
    DATE = "date"
    NUMBER = "number"
    NAME = "name"


_ASKS = (
    (AnswerKind.SHARE, re.compile(r"percent|proportion|\bwhat (is the )?(rate|share)\b")),
    (AnswerKind.DATE, re.compile(r"\bwhen\b|\b(what|which) (year|date|month|day|time)\b")),
    (
        AnswerKind.NUMBER,
        re.compile(
            r"\bhow (big|cold|deep|far|fast|heavy|high|hot|large|long|many|much|often|old|soon|tall"
            r"|thick|tight|wide)\b|\bwhat (is|was|are|were) the (total|number|amount|value)\b"
            r"|\b(what|which) (current|power|pressure|speed|temperature|torque|voltage|weight)\b"
            r"|\bwhat\b.*\b(cost|price)\b|\bnumber of\b|\bratio\b|\bdifference\b"
        ),
    ),
    (AnswerKind.NAME, re.compile(r"^who\b|\bwho (is|are|was|were)\b|\bwhose\b|\bwhich person\b")),
)
_DATE = re.compile(
    r"\b(19|20)\d\d\b|\d:\d\d|\b(January|February|March|April|May|June|July|August|September"
    r"|October|November|December)\b"
)
_COUNT = re.compile(
    r"\b(one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty"
    r"|fifty|sixty|seventy|eighty|ninety|hundred|thousand|million|billion)\b",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True)
class Question:
    """terms: each content word with its weight; marked: the names and numbers among them."""

    text: str
    terms: dict[str, float]
    marked: frozenset[str]
    kind: AnswerKind

    def cover(self, found: Set[str]) -> float:
        """Weighted share 0..1 of the terms that are in `found`."""
        total = sum(self.terms.values())
        return sum(w for term, w in self.terms.items() if term in found) / total if total else 0.0

    def with_less_weight(self, terms: Set[str], factor: float) -> Question:
        """The same question with the weight of some terms scaled by `factor`."""
        scaled = {t: w * factor if t in terms else w for t, w in self.terms.items()}
        return replace(self, terms=scaled)

    def answered_in_kind(self, quote: str) -> bool:
        """Whether `quote` holds something of the kind that is asked for, new against the question."""
        match self.kind:
            case AnswerKind.SHARE:
                return "%" in quote or "percent" in quote
            case AnswerKind.DATE:
                return _DATE.search(quote) is not None
            case AnswerKind.NUMBER:
                return _COUNT.search(quote) is not None or any(
                    term[0].isdigit() and not _YEAR.fullmatch(term)
                    for term in terms_of(quote) - self.terms.keys()
                )
            case AnswerKind.NAME:
                return len(_names(quote) - self.terms.keys()) >= 2
            case AnswerKind.ANY:
                return False


def read_question(text: str) -> Question:
    """A question without content words has no terms, and nothing covers it."""
    weights: dict[str, float] = {}
    marked: set[str] = set()
    for i, found in enumerate(_WORD.findall(text)):
        term = _term(found)
        if found.lower() in STOP_WORDS or term in STOP_WORDS:
            continue
        weight = 1.0
        if any(map(str.isdigit, found)):
            weight = _NUMBER_WEIGHT
        elif i > 0 and found[0].isupper():  # the first word is capital in any case
            weight = _NAME_WEIGHT
        weights[term] = max(weight, weights.get(term, 0.0))
        if weight > 1.0:
            marked.add(term)
    lowered = text.strip().lower()
    kind = next((kind for kind, asks in _ASKS if asks.search(lowered)), AnswerKind.ANY)
    return Question(text, weights, frozenset(marked), kind)


def terms_of(text: str) -> frozenset[str]:
    """The words of a text, as they are compared: lower case, singular, numbers without commas."""
    return frozenset(map(_term, _WORD.findall(text)))


def _names(text: str) -> frozenset[str]:
    return frozenset(_term(found) for found in _WORD.findall(text) if found[0].isupper())


@lru_cache(maxsize=65_536)
def _term(word: str) -> str:
    bare = word.lower().replace("’", "'").removesuffix("'s").replace(",", "").replace("'", "")
    if bare[:1].isdigit():
        return bare
    for ending, instead in _ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= _MIN_STEM:
            return bare if bare.endswith("ss") else bare[: -len(ending)] + instead
    return bare
