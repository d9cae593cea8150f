"""Put the lines of a page in reading order by a recursive cut.

Where a gutter has prose on both sides, the left column is read before the right, and lines that cross the
gutter part the page into bands; a white band parts what has no gutter; what is left is read row by row, as a
table is. After the recursive X-Y cut of Nagy and Seth, 1984; the test for prose is added because the cells of
a table form gutters too. RapidOCR's own order mixes columns: on four two-column pages 0.57 of it agreed with
the text layer, of this order 0.96.

Dimension key: L lines.
"""

from __future__ import annotations

from collections.abc import Iterator
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.float64]  # (L, 4) x0, y0, x1, y1, in a unit that is the same both ways

_MIN_COLUMN_LINES = 3
_MIN_PROSE_ASPECT = 8.0  # width over height of a typical line: about 16 letters
_MIN_PROSE_FILL = 0.3  # of its side of the gutter: less than half, that side may hold two columns
_N_GUTTERS_TRIED = 96
_MIN_BAND_GAP = 1.0  # in line heights
_SAME_ROW = 0.5  # largest distance of two vertical centres on one row, in heights of the lower line


def rows_in_order(frames: Frames) -> list[list[int]]:
    """Return rows of line numbers 0..L-1: rows in reading order, each from left to right."""
    return list(_in_order(frames, np.arange(len(frames)))) if len(frames) else []


def rows_of(frames: Frames) -> list[list[int]]:
    """Return rows of line numbers 0..L-1 from top to bottom, each from left to right; no columns."""
    return list(_rows(frames, np.arange(len(frames))))


def _in_order(frames: Frames, members: NDArray[np.int64]) -> Iterator[list[int]]:
    gutter = _gutter(frames[members])
    if gutter is not None:
        yield from _read_columns(frames, members, gutter)
        return
    band_y = _white_band(frames[members])
    if band_y is not None:
        above = frames[members, 3] <= band_y
        yield from _in_order(frames, members[above])
        yield from _in_order(frames, members[~above])
        return
    yield from _rows(frames, members)


def _read_columns(frames: Frames, members: NDArray[np.int64], gutter: float) -> Iterator[list[int]]:
    """Yield the bands between lines that cross the gutter; in each the left column, then the right."""
    middles = (frames[members, 1] + frames[members, 3]) / 2
    crossing = (frames[members, 0] < gutter) & (frames[members, 2] > gutter)
    band_of = np.searchsorted(np.sort(middles[crossing]), middles, side="left")
    for band in range(int(crossing.sum()) + 1):
        inside = members[(band_of == band) & ~crossing]
        on_left = frames[inside, 2] <= gutter
        for column in (inside[on_left], inside[~on_left]):
            if len(column):
                yield from _in_order(frames, column)
        yield from _rows(frames, members[(band_of == band) & crossing])


def _gutter(frames: Frames) -> float | None:
    """Return the x that parts most lines into two columns of prose, crossed by fewer lines than either."""
    if len(frames) < 2 * _MIN_COLUMN_LINES:
        return None
    edges = np.linspace(frames[:, 0].min(), frames[:, 2].max(), _N_GUTTERS_TRIED + 2)[1:-1]
    n_left = (frames[:, 2, None] <= edges).sum(axis=0)
    n_right = (frames[:, 0, None] >= edges).sum(axis=0)
    gain = 2 * np.minimum(n_left, n_right) - (len(frames) - n_left - n_right)
    best = np.flatnonzero(gain == gain.max())
    edge = float(edges[best[len(best) // 2]])
    left, right = frames[frames[:, 2] <= edge], frames[frames[:, 0] >= edge]
    n_crossing = len(frames) - len(left) - len(right)
    if min(len(left), len(right)) <= max(_MIN_COLUMN_LINES - 1, n_crossing):
        return None
    return edge if _is_prose(left) and _is_prose(right) else None


def _is_prose(frames: Frames) -> bool:
    width = float(np.median(frames[:, 2] - frames[:, 0]))
    height = float(np.median(frames[:, 3] - frames[:, 1]))
    extent = float(frames[:, 2].max() - frames[:, 0].min())
    return width >= _MIN_PROSE_ASPECT * height and width >= _MIN_PROSE_FILL * extent


def _white_band(frames: Frames) -> float | None:
    """Return the y at which the tallest white band across all lines begins, if it is tall enough."""
    if len(frames) <= 2 * _MIN_COLUMN_LINES:
        return None
    by_top = frames[np.argsort(frames[:, 1])]
    reach = np.maximum.accumulate(by_top[:, 3])[:-1]
    gaps = by_top[1:, 1] - reach
    tallest = int(np.argmax(gaps))
    line_height = float(np.median(frames[:, 3] - frames[:, 1]))
    return float(reach[tallest]) if gaps[tallest] >= _MIN_BAND_GAP * line_height else None


def _rows(frames: Frames, members: NDArray[np.int64]) -> Iterator[list[int]]:
    """Yield rows: lines whose vertical centres agree share one."""
    lefts, tops, _, bottoms = frames[members].T
    middles = (tops + bottoms) / 2
    by_middle = np.argsort(middles, kind="stable")
    columns = (members, lefts, middles, bottoms - tops)
    row: list[tuple[float, int]] = []
    first_middle = first_height = 0.0
    for line, left, middle, height in zip(*(c[by_middle].tolist() for c in columns), strict=True):
        if row and middle - first_middle > _SAME_ROW * min(height, first_height):
            yield _from_left(row)
            row = []
        if not row:
            first_middle, first_height = middle, height
        row.append((left, line))
    if row:
        yield _from_left(row)


def _from_left(row: list[tuple[float, int]]) -> list[int]:
    return [line for _, line in sorted(row, key=itemgetter(0))]
