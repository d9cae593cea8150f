"""Chooses the value that a field of a schema asks for, by its label: one that is clear, or none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from generator.answering.structured.labels import content_terms, share_of_label
from generator.answering.structured.schema_fields import SchemaField
from generator.extraction.labelled_values import LabelledValue

_HEAD = 0.5
_SHOWN = 4  # of the values between which nothing decides

_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


@dataclass(frozen=True, slots=True)
class LabelMatch:
    """What a field was matched with: a candidate and its value, or why there is none."""

    position: int | None = None
    value: Any = None
    problem: str = ""


def match_label(field: SchemaField, candidates: Sequence[LabelledValue]) -> LabelMatch:
    """Return the candidate whose label names the field best, where it is clear which."""
    matches = [
        (score, i, value)
        for i, candidate in enumerate(candidates)
        if (score := _score(field, candidate)) > 0
        and (value := field.value_of(candidate.value.text)) is not None
    ]
    if not matches:
        return LabelMatch()
    best = max(score for score, _, _ in matches)
    ties = _latest_of_each_row(
        [(i, value) for score, i, value in matches if score > best - 1e-6], candidates
    )
    if len({str(value) for _, value in ties}) > 1:
        texts = "; ".join(dict.fromkeys(candidates[i].value.text for i, _ in ties[:_SHOWN]))
        return LabelMatch(problem=f"the document names several: {texts}")
    position, value = ties[0]
    return LabelMatch(position, value)


def _score(field: SchemaField, candidate: LabelledValue) -> float:
    """Return how well label and head name a field, 0 where a word of it is missing."""
    return max(_score_of(content_terms(label), candidate) for label in field.labels)


def _score_of(terms: frozenset[str], candidate: LabelledValue) -> float:
    own, head = content_terms(candidate.label), content_terms(candidate.head)
    if not terms or terms - own - head - content_terms(candidate.around):
        return 0.0
    share = share_of_label(terms, candidate.label)
    if not share:
        return 0.0
    share_named = len(terms & (own | head)) / len(terms)  # the rest stands around the table only
    return share_named * (share + _HEAD * (len(head & terms) / len(head) if head else 1.0))


def _latest_of_each_row(
    ties: Sequence[tuple[int, Any]], candidates: Sequence[LabelledValue]
) -> list[tuple[int, Any]]:
    """Return of the cells of one row only that of the latest year, where years alone tell them apart."""
    rows: dict[tuple[int, int], list[tuple[int, Any]]] = {}
    for tie in ties:
        passage = candidates[tie[0]].passage
        rows.setdefault((id(passage.table or passage), passage.row), []).append(tie)
    left: list[tuple[int, Any]] = []
    for row in rows.values():
        years = [max(_YEAR.findall(candidates[i].head), default="") for i, _ in row]
        is_clear = all(years) and len(set(years)) == len(years)
        left += [row[years.index(max(years))]] if is_clear else row
    return left
