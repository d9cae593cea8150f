"""Whether support tells right answers from wrong ones: risk and coverage, reliability.

Dimension key: Q questions.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.diagnostics.evaluation.intervals import RESAMPLES, SEED
from api.diagnostics.evaluation.records import QuestionRecord

COVERAGE = 0.8
N_BINS = 10
_POINTS = 50  # of the curve that is kept

Vector = NDArray[np.float64]


def support_figures(records: Sequence[QuestionRecord]) -> dict[str, Any]:
    """Return what is known of support over a run; docs/evaluation.md has the formulas."""
    cases = [
        record for record in records if not record.answerable or "first_right" in record.figures
    ]
    if not cases:
        return {}
    support = np.array([record.support for record in cases])
    is_right = np.array([float(would_be_right(record)) for record in cases])
    answerable = np.array([record.answerable for record in cases])
    coverage, risk = risk_coverage(support, is_right)
    low, high = _area_interval(support, is_right)
    bins = reliability(support, is_right)
    return {
        "questions": len(cases),
        "area_under_risk_coverage": round(float(risk.mean()), 4),
        "area_interval": [low, high],
        "area_of_perfect_order": round(_perfect_area(is_right), 4),
        "auc_answerable": _auc(support[answerable], support[~answerable]),
        "unanswerable_refused@80": refused_at(support, answerable, support[answerable]),
        "unanswerable_refused@80_of_all": refused_at(support, answerable, support),
        "risk_coverage": [
            [round(float(coverage[i]), 4), round(float(risk[i]), 4)]
            for i in np.unique(np.linspace(0, len(risk) - 1, _POINTS).astype(int))
        ],
        "reliability": bins,
        "largest_distance": round(max(map(_distance, bins)), 4),
        "expected_calibration_error": round(_mean_distance(bins), 4),
    }


def would_be_right(record: QuestionRecord) -> bool:
    """Say whether its best passage is right, also where it was refused: what a lower floor would say."""
    if not record.answerable:
        return False
    if not record.refused:
        return record.verdict == "right"
    return record.nearest is not None and record.nearest.verdict == "right"


def risk_coverage(support: Vector, is_right: Vector) -> tuple[Vector, Vector]:
    """Return coverage (Q,) and risk (Q,): of the n questions of highest support, the share wrong.

    Questions of equal support share one risk, whichever comes first (Geifman & El-Yaniv 2017).
    """
    order = np.argsort(-support, kind="stable")
    sorted_support = support[order]
    _, start, size = np.unique(-sorted_support, return_index=True, return_counts=True)
    group_means = np.add.reduceat(is_right[order], start) / size
    smooth = np.repeat(group_means, size)
    n = np.arange(1, len(support) + 1)
    return n / len(support), 1 - np.cumsum(smooth) / n


def refused_at(support: Vector, answerable: NDArray[np.bool_], coverable: Vector) -> float | None:
    """Return the share of the unanswerable below the floor that answers 80 % of `coverable`."""
    if answerable.all() or not len(coverable):
        return None
    floor = np.sort(coverable)[::-1][max(int(np.ceil(COVERAGE * len(coverable))) - 1, 0)]
    return round(float((support[~answerable] < floor).mean()), 4)


def reliability(support: Vector, is_right: Vector) -> list[dict[str, Any]]:
    """Return bins of equally many questions in the order of support: mean support, share right."""
    order = np.argsort(support, kind="stable")
    return [
        {
            "questions": len(members),
            "support": round(float(support[members].mean()), 4),
            "right": round(float(is_right[members].mean()), 4),
        }
        for members in np.array_split(order, min(N_BINS, len(order)))
    ]


def _distance(bin_: dict[str, Any]) -> float:
    return abs(float(bin_["support"]) - float(bin_["right"]))


def _mean_distance(bins: Sequence[dict[str, Any]]) -> float:
    """Return the mean distance over questions: the expected calibration error (Naeini et al. 2015)."""
    total = sum(bin_["questions"] for bin_ in bins)
    return float(sum(bin_["questions"] * _distance(bin_) for bin_ in bins) / total)


def _perfect_area(is_right: Vector) -> float:
    """Return the area if every right answer had more support than every wrong one."""
    return float(risk_coverage(is_right, is_right)[1].mean())


def _area_interval(support: Vector, is_right: Vector) -> tuple[float, float]:
    dice = np.random.default_rng(SEED)
    areas = []
    for _ in range(RESAMPLES):
        sample = dice.integers(0, len(support), len(support))
        areas.append(float(risk_coverage(support[sample], is_right[sample])[1].mean()))
    low, high = np.percentile(areas, (2.5, 97.5))
    return round(float(low), 4), round(float(high), 4)


def _auc(positive: Vector, negative: Vector) -> float | None:
    """Return the chance that a positive case stands above a negative one; ties count half."""
    if not len(positive) or not len(negative):
        return None
    above = (positive[:, None] > negative).mean()
    return round(float(above + 0.5 * (positive[:, None] == negative).mean()), 4)
