"""Knows questions that are none: marks without a word, a lone letter, a lone word that may be a slip of keys.

What the vectors of such a text are near to is chance, so only a passage that holds the word itself answers.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from generator.passages.absence import stands
from generator.passages.questions.parsed_question import ParsedQuestion
from generator.passages.questions.terms import term_of, terms_of, words_in
from generator.passages.splitting.passage import Passage
from indexer.base.language.scripts import HANGUL, IDEOGRAPHS, KANA
from indexer.base.language.stop_words import STOP_WORDS

# Words of these scripts stand without spaces: a whole question of them looks like one word. Those of Thai,
# Lao, Burmese and Khmer, too.
_UNPARTED = re.compile(f"[{IDEOGRAPHS}{KANA}{HANGUL}\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
# Letters or digits of what is a sign rather than a word, `x` or `42`: it stands in headings by chance.
_MAX_SIGN = 2


def can_answer(question: ParsedQuestion) -> Callable[[Passage], bool]:
    """Return what says whether a passage can answer: any can, unless the question is a lone word or none."""
    words = dict.fromkeys(
        word.lower() for word in words_in(question.text, with_parts_of_codes=False)
    )
    word = next(iter(words), "")
    if len(words) > 1 or _UNPARTED.search(word):
        return lambda passage: True
    if not word or word in STOP_WORDS:
        return lambda passage: False
    return lambda passage: _holds(question, word, passage)


def _holds(question: ParsedQuestion, word: str, passage: Passage) -> bool:
    """Say whether a passage holds a word, in a form or spelling of it, or one that stands for it."""
    text = f"{passage.quote} {passage.label}"
    if len(word) > _MAX_SIGN:
        text = f"{text} {passage.surroundings}"
    terms = terms_of(text)
    return stands(word, terms) or question.cover_of({term_of(word)}, terms) > 0
