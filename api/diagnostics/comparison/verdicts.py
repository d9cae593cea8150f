"""What a comparison says, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """Whether a text holds the right answer."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"

    @property
    def rank(self) -> int:
        return ("wrong", "partly", "right").index(self.value)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A verdict, the rule that decided, and a score 0..1: 1 for right, the share of a part."""

    verdict: Verdict
    rule: str
    score: float

    @property
    def is_right(self) -> bool:
        return self.verdict is Verdict.RIGHT

    def to_dict(self) -> dict[str, str | float]:
        return {"verdict": self.verdict.value, "rule": self.rule, "score": round(self.score, 4)}


def right(rule: str) -> Comparison:
    return Comparison(Verdict.RIGHT, rule, 1.0)


def partly(rule: str, score: float) -> Comparison:
    return Comparison(Verdict.PARTLY, rule, score)


def wrong(rule: str) -> Comparison:
    return Comparison(Verdict.WRONG, rule, 0.0)


def best(comparisons: Iterable[Comparison]) -> Comparison:
    """Return the best of them, the first among equals; wrong where there is none."""
    candidates = list(comparisons)
    if not candidates:
        return wrong("nothing to compare")
    return max(candidates, key=lambda comparison: (comparison.verdict.rank, comparison.score))
