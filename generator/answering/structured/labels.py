"""Compares what documents call a value with what a schema calls it, and reads the value."""

from __future__ import annotations

import re
from typing import Any

from generator.answering.structured.schema_fields import SchemaField
from generator.passages.questions.terms import terms_of
from indexer.base.language.stop_words import STOP_WORDS

# So much of a label has to be of the field's words: a `weight` is not named by "Weighted average shares".
_MIN_OF_LABEL = 0.5
# A label that goes on behind a comma names the same, and less clearly.
_BEGINNING = 0.9

_GOES_ON = re.compile(r"[,;:(\[–]")
_IN_BRACKETS = re.compile(r"[\s$€£¥]*\([^()]*\)\s*%?\s*")  # a loss, as accountants write it
_NUMBER = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d+)*")


def read_value(field: SchemaField, text: str) -> Any:
    """Read a text as the value of a field; None where it is not of its kind, or holds several numbers."""
    if field.kind not in ("number", "integer") or field.options:
        return field.value_of(text)
    value = None if len(_NUMBER.findall(text)) > 1 else field.value_of(text)
    return -value if value is not None and _IN_BRACKETS.fullmatch(text) else value


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
