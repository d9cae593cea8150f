"""How much the words of a page count beside its vectors, for each encoder.

Fitted by `python -m tests.benchmarks.fit_words`, judged on documents left out (docs/experiments.md).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WordWeights:
    """What is added to a page's MaxSim, in similarities of one content token of the question.

    A page on which all words of the question stand often gets `words` for each content token, and one that
    the question names by its number `place`.
    """

    words: float
    place: float


_BY_ENCODER = {
    "lite": WordWeights(words=1.0, place=0.3),
    "lite-int8": WordWeights(
        words=1.0, place=0.3
    ),  # the same space, each vector turned by a little
    "lite-multi": WordWeights(words=1.0, place=0.3),  # as wide a space, made in the same way
}
# For encoders that nobody has measured: a third, as the scores of their pages lie closer together.
_UNMEASURED = WordWeights(words=0.3, place=0.2)


def weights_of(encoder_name: str) -> WordWeights:
    """Return the weights for the encoder with this name."""
    return _BY_ENCODER.get(encoder_name, _UNMEASURED)
