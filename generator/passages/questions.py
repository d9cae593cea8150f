"""Reads a question: its content words, the names and numbers among them, the kind of its answer."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from dataclasses import dataclass, replace
from enum import Enum
from functools import lru_cache

from generator.passages import english
from generator.passages.codes import TOKEN, codes_in, is_code
from indexer.base.english import STOP_WORDS
from retriever.query import question_reading

# A missing number or name says more than any other missing word.
_NUMBER_WEIGHT = 2.0
_NAME_WEIGHT = 1.25

_WORD = re.compile(r"[^\W_]+(?:[.,’'^][^\W_]+)*")
# Small figures are of the word behind a unit or variable and behind ten; elsewhere they are footnote marks.
_SMALL_FIGURES = re.compile(
    r"(?P<base>(?<!\w)[^\W\d_]{1,2}|(?<![\w.,])10)?(?P<small>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)"
)
_PLAIN_FIGURES = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉‐‑–−", "0123456789+-0123456789----")


class AnswerKind(Enum):
    """What a passage must hold beside the question's own words to be an answer at all."""

    ANY = "any"
    SHARE = "share"
    DATE = "date"
    NUMBER = "number"
    NAME = "name"


_ASKS = (
    (AnswerKind.SHARE, english.ASKS_SHARE),
    (AnswerKind.DATE, english.ASKS_DATE),
    (AnswerKind.NUMBER, english.ASKS_NUMBER),
    (AnswerKind.NAME, english.ASKS_NAME),
)
_YEAR = re.compile(r"(19|20)\d\d")


@dataclass(frozen=True, slots=True)
class ParsedQuestion:
    """A question as passages are compared with it.

    terms      each content word, as `terms_of` gives it, with its weight
    key_terms  the names and numbers among them
    codes      part and section numbers: what says nothing of them is no answer
    instructions  about the form of the answer, in the question's own words; they are no terms
    """

    text: str
    terms: dict[str, float]
    key_terms: frozenset[str]
    kind: AnswerKind
    codes: frozenset[str] = frozenset()
    instructions: tuple[str, ...] = ()

    def cover(self, terms: Set[str]) -> float:
        """Return the weighted share 0..1 of the question's terms that are in `terms`."""
        total = sum(self.terms.values())
        return sum(w for term, w in self.terms.items() if term in terms) / total if total else 0.0

    def with_less_weight(self, terms: Set[str], factor: float) -> ParsedQuestion:
        """Return the same question with the weight of some terms scaled by `factor`."""
        weights = {t: w * factor if t in terms else w for t, w in self.terms.items()}
        return replace(self, terms=weights)

    def answered_in_kind(self, quote: str) -> bool:
        """Say whether `quote` holds something of the kind asked for that the question does not."""
        match self.kind:
            case AnswerKind.SHARE:
                return english.SHARE.search(quote) is not None
            case AnswerKind.DATE:
                return english.DATE.search(quote) is not None
            case AnswerKind.NUMBER:
                return english.NUMBER_WORD.search(quote) is not None or any(
                    term[0].isdigit() and not _YEAR.fullmatch(term)
                    for term in terms_of(quote) - terms_of(self.text)
                )
            case AnswerKind.NAME:
                return len(_names(quote) - self.terms.keys()) >= 2
            case AnswerKind.ANY:
                return False


def read_question(text: str) -> ParsedQuestion:
    """Read a question. One without content words has no terms, and nothing covers it.

    Instructions about the answer are taken off first, so `text` is what is left.
    """
    reading = question_reading.read_question(text)
    text = reading.search_text
    weights: dict[str, float] = {}
    key_terms: set[str] = set()
    for i, word in enumerate(_words(text, with_parts_of_codes=False)):
        term = _term(word)
        if word.lower() in STOP_WORDS or term in STOP_WORDS:
            continue
        weight = 1.0
        if any(map(str.isdigit, word)):
            weight = _NUMBER_WEIGHT
        elif i > 0 and word[0].isupper():  # the first word is capital in any case
            weight = _NAME_WEIGHT
        weights[term] = max(weight, weights.get(term, 0.0))
        if weight > 1.0:
            key_terms.add(term)
    lower_case = text.strip().lower()
    kind = next((kind for kind, asks in _ASKS if asks.search(lower_case)), AnswerKind.ANY)
    return ParsedQuestion(
        text, weights, frozenset(key_terms), kind, codes_in(text), reading.instructions
    )


def terms_of(text: str) -> frozenset[str]:
    """Return the words of a text as they are compared: lower case, stems, numbers without commas."""
    return frozenset(map(_term, _words(text)))


def _names(text: str) -> frozenset[str]:
    return frozenset(_term(word) for word in _words(text) if word[0].isupper())


def _words(text: str, with_parts_of_codes: bool = True) -> list[str]:
    """Return the words, composed (NFC): a mark that stands apart would cut a word in two.

    Parts that hyphens or slashes join are words, and with digits in them what they make up is one, too.
    """
    plain_text = _SMALL_FIGURES.sub(_with_plain_figures, unicodedata.normalize("NFC", text))
    plain_text = plain_text.translate(_PLAIN_FIGURES)
    words = [token for token in TOKEN.findall(plain_text) if _is_joined_figure(token)]
    if not with_parts_of_codes:
        for code in filter(is_code, words):
            plain_text = plain_text.replace(code, " ")
    return _WORD.findall(plain_text) + words


def _is_joined_figure(token: str) -> bool:
    return ("-" in token or "/" in token) and any(map(str.isdigit, token))


def _with_plain_figures(match: re.Match[str]) -> str:
    base, figures = match["base"], match["small"].translate(_PLAIN_FIGURES)
    if base is None:
        return " "
    return f"{base}^{figures}" if base == "10" else base + figures


@lru_cache(maxsize=65_536)
def _term(word: str) -> str:
    bare = word.lower().replace("’", "'").removesuffix("'s").replace(",", "").replace("'", "")
    if bare[:1].isdigit() or _is_joined_figure(bare):
        return bare
    for ending, instead in english.ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= english.MIN_STEM:
            return bare if bare.endswith("ss") else bare[: -len(ending)] + instead
    return bare
