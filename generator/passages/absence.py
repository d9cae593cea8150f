"""Finds what a question names and no page has: then nothing on those pages is its answer."""

from __future__ import annotations

import re
from collections.abc import Sequence, Set

from generator.passages.questions import answer_forms, english, english_words
from generator.passages.questions.codes import codes_in, names_code
from generator.passages.questions.parsed_question import ParsedQuestion, content_of
from generator.passages.questions.terms import terms_of
from indexer.base.language.stop_words import STOP_WORDS, has_capital_nouns

_WORD = re.compile(r"[^\W_]+(?:[.,’'-][^\W_]+)*")
_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:,\d{3}(?!\d))*(?:\.\d+)*(?![\w])")
_SENTENCE_START = re.compile(r"(?:^|[.?!:;“\"(]\s*)$")
# A question of which more words are capital than this is written like a title.
_LIKE_A_TITLE = 0.8
# Longer words that begin alike are forms of one word (Germany, German); one letter may be misread.
_SAME_BEGINNING = 5
_DETERMINERS = frozenset(["a", "an", "the", "this", "that", "its", "their", "our", "your"])
_MIN_LETTERS_TO_MISREAD = 6


def missing_words(question: str, texts: Sequence[str], name_terms: Set[str]) -> list[str]:
    """Return the names, codes and numbers of a question that are not on the pages, as it writes them.

    texts       of all pages that were read
    name_terms  the words that name their documents
    """
    content = content_of(question)
    terms = name_terms | frozenset[str]().union(*map(terms_of, texts))
    codes = codes_in(content)
    missing = [code for code in codes if not any(names_code(text, code) for text in texts)]
    bare = content
    for code in codes:
        bare = re.sub(re.escape(code), " ", bare, flags=re.IGNORECASE)
    missing += _missing_parts(content, texts)
    names = [] if _is_like_a_title(bare) else _names(bare)
    missing += [word for word in names if not stands(word, terms)]
    missing += missing_numbers(bare, terms)
    return list(dict.fromkeys(_as_written(content, word) for word in missing))


def missing_numbers(text: str, terms: Set[str]) -> list[str]:
    """Return the numbers of a text that are not among the words of a page, in digits or spelled.

    Those of sections, figures and the like are no facts.
    """
    parts = {match[1] for match in english.NUMBERED_PART.finditer(text)}
    numbers = [number for number in _NUMBER.findall(text) if number not in parts]
    return [number for number in numbers if not stands(number, terms)]


def _missing_parts(content: str, texts: Sequence[str]) -> list[str]:
    """Return the figures and tables that a question names by number: no page has them, though others."""
    missing = []
    for match in english.NUMBERED_PICTURE.finditer(content):
        is_figure = match["kind"].lower().startswith("fig")
        kind = r"fig(?:ure|\.)?" if is_figure else re.escape(match["kind"].lower())
        numbers = {
            m[1].lower()
            for text in texts
            for m in re.finditer(rf"\b{kind}\s?(\d+(?:\.\d+)*[a-z]?)\b", text, re.IGNORECASE)
        }
        number = match["number"].lower()
        bare = {n.rstrip("abcdefghijklmnopqrstuvwxyz") for n in numbers}
        if numbers and number not in numbers | bare:
            missing.append(match[0])
    return missing


def lacking_attributes(question: ParsedQuestion, terms: Set[str]) -> frozenset[str]:
    """Return the words of a question that say which thing it is about, and that no page has.

    terms  of all pages that were read

    `cherry` of "a cherry tree", `melting` of "the melting point": a word before one that the pages have.
    """
    words = _WORD.findall(question.text)
    lacking: set[str] = set()
    for before, word, behind in zip(["", *words], words, words[1:], strict=False):
        own, next_terms = terms_of(word), terms_of(behind)
        if before.lower() not in _DETERMINERS or not own <= question.terms.keys():
            continue
        if question.cover_of(own, terms) == 0 and question.cover_of(next_terms, terms) > 0:
            lacking |= own
    return frozenset(lacking)


def _names(text: str) -> list[str]:
    """Return the capital words that do not begin a sentence, without those that pages write otherwise."""
    names = []
    nouns_too = has_capital_nouns(text)
    text = english.CONTRACTION.sub("it", text)
    for match in _WORD.finditer(text):
        word = match[0].removesuffix("'s").removesuffix("’s")
        if not word[0].isupper() or word.lower() in STOP_WORDS | english_words.OTHER_FORMS:
            continue
        if _SENTENCE_START.search(text[: match.start()]) and not word[1:2].isupper():
            continue
        if nouns_too and word[1:].islower():
            continue
        names.append(word)
    return names


def _is_like_a_title(text: str) -> bool:
    words = [
        word for word in _WORD.findall(text) if word.lower() not in STOP_WORDS and word[0].isalpha()
    ]
    capital = sum(word[0].isupper() for word in words)
    return len(words) > 2 and capital > _LIKE_A_TITLE * len(words)


def stands(word: str, terms: Set[str]) -> bool:
    """Say whether a word is among the terms of a text, in one of its forms or with a letter misread."""
    own = terms_of(word)
    return all(term in terms or _in_another_form(term, terms) for term in own)


def _in_another_form(term: str, terms: Set[str]) -> bool:
    if term.isdigit():
        number_word = answer_forms.SMALL_NUMBERS.get(int(term)) if len(term) < 3 else None
        return number_word is not None and not terms.isdisjoint(terms_of(number_word))
    if any(map(str.isdigit, term)):
        return False
    beginning = term[:_SAME_BEGINNING]
    if len(term) > _SAME_BEGINNING and any(page_term.startswith(beginning) for page_term in terms):
        return True
    return len(term) >= _MIN_LETTERS_TO_MISREAD and any(_differs_by_one(term, t) for t in terms)


def _differs_by_one(a: str, b: str) -> bool:
    """Say whether one letter is another, missing or too many."""
    if abs(len(a) - len(b)) > 1 or (a[0] != b[0] and a[-1] != b[-1]):
        return False
    i = next((i for i, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))
    return a[i + 1 :] == b[i + 1 :] or a[i:] == b[i + 1 :] or a[i + 1 :] == b[i:]


def _as_written(text: str, word: str) -> str:
    place = text.lower().find(word.lower())
    return text[place : place + len(word)] if place >= 0 else word
