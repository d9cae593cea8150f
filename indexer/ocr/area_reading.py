"""Read areas of one page image: find the lines, turn them the right way up, recognize them, within a budget.

Dimension key: L lines.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from indexer.base.pages import FractionBox
from indexer.ocr.engine import Engine, Pixels
from indexer.ocr.printed_lines import PrintedLine
from indexer.ocr.quads import Quads, frames, sides, standing, turn_lines

SEARCHED_SIDE_PX = 1024  # 1440 px cost 20 to 40 % more and found no more lines (own measurement)
_MAX_ASPECT = 2.0
_MAX_STRETCH = 2.0  # strips (a till receipt) stay legible
_TILE_PX = 1280
_TILE_OVERLAP_PX = 128
_MARGIN_PX = 8
_MIN_SCORE = 0.5
_N_VOTERS = 9
_VOTER_ASPECT = 2.5  # the classifier errs on shorter lines
_MOST_THICKER = 2.0  # a line and the part of it that another tile shows differ by less
_SURE = 0.9
_TICKS = "✓✔☑☒✗"
_N_COMPARED = 3
_FEW = 3  # characters
_THIN, _LONG = 0.08, 6.0  # length over height of a character
_SHORT = 2.5  # length over height: up to it a standing line may be one upright digit


class Budget:
    """What reading one page may cost: pixels searched, CPU seconds of this thread."""

    def __init__(self, max_px: int, cpu_s: float) -> None:
        self._px = max_px
        self._ends_at = time.thread_time() + cpu_s
        self.exceeded = False

    def take(self, n_px: int) -> bool:
        """Whether that many pixels may be searched; takes them off."""
        if n_px > self._px or not self.lasts():
            self.exceeded = True
            return False
        self._px -= n_px
        return True

    @property
    def left_px(self) -> int:
        return self._px

    def lasts(self) -> bool:
        """Whether CPU time is left."""
        lasts = time.thread_time() < self._ends_at
        self.exceeded |= not lasts
        return lasts


def searched_scale(size: tuple[int, int]) -> float:
    """Return how much smaller a page image of (width, height) px is when lines are searched on it."""
    long_side, short_side = max(size), min(size)
    strip = min(long_side / max(short_side, 1) / _MAX_ASPECT, _MAX_STRETCH)
    side = max(SEARCHED_SIDE_PX, round(strip * SEARCHED_SIDE_PX))
    return min(1.0, side / long_side)


def find_lines(
    engine: Engine, image: Image.Image, box: FractionBox, scale: float, budget: Budget
) -> Quads:
    """Return the corners (L, 4, 2) in px of `image` of the lines inside a box of it.

    Corners begin at the top left of the page, clockwise.
    """
    quads = [
        engine.detect(pixels) / scale + np.array([x, y])
        for pixels, (x, y) in _tiles(image, box, scale)
        if budget.take(pixels.shape[0] * pixels.shape[1])
    ]
    return _without_doubles(np.concatenate(quads)) if quads else np.zeros((0, 4, 2))


def _tiles(
    image: Image.Image, box: FractionBox, scale: float
) -> Iterator[tuple[Pixels, tuple[float, float]]]:
    """Yield parts of the box, scaled, each with the place of its corner on the image."""
    width, height = image.size
    x0 = max(int(box[0] * width) - _MARGIN_PX, 0)
    y0 = max(int(box[1] * height) - _MARGIN_PX, 0)
    x1 = min(int(box[2] * width) + _MARGIN_PX, width)
    y1 = min(int(box[3] * height) + _MARGIN_PX, height)
    for top, bottom in _spans(y0, y1, scale):
        for left, right in _spans(x0, x1, scale):
            part = image.crop((left, top, right, bottom))
            if scale != 1.0:
                size = (max(1, round(part.width * scale)), max(1, round(part.height * scale)))
                part = part.resize(size, Image.Resampling.LANCZOS, reducing_gap=3.0)
            yield np.asarray(part.convert("RGB")), (left, top)


def _spans(low: int, high: int, scale: float) -> Iterator[tuple[int, int]]:
    longest = max(int(_TILE_PX / scale), 1)
    n = -(-max(high - low, 1) // longest)
    overlap = int(_TILE_OVERLAP_PX / scale) if n > 1 else 0
    for i in range(n):
        begin = low + i * (high - low) // n - (overlap if i else 0)
        end = low + (i + 1) * (high - low) // n + (overlap if i < n - 1 else 0)
        yield max(begin, low), min(max(end, begin + 1), high)


def _without_doubles(quads: Quads) -> Quads:
    """Leave out what lies mostly inside a longer line: a line cut by the edge of a tile, seen by both.

    What is much higher than the line is no part of it seen twice: a signature that reaches over print.
    """
    if len(quads) < 2:
        return quads
    boxes = frames(quads)
    sizes = boxes[:, 2:] - boxes[:, :2]
    areas = sizes.prod(axis=1)
    order = np.argsort(-areas)
    positions: list[int] = []
    for i in order.tolist():
        low = np.maximum(boxes[positions, :2], boxes[i, :2])
        high = np.minimum(boxes[positions, 2:], boxes[i, 2:])
        is_inside = np.clip(high - low, 0, None).prod(axis=1) >= 0.6 * areas[i]
        is_as_thick = sizes[positions].min(axis=1) < _MOST_THICKER * sizes[i].min()
        if not np.any(is_inside & is_as_thick):
            positions.append(i)
    return quads[sorted(positions)]


def read_lines(
    engine: Engine, pixels: Pixels, quads: Quads, budget: Budget
) -> Iterator[PrintedLine]:
    """Read lines (L, 4, 2) px of an image; the corners of each are turned as it is read."""
    on_side = standing(quads)
    for group, quarters in ((quads[~on_side], 0), (quads[on_side], 1)):
        if len(group):
            yield from _read_group(engine, pixels, group, quarters, budget)


def _read_group(
    engine: Engine, pixels: Pixels, quads: Quads, quarters: int, budget: Budget
) -> Iterator[PrintedLine]:
    ways: tuple[int, ...] = (0, 1, 3)  # single digits stand upright
    if not quarters or not _all_short(turn_lines(quads, quarters)):
        as_they_stand = turn_lines(quads, quarters)
        # The classifier knows lines that lie; of those that run up or down a page it often says nothing.
        is_doubtful = bool(quarters) or _seem_upside_down(engine, pixels, as_they_stand)
        ways = (
            quarters + 2 * (is_doubtful and _read_better_turned(engine, pixels, as_they_stand)),
        )
    for quad in quads:
        if not budget.lasts():
            return
        yield max(
            (_read_line(engine, pixels, quad, way) for way in ways),
            key=lambda line: line.score * bool(line.text.strip()),
        )


def _all_short(quads: Quads) -> bool:
    lengths = sides(quads)
    return bool(np.all(lengths[:, 0] < _SHORT * lengths[:, 1]))


def _voters(quads: Quads, n: int, step: int = 1) -> NDArray[np.int64]:
    """Return the positions of lines long enough to tell which way they stand, the longest first."""
    lengths = sides(quads)
    voters = np.flatnonzero(lengths[:, 0] > _VOTER_ASPECT * lengths[:, 1])
    voters = voters[np.argsort(-lengths[voters, 0])][: step * n : step]
    return voters if len(voters) else np.argsort(-lengths[:, 0])[:n]


def _seem_upside_down(engine: Engine, pixels: Pixels, quads: Quads) -> bool:
    """Whether the classifier takes most lines to stand on their heads."""
    votes = engine.upside_down(engine.cut(pixels, quads[_voters(quads, _N_VOTERS, 3)]))
    n_against = sum(against for against, surety in votes if surety >= _SURE)
    return 2 * n_against > len(votes)


def _read_better_turned(engine: Engine, pixels: Pixels, quads: Quads) -> bool:
    """Whether some lines are more legible upside down."""
    sample = quads[_voters(quads, _N_COMPARED)]
    return _legibility(engine, pixels, turn_lines(sample, 2)) > _legibility(engine, pixels, sample)


def _legibility(engine: Engine, pixels: Pixels, quads: Quads) -> float:
    lines = [engine.recognize(crop) for crop in engine.cut(pixels, quads)]
    return sum(line.score * len(line.text) for line in lines)


def _read_line(
    engine: Engine, pixels: Pixels, quad: NDArray[np.float64], quarters: int
) -> PrintedLine:
    line_quad = turn_lines(quad[None], quarters)
    line = engine.recognize(engine.cut(pixels, line_quad)[0])
    return PrintedLine(line_quad[0], quarters % 4, line.text, line.score, line.places)


def legible(lines: Sequence[PrintedLine]) -> list[PrintedLine]:
    """Return the lines that the recognizer is fairly sure of, and that say something.

    A frame or a valve of a drawing is read as a square or as the ideograph that it resembles; alone on a page
    that has no others it is none. A rule of a table is read as a letter or two, which are much too thin.
    """
    sure = [
        line
        for line in lines
        if line.score >= _MIN_SCORE and _says_something(line.text) and not _is_rule(line)
    ]
    if any(sum(map(is_ideograph, line.text)) > 1 for line in sure):
        return sure
    return [line for line in sure if not all(map(is_ideograph, line.text.strip()))]


def _is_rule(line: PrintedLine) -> bool:
    n_characters = len(line.text)
    return (
        n_characters <= _FEW
        and not _THIN * n_characters <= line.length_px / line.height_px <= _LONG * n_characters
    )


def _says_something(text: str) -> bool:
    return any(character.isalnum() or character in _TICKS for character in text)


def is_ideograph(character: str) -> bool:
    """Whether a character is Chinese, or Japanese or Chinese punctuation, which figures are mistaken for."""
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff"
