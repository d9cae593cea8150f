"""Means with their confidence intervals, by bootstrap: resampling the questions with a fixed seed.

Dimension key: Q questions, F figures, R resamples.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 1000
SEED = 0
_BOUNDS = (2.5, 97.5)  # percentiles of a 95 % interval (Efron & Tibshirani 1993)

Vector = NDArray[np.float64]


def resample_counts(n: int) -> Vector:
    """Return how often each of `n` questions is is_drawn in each resample (R, Q)."""
    dice = np.random.default_rng(SEED)
    return dice.multinomial(n, np.full(n, 1 / n), size=RESAMPLES).astype(np.float64)


def means_with_intervals(
    figures: Sequence[Mapping[str, float]],
) -> dict[str, dict[str, float | int]]:
    """Return name to mean, low, high and n, over the questions that have the figure."""
    names = list(dict.fromkeys(name for row in figures for name in row))
    if not names:
        return {}
    counts = resample_counts(len(figures))
    summary: dict[str, dict[str, float | int]] = {}
    values = np.array([[row.get(name, np.nan) for name in names] for row in figures])  # (Q, F)
    has_value = ~np.isnan(values)
    sums, sizes = (
        counts @ np.where(has_value, values, 0.0),
        counts @ has_value.astype(np.float64),
    )  # (R, F)
    for column, name in enumerate(names):
        is_drawn = sizes[:, column] > 0
        means = sums[is_drawn, column] / sizes[is_drawn, column]
        low, high = np.percentile(means, _BOUNDS)
        summary[name] = {
            "mean": round(float(values[has_value[:, column], column].mean()), 4),
            "low": round(float(low), 4),
            "high": round(float(high), 4),
            "n": int(has_value[:, column].sum()),
        }
    return summary


def difference_interval(before: Vector, after: Vector) -> tuple[float, float, float]:
    """Return the mean of after - before (Q,), and the bounds of its 95 % interval: the paired bootstrap."""
    difference = after - before
    means = resample_counts(len(difference)) @ difference / len(difference)
    low, high = np.percentile(means, _BOUNDS)
    return float(difference.mean()), float(low), float(high)
