"""Takes texts apart into words as they are compared: lower case, by their stems, numbers without commas."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from generator.passages.questions import english, english_words
from generator.passages.questions.codes import TOKEN, is_code

_MIN_BEFORE_E = 4
_OF_VERB = re.compile(r"^(.{5,})at$")
_OF_VERB_IN_Y = re.compile(r"^(..+)icat$")
_SHORT = re.compile(r"[^aeiou][aeiou][^aeiouwxy]$")  # else its last letter would be doubled
_DOUBLED = re.compile(r"..([bdgmnprt])\1$|...ell$")

# A comma without a space joins figures; words it parts.
_WORD = re.compile(r"[^\W_]+(?:(?:[.’'^]|(?<=\d),(?=\d))[^\W_]+)*")
# Small figures are of the word behind a unit or variable and behind ten; elsewhere they are footnote marks.
_SMALL_FIGURES = re.compile(
    r"(?P<base>(?<!\w)[^\W\d_]{1,2}|(?<![\w.,])10)?(?P<small>[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+)"
)
_PLAIN_FIGURES = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻₀₁₂₃₄₅₆₇₈₉‐‑–−", "0123456789+-0123456789----")

_YEAR_AT_DAY = re.compile(r"(?<=\d),(?=(?:19|20)\d\d\b)(?!\d{3}\b)")  # `March 31,2003`
_NUMBER_SIGN = re.compile(
    r"№|(?<!\w)(?:[Nn]os?|Nr|NO)\.\s?(?=[A-Z]{0,4}[\s–-]?\d)"
)  # `No. 77-4120`


@lru_cache(maxsize=8192)  # of a passage they are asked for by each part of its strength
def terms_of(text: str) -> frozenset[str]:
    """Return the words of a text as they are compared: lower case, stems, numbers without commas."""
    return frozenset(map(term_of, words_in(text)))


def names_in(text: str) -> frozenset[str]:
    """Return the capital words of a text as they are compared."""
    return frozenset(term_of(word) for word in words_in(text) if word[0].isupper())


def words_in(text: str, with_parts_of_codes: bool = True) -> list[str]:
    """Return the words, composed (NFC): a mark that stands apart would cut a word in two.

    Parts that hyphens or slashes join are words, and with digits in them what they make up is one, too.
    """
    plain_text = _SMALL_FIGURES.sub(_with_plain_figures, unicodedata.normalize("NFC", text))
    plain_text = _YEAR_AT_DAY.sub(" ", plain_text)
    plain_text = _NUMBER_SIGN.sub(" number ", plain_text)
    plain_text = english.FISCAL_YEAR.sub(_without_fiscal, plain_text.translate(_PLAIN_FIGURES))
    words = [token for token in TOKEN.findall(plain_text) if _is_joined_figure(token)]
    if not with_parts_of_codes:
        for code in filter(is_code, words):
            plain_text = plain_text.replace(code, " ")
    return _WORD.findall(plain_text) + words


def _is_joined_figure(token: str) -> bool:
    return ("-" in token or "/" in token) and any(map(str.isdigit, token))


def _without_fiscal(match: re.Match[str]) -> str:
    """Return what stands for `FY` before a year: nothing, or the century of `FY15`."""
    return "" if match["short"] is None else "20"


def _with_plain_figures(match: re.Match[str]) -> str:
    base, figures = match["base"], match["small"].translate(_PLAIN_FIGURES)
    if base is None:
        return " "
    return f"{base}^{figures}" if base == "10" else base + figures


@lru_cache(maxsize=65_536)
def term_of(word: str) -> str:
    """Return a word as it is compared."""
    bare = word.lower().replace("’", "'").removesuffix("'s").replace(",", "").replace("'", "")
    if bare[:1].isdigit() or _is_joined_figure(bare):
        return bare
    bare = english_words.IRREGULAR.get(bare, bare)
    for ending, instead, min_stem in english_words.ENDINGS:
        if bare.endswith(ending) and len(bare) - len(ending) >= min_stem:
            bare = bare if bare.endswith("ss") else bare[: -len(ending)] + instead
            if ending in ("ing", "ed") and _DOUBLED.search(bare):  # `sublet` of `subletting`
                bare = bare[:-1]
            elif ending in ("ing", "ed") and _SHORT.match(bare):  # `bake` of `baked`
                bare += "e"
            break
    bare = bare[:-1] if bare.endswith("e") and len(bare) > _MIN_BEFORE_E else bare
    bare = _OF_VERB_IN_Y.sub(r"\1y", bare)  # `apply` of `application`
    return _OF_VERB.sub(r"\1", bare)  # `install` of `installation`
