"""From the strength of a passage to what is said of it, by constants that were fitted to one encoder.

Similarities of two encoders lie on two scales, so each encoder has constants of its own.
`tests/benchmarks/calibrate_support.py` fits closeness, `tests/benchmarks/fit_support.py` support;
docs/decisions/0004-extractive-support.md and 0054-what-support-says.md say what they are worth. They hold
for questions and pages in English.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

SupportWord = Literal["clear", "partial", "weak"]
# Three in four are right, or more; every second.
_CLEAR, _PARTIAL = 0.75, 0.5
FEW_PASSAGES = 10  # hardly any question of the fit had fewer


@dataclass(frozen=True, slots=True)
class Calibration:
    """Two logistic curves over strength.

    slope, middle  of closeness: how fast it rises, and the strength of 0.5, where wrong abstentions are as
                   frequent as wrong answers
    base, of_strength, of_word, of_passages
                   of support: log odds at nothing, and what they gain with each point of strength, each word
                   of the question and each factor e of passages that it was compared with
    of_least, usual_least
                   what strength gains with the similarity of the question's least matched word in the best
                   passage, and where it gains nothing
    of_meaning, usual_meaning, most_of_meaning
                   what it gains, at most so much, with the similarity of a whole question and a whole passage
                   above the usual one
    """

    slope: float
    middle: float
    base: float
    of_strength: float
    of_word: float
    of_passages: float
    of_least: float = 0.0
    usual_least: float = 0.0
    of_meaning: float = 0.0
    usual_meaning: float = 0.0
    most_of_meaning: float = 0.0

    def closeness(self, strength: float) -> float:
        """Map a strength to how close it is to an answer, 0..1."""
        return _logistic(self.slope * (strength - self.middle))

    def support(self, strength: float, n_words: int, n_passages: int) -> float:
        """Map a strength to the chance that the passage answers rightly, 0..1.

        The best of many passages is right less often than the best of few, and a long question asks for more.
        """
        odds = self.base + self.of_strength * strength + self.of_word * n_words
        return _logistic(odds + self.of_passages * float(np.log(max(n_passages, FEW_PASSAGES))))

    def gain_of_meaning(self, similarity: float) -> float:
        """Map the similarity of a question and a passage as a whole to strength, from 0 on."""
        gain = self.of_meaning * (similarity - self.usual_meaning)
        return min(max(gain, 0.0), self.most_of_meaning)


def _logistic(log_odds: float) -> float:
    return float(1.0 / (1.0 + np.exp(-log_odds)))


LITE = Calibration(
    slope=0.7, middle=2.45, base=0.58, of_strength=0.71, of_word=-0.07, of_passages=-0.70,
    of_least=3.0, usual_least=0.25, of_meaning=10.0, usual_meaning=0.45, most_of_meaning=2.0,
)  # fmt: skip
CALIBRATIONS = {"lite": LITE}
# Similarities of words and of whole texts lie elsewhere.
_NOT_FITTED = replace(LITE, of_least=0.0, of_meaning=0.0)


def calibration_of(encoder: str) -> Calibration:
    """Return the constants of an encoder by its name; those of lite where none were fitted."""
    return CALIBRATIONS.get(encoder, _NOT_FITTED)


def support_word(support: float) -> SupportWord:
    """Return what a support, 0..1, is called where a person reads it."""
    if support >= _CLEAR:
        return "clear"
    return "partial" if support >= _PARTIAL else "weak"
