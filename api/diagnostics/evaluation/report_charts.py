"""The two curves of a report, as SVG."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

_LEFT, _TOP, _WIDTH, _HEIGHT = 26, 6, 260, 130


def risk_coverage_chart(support: dict[str, Any]) -> str:
    """Return the share of wrong answers over the share of questions answered, most supported first."""
    points = [_point(x, y) for x, y in support["risk_coverage"]]
    curve = f'<polyline class="curve" points="{_joint(points)}"/>'
    caption = "Share wrong, over the share of questions answered, best supported first"
    return _figure(curve, caption)


def reliability_chart(support: dict[str, Any]) -> str:
    """Return the share right over the mean support, bin by bin; on the diagonal support is a probability."""
    points = [_point(bin_["support"], bin_["right"]) for bin_ in support["reliability"]]
    dots = "".join(f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    ends = _joint([_point(0, 0), _point(1, 1)])
    diagonal = f'<polyline class="ideal" points="{ends}"/>'
    curve = f'<polyline class="curve" points="{_joint(points)}"/>'
    return _figure(diagonal + curve + dots, "Share right, over support; ten bins")


def _point(x: float, y: float) -> tuple[float, float]:
    return _LEFT + x * _WIDTH, _TOP + (1 - y) * _HEIGHT


def _joint(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _figure(drawing: str, caption: str) -> str:
    labels = "".join(_labels((0.0, 0.5, 1.0)))
    view = f"0 0 {_LEFT + _WIDTH + 14} {_TOP + _HEIGHT + 18}"
    svg = f'<svg viewBox="{view}" role="img" aria-label="{caption}">{labels}{drawing}</svg>'
    return f"<figure>{svg}<figcaption>{caption}</figcaption></figure>"


def _labels(values: Sequence[float]) -> Iterable[str]:
    for value in values:
        (left, y), (right, _) = _point(0, value), _point(1, value)
        x, bottom = _point(value, 0)
        yield f'<line class="axis" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>'
        yield f'<text x="{left - 5}" y="{y + 3}" text-anchor="end">{value:g}</text>'
        yield f'<text x="{x}" y="{bottom + 13}" text-anchor="middle">{value:g}</text>'
