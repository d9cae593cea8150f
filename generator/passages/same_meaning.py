"""Finds that a passage says what is asked in other words, by the meaning of both as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from generator.passages.calibration import calibration_of
from generator.passages.subject import is_english
from generator.passages.support import Quotation
from indexer.base.errors import (
    CollectionNotFound,
    EncoderMismatch,
    EncoderUnavailable,
    Unreadable,
)
from indexer.base.pages import QueryEmbedding

Encode = Callable[[Sequence[str]], Sequence[QueryEmbedding]]

# The collection, or its encoder, after the pages were found.
_GONE_SINCE = (CollectionNotFound, EncoderMismatch, EncoderUnavailable, Unreadable)
# In a longer document some passage is as near as that by chance.
_SHORT_PAGES = 3
# From this gain on, a similarity of .5, words that no page has cost so much strength at most: a passage that
# means what is asked need not say it in the same words. docs/experiments.md has what is on either side.
_MEANS = 0.5
_MOST_ABSENT = 2.0


def with_meaning(
    ranking: Sequence[Quotation], query: QueryEmbedding, encode: Encode | None
) -> list[Quotation]:
    """Return the quotations in the same order, all stronger where the best one means what is asked.

    A word that no page has costs strength, and people ask in other words than pages have.

    encode  as `query` was encoded; None: nothing can be told
    """
    if encode is None or not ranking:
        return [*ranking]
    best = ranking[0]
    if best.page.hit.document.n_pages > _SHORT_PAGES:
        return [*ranking]
    calibration = calibration_of(best.page.hit.fingerprint.name)
    if not calibration.of_meaning or not is_english(best.question):  # as it was fitted
        return [*ranking]
    try:
        (passage,) = encode([best.passage.quote])
    except _GONE_SINCE:
        return [*ranking]
    gain = calibration.gain_of_meaning(float(_meaning(query) @ _meaning(passage)))
    if gain >= _MEANS:
        gain += max(best.absent_cost - _MOST_ABSENT, 0.0)
    return [replace(quotation, strength=quotation.strength + gain) for quotation in ranking]


def _meaning(text: QueryEmbedding) -> NDArray[np.float32]:
    """Return the mean (D,) of a text's vectors, of length 1."""
    mean = text.vectors.astype(np.float32).mean(axis=0)
    direction: NDArray[np.float32] = mean / np.linalg.norm(mean)
    return direction
