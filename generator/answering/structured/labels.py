"""Compares what documents call a value with what a schema calls it."""

from __future__ import annotations

import re

from generator.passages.questions.terms import terms_of
from indexer.base.language.stop_words import STOP_WORDS

# So much of a label has to be of the field's words: a `weight` is not named by "Weighted average shares".
_MIN_OF_LABEL = 0.5
# A label that goes on behind a comma names the same, and less clearly.
_BEGINNING = 0.9

_GOES_ON = re.compile(r"[,;:(\[–]")


def content_terms(text: str) -> frozenset[str]:
    """Return the words of a label as they are compared; all of them where they are only small words."""
    terms = terms_of(text)
    return terms - STOP_WORDS or terms


def share_of_label(terms: frozenset[str], label: str) -> float:
    """Return the share of a label's words that are asked for, 0 where it is too small."""
    whole = content_terms(label)
    beginning = content_terms(_GOES_ON.split(label)[0])
    if not whole & terms:
        return 0.0
    share = len(whole & terms) / len(whole)
    if beginning:
        share = max(share, _BEGINNING * len(beginning & terms) / len(beginning))
    return share if share >= _MIN_OF_LABEL else 0.0
