"""A picture of lines on two logarithmic axes, written as SVG by hand: no plotting library is needed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 820, 480
LEFT, RIGHT, TOP, BOTTOM = (
    64,
    236,
    44,
    48,
)  # margins; the labels of the lines stand in the right one
LABEL_GAP = 15
OURS = "#0b6e4f"
OTHERS = ("#b4542d", "#3d5a98", "#8a6d1b", "#7b3f7d", "#4a7c8c", "#9b2c40", "#5c6b3c", "#6b6b6b")


@dataclass(slots=True)
class Line:
    """(x, y) points above 0; ours are drawn strong."""

    label: str
    points: list[tuple[float, float]]
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class _Axis:
    """Maps a value to a pixel, evenly by its logarithm."""

    low: float
    high: float
    start_px: float
    stop_px: float

    def px(self, value: float) -> float:
        share = math.log(value / self.low) / math.log(self.high / self.low)
        return self.start_px + share * (self.stop_px - self.start_px)


def log_log_svg(lines: Sequence[Line], title: str, x_name: str, y_name: str) -> str:
    """An SVG document; `lines` must hold at least one point."""
    xs = sorted({x for line in lines for x, _ in line.points})
    ys = [y for line in lines for _, y in line.points]
    x = _Axis(xs[0] * 0.8, xs[-1] * 1.25, LEFT, WIDTH - RIGHT)
    low, high = (10 ** math.floor(math.log10(min(ys))), 10 ** math.ceil(math.log10(max(ys) * 1.01)))
    y = _Axis(low, high, HEIGHT - BOTTOM, TOP)
    parts = [*_frame(x, y, xs, title, x_name, y_name), *_drawn(lines, x, y)]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="system-ui, sans-serif" font-size="12" fill="#222">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _frame(
    x: _Axis, y: _Axis, xs: Sequence[float], title: str, x_name: str, y_name: str
) -> list[str]:
    """Title, grid and the numbers beside it."""
    right = WIDTH - RIGHT
    parts = [_text(LEFT, 24, title, 'font-size="15" font-weight="600"')]
    decade = y.low
    while decade <= y.high * 1.01:
        at = y.px(decade)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{right}" stroke="#ddd"/>')
        parts.append(_text(LEFT - 8, at + 4, f"{decade:,g}", 'text-anchor="end"'))
        decade *= 10
    for value in xs:
        at = x.px(value)
        parts.append(f'<path d="M{at:.1f} {TOP}V{HEIGHT - BOTTOM}" stroke="#eee"/>')
        parts.append(_text(at, HEIGHT - BOTTOM + 18, f"{value:,.0f}", 'text-anchor="middle"'))
    parts.append(_text((LEFT + right) / 2, HEIGHT - 10, x_name, 'text-anchor="middle"'))
    parts.append(_text(LEFT - 8, TOP - 8, y_name, 'text-anchor="end"'))
    return parts


def _drawn(lines: Sequence[Line], x: _Axis, y: _Axis) -> list[str]:
    """The lines, and each one's name at its end; names that would overlap move apart."""
    parts, ends = [], []
    others = iter(OTHERS * (len(lines) // len(OTHERS) + 1))
    for line in lines:
        colour = OURS if line.is_ours else next(others)
        points = [(x.px(a), y.px(b)) for a, b in sorted(line.points)]
        path = "L".join(f"{a:.1f} {b:.1f}" for a, b in points)
        width = 2.5 if line.is_ours else 1.5
        parts.append(f'<path d="M{path}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        parts += [f'<circle cx="{a:.1f}" cy="{b:.1f}" r="3" fill="{colour}"/>' for a, b in points]
        ends.append((points[-1], line.label, colour, line.is_ours))
    places = _apart([end[0][1] for end in ends])
    for ((a, b), label, colour, strong), place in zip(ends, places, strict=True):
        at = WIDTH - RIGHT + 14
        parts.append(
            f'<path d="M{a + 4:.1f} {b:.1f}L{at - 4} {place:.1f}" stroke="{colour}" '
            'opacity="0.5" stroke-dasharray="1 3"/>'
        )
        weight = ' font-weight="600"' if strong else ""
        parts.append(_text(at, place + 4, label, f'fill="{colour}"{weight}'))
    return parts


def _apart(places: Sequence[float]) -> list[float]:
    """The same heights, each at least LABEL_GAP from the next, pushed up from the lower edge."""
    moved = list(places)
    order = sorted(range(len(places)), key=lambda i: places[i])
    for above, below in pairwise(order):
        moved[below] = max(moved[below], moved[above] + LABEL_GAP)
    limit = HEIGHT - BOTTOM
    for i in reversed(order):
        moved[i] = min(moved[i], limit)
        limit = moved[i] - LABEL_GAP
    return moved


def _text(x: float, y: float, text: str, more: str = "") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" {more}>{escape(text)}</text>'
