"""How long a stage takes, read from the buckets of a histogram."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Times of one stage in seconds: the mean is exact, the quantiles are as fine as the buckets."""

    stage: str
    count: int
    mean_s: float
    median_s: float
    p95_s: float


def stage_times(stage: str, buckets: Sequence[tuple[float, float]], sum_s: float) -> StageTimes:
    """Read a histogram with at least one observation.

    buckets  (upper bound in seconds, observations up to it), the last bound infinite
    """
    count = buckets[-1][1]
    return StageTimes(
        stage=stage,
        count=int(count),
        mean_s=sum_s / count,
        median_s=_quantile(buckets, 0.5 * count),
        p95_s=_quantile(buckets, 0.95 * count),
    )


def _quantile(buckets: Sequence[tuple[float, float]], rank: float) -> float:
    """Place a rank inside its bucket, evenly; what is beyond the last bound counts as that bound."""
    for (low_s, n_below), (high_s, n_up_to) in pairwise([(0.0, 0.0), *buckets]):
        if n_up_to >= rank:
            if high_s == float("inf"):
                return low_s
            return low_s + (high_s - low_s) * (rank - n_below) / (n_up_to - n_below)
    return buckets[-1][0]
