"""From the strength of a passage to its support, by constants that were fitted to one encoder.

Similarities of two encoders lie on two scales, so each encoder has constants of its own.
`tests/benchmarks/calibrate_support.py` fits them; docs/decisions/0004-extractive-support.md says what
they are worth. They hold for questions and pages in English.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

SupportWord = Literal["clear", "partial", "weak"]
# Of dev questions with a clear support .90 had an answer, with a partial one .63, with a weak one .31.
_CLEAR, _PARTIAL = 0.75, 0.5


@dataclass(frozen=True, slots=True)
class Calibration:
    """A logistic curve.

    slope   how fast support rises with strength
    middle  strength of support 0.5, where wrong abstentions are as frequent as wrong answers
    """

    slope: float
    middle: float

    def support(self, strength: float) -> float:
        """Map a strength to a support, 0..1."""
        return float(1.0 / (1.0 + np.exp(-self.slope * (strength - self.middle))))


LITE = Calibration(slope=0.7, middle=2.45)
CALIBRATIONS = {"lite": LITE}


def calibration_of(encoder: str) -> Calibration:
    """Return the constants of an encoder by its name; those of lite where none were fitted."""
    return CALIBRATIONS.get(encoder, LITE)


def support_word(support: float) -> SupportWord:
    """Return what a support, 0..1, is called where a person reads it."""
    if support >= _CLEAR:
        return "clear"
    return "partial" if support >= _PARTIAL else "weak"
