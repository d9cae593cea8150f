"""The terms by which a text is found: of pages when they are stored, of questions when they are asked.

A term has no white space. Words are in lower case, without accents, as stems, in American spelling. Numbers
are plain figures (`1,480` is `1480`, `twenty-eight` is `28` beside its words, `FY2015` is `2015`), and
identifiers stand whole beside their parts (`kd-340/b`, `4.2.1`). Dates are terms of their own in whatever
language they are (`2019-03-31`). Chinese, Japanese and Korean have no spaces: there each two neighbouring
characters are a term.

A change may add terms and take none away: stored pages keep the terms that they were given.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Set
from functools import cache, lru_cache

from indexer.base.language.dates import whole_dates_in
from indexer.base.language.scripts import HANGUL, IDEOGRAPHS, KANA, PLAIN_FIGURES
from indexer.base.language.spellings import NUMBER_WORDS, american, with_short_units
from indexer.base.language.stop_words import STOP_WORDS, stop_words_of

_CJK = f"{KANA}{IDEOGRAPHS}{HANGUL}"
_TOKEN = re.compile(rf"[{_CJK}]+|[^\W_{_CJK}]+(?:[-/.,'’&^+][^\W_{_CJK}]+)*")
_PART = re.compile(r"[-/.,'’&^+]")
_CJK_RUN = re.compile(rf"[{_CJK}]+")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?")
_YEAR = re.compile(r"(?:fy|cy)['’]?((?:19|20)?\d\d)")
_QUARTER = re.compile(r"(?:([1-4])q|q([1-4]))((?:19|20)?\d\d)?")
_FIGURE_WITH_UNIT = re.compile(r"(\d+(?:[.,]\d+)*)([a-z]{1,3}(?:\d|/[a-z]{1,2})?)")
_SAME_SIGNS = str.maketrans("‐‑‒–−’", "-----'") | PLAIN_FIGURES
# 1.480 is Germany's 1480, or 1.48: it has both terms. So has 1,5, which is 1.5 there.
_GROUPED_BY_POINTS = re.compile(r"([1-9]\d{0,2}(?:\.\d{3})+)(?:,(\d+))?")
_DECIMAL_COMMA = re.compile(r"(\d+),(\d{1,2})")
_GROUPING_SPACE = re.compile(r"(?<=\d)[\u00a0\u202f](?=\d{3}(?!\d))")  # 1 480, as in French
_KANA_MARKS = frozenset("\u3099\u309a")  # they make another letter
_ENDINGS = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))
_MIN_STEM = 3


def search_terms(text: str) -> list[str]:
    """Return the terms of a text in order, with those of stop words."""
    lower_case = with_short_units(_plain(text))
    terms: list[str] = []
    for token in _TOKEN.findall(lower_case):
        terms += _terms_of(token)
    return terms + whole_dates_in(" ".join(lower_case.split()))


def question_terms(text: str) -> list[str]:
    """Return the terms of a question, each once, without the stop words of its language."""
    stop_words = _in_plain_letters(stop_words_of(text))
    return [term for term in dict.fromkeys(search_terms(text)) if term not in stop_words]


def places_of_terms(text: str, terms: Set[str]) -> list[tuple[int, int]]:
    """Return where words with any of these terms stand: (start, stop) in characters, in order."""
    places: list[tuple[int, int]] = []
    for token in _TOKEN.finditer(text):
        start, stop = token.span()
        word = token[0]
        if word.isascii() or not _CJK_RUN.match(word):
            if not terms.isdisjoint(_remembered_terms(word)):
                places.append((start, stop))
            continue
        for i in range(start, max(stop - 1, start + 1)):
            if text[i : min(i + 2, stop)] not in terms:
                continue
            end = min(i + 2, stop)
            if places and places[-1][1] > i:
                places[-1] = (places[-1][0], end)
            else:
                places.append((i, end))
    return places


@lru_cache(maxsize=1 << 15)
def _remembered_terms(word: str) -> tuple[str, ...]:
    """Return the terms of a word as it stands in a snippet: most words stand in many."""
    return tuple(search_terms(word))


def _plain(text: str) -> str:
    """Return a text composed anew without marks: `Kündigung` and its decomposed form are `kundigung`."""
    if text.isascii():
        return text.lower()
    joined_text = _GROUPING_SPACE.sub("", text)
    apart = unicodedata.normalize("NFKD", joined_text.translate(_SAME_SIGNS)).casefold()
    marks = {sign for sign in set(apart) - _KANA_MARKS if unicodedata.combining(sign)}
    return unicodedata.normalize("NFC", apart.translate(str.maketrans("", "", "".join(marks))))


@cache
def _in_plain_letters(words: frozenset[str]) -> frozenset[str]:
    return frozenset(map(_plain, words))


@lru_cache(maxsize=65_536)
def _terms_of(token: str) -> tuple[str, ...]:
    if _CJK_RUN.match(token):
        pairs = tuple(token[i : i + 2] for i in range(len(token) - 1))
        return pairs or (token,)
    if _GROUPED.fullmatch(token):
        return (_number(token), *_as_in_german(token))
    if (year := _YEAR.fullmatch(token)) is not None:
        return (_whole_year(year[1]),)
    if (quarter := _QUARTER.fullmatch(token)) is not None:
        name = (f"q{quarter[1] or quarter[2]}",)
        return name + ((_whole_year(quarter[3]),) if quarter[3] else ())
    if (figure := _FIGURE_WITH_UNIT.fullmatch(token)) is not None:
        return _figure_and_unit(token, figure[1], figure[2])
    parts = [part for part in _PART.split(token) if part]
    if len(parts) == 1:
        return _terms_of_word(token)
    if parts[-1] == "s" and "'" in token:
        return _terms_of(token[:-2])
    if as_in_german := _as_in_german(token):
        return (token, *as_in_german, *(term for part in parts for term in _terms_of(part)))
    whole_token = token.replace("'", "")
    if not any(map(str.isdigit, token)):
        as_figure = (str(NUMBER_WORDS[token]),) if token in NUMBER_WORDS else ()
        whole = (whole_token,) if "/" in token or "." in token or "&" in token else as_figure
        return whole + tuple(term for part in parts for term in _terms_of(part))
    return (whole_token, *(term for part in parts for term in _terms_of(part)))


def _terms_of_word(word: str) -> tuple[str, ...]:
    if word in NUMBER_WORDS:
        return (word, str(NUMBER_WORDS[word]))
    return (_stem(american(word)),)


def _figure_and_unit(token: str, figure: str, unit: str) -> tuple[str, ...]:
    """Return the terms of `3rd`, `95Nm`, `90km/h`, or of a code such as `4b`."""
    if unit in {"st", "nd", "rd", "th"}:
        return (figure,)
    return (_number(figure), *_terms_of(unit), token)


def _stem(word: str) -> str:
    if word in STOP_WORDS:
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _MIN_STEM:
            return word if word.endswith("ss") else word[: -len(ending)] + instead
    return word


def _number(figures: str) -> str:
    """Return a number without grouping and without zeros behind its point."""
    plain = figures.replace(",", "")
    return plain.rstrip("0").rstrip(".") if "." in plain else plain


def _as_in_german(token: str) -> tuple[str, ...]:
    """Return a number with points between thousands or a comma before decimals; nothing for others."""
    if (groups := _GROUPED_BY_POINTS.fullmatch(token)) is not None:
        decimals = f".{groups[2]}" if groups[2] else ""
        return (_number(groups[1].replace(".", "") + decimals),)
    if (decimal := _DECIMAL_COMMA.fullmatch(token)) is not None:
        return (_number(f"{decimal[1]}.{decimal[2]}"),)
    return ()


def _whole_year(year: str) -> str:
    return year if len(year) == 4 else f"20{year}"
