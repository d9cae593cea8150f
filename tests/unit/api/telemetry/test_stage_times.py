"""Times of a stage, read from buckets."""

from __future__ import annotations

import pytest

from api.telemetry.stage_times import stage_times

INFINITE = float("inf")


def test_a_quantile_stands_inside_its_bucket() -> None:
    buckets = [(0.1, 0.0), (0.2, 10.0), (0.4, 20.0), (INFINITE, 20.0)]
    times = stage_times("encode", buckets, 5.0)
    assert (times.count, times.mean_s) == (20, 0.25)
    assert times.median_s == pytest.approx(0.2)
    assert times.p95_s == pytest.approx(0.38)


def test_what_is_beyond_the_last_bound_is_said_to_be_that_bound() -> None:
    times = stage_times("generate", [(60.0, 0.0), (INFINITE, 2.0)], 400.0)
    assert (times.median_s, times.p95_s, times.mean_s) == (60.0, 60.0, 200.0)
