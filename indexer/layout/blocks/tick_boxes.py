"""Read small squares that are drawn beside words as boxes to tick: the page image shows which are ticked.

Each becomes a word, as fonts of symbols have it. A square beside no word, one that others touch (a letter is
written in each), one in ink all over (a bullet, the legend of a chart) is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind, PageBox
from indexer.base.pages import BOX_SCALE, RenderedPage
from indexer.base.regions import TextDirection
from indexer.layout.drafts import DraftWord
from indexer.layout.holding import NO_REGION, fills_page, owners_of

TICKED, NOT_TICKED = "☑", "☐"
_MARKS = frozenset("xX×✓✔✗✘✕✖√•●■☒☑")  # typed into a box
_DARK = 170  # of 255: the ink of a stroke or a mark
_MIN_SIDE = 0.8  # of each side is ink
_MARKED_SIDES = 3  # of a box in which a mark is typed: the field may have covered one
_MAX_AROUND = 0.4  # of what is around it
_EDGE_PX = 2  # a stroke is looked for this near to the edge of its box
_INNER = 0.25  # of the side is left out around what is looked at
_MIN_INK = 0.08  # of the inner part of a ticked box,
_BORDER = 0.12  # of the side: what is within
_MAX_INK = 0.75  # has less ink than this, but for icons, bullets and the squares of a legend
_BESIDE = 3.0  # from the word, in its heights
_SIZES = (0.45, 1.9)  # of the side, in heights of the word
_TOUCHING = 0.2  # of the side
_MOST_BOXES = 200  # of a form


class _Place(NamedTuple):
    """Where a box goes among the words: before `position`, on a line."""

    position: int
    line: int


def with_tick_boxes(words: list[DraftWord], page: RenderedPage) -> list[DraftWord]:
    """Return the words of a page with one for each box to tick, on the line of the word beside it."""
    regions = page.regions
    if not regions.tick_boxes or regions.direction != TextDirection.UPRIGHT or not words:
        return words
    boxes = _boxes_of_forms(page)
    if not boxes:
        return words
    gray = np.asarray(page.image.convert("L"))
    scale = np.array([page.width_pt, page.height_pt] * 2) / BOX_SCALE
    frames = np.asarray([word.box for word in words], np.float64) * scale
    additions: list[tuple[_Place, DraftWord]] = []
    marks: set[int] = set()
    for box in boxes:
        frame = np.asarray(box) * scale
        inside = _words_inside(frames, frame)
        n_sides = _MARKED_SIDES if inside else 4
        if any(words[i].text not in _MARKS for i in inside) or _n_sides(gray, box) < n_sides:
            continue
        place = _place(words, frames, frame, inside)
        if place is None or _ink(gray, box, _BORDER) > _MAX_INK:
            continue
        marks.update(inside)
        text = TICKED if inside or _ink(gray, box, _INNER) >= _MIN_INK else NOT_TICKED
        additions.append((place, DraftWord(text, box, place.line)))
    return _with_additions(words, additions, marks)


def keep_boxes_beside_labels(words: Sequence[DraftWord], owners: NDArray[np.int64]) -> None:
    """Let boxes that are in no region of the model be in that of a word beside them on their line.

    owners  (W,) as `owners_of` has them; written to
    """
    for i, word in enumerate(words):
        if word.position is None and word.text in (TICKED, NOT_TICKED) and owners[i] == NO_REGION:
            beside = [j for j in (i + 1, i - 1) if 0 <= j < len(words)]
            owners[i] = next((owners[j] for j in beside if words[j].line == word.line), NO_REGION)


def _with_additions(
    words: Sequence[DraftWord], additions: Sequence[tuple[_Place, DraftWord]], marks: set[int]
) -> list[DraftWord]:
    """Return words and those added, each in its place, without the marks that are typed into boxes."""
    before: dict[int, list[DraftWord]] = {}
    for place, word in additions:
        before.setdefault(place.position, []).append(word)
    joined_words: list[DraftWord] = []
    for i, word in enumerate(words):
        joined_words += before.get(i, [])
        joined_words += [] if i in marks else [word]
    return joined_words + before.get(len(words), [])


def _boxes_of_forms(page: RenderedPage) -> list[PageBox]:
    """Return the boxes that touch no other one, and are no field and in no picture."""
    regions = page.regions
    boxes = _apart(regions.tick_boxes)
    pictures = [
        region.box
        for region in regions.regions
        if region.kind in (BlockKind.PICTURE, BlockKind.FORMULA) and not fills_page(region.box)
    ]
    taken_boxes = [*pictures, *(field.box for field in regions.fields)]
    owners = owners_of(boxes, taken_boxes)
    return [box for box, owner in zip(boxes, owners.tolist(), strict=True) if owner < 0]


def _apart(boxes: Sequence[PageBox]) -> list[PageBox]:
    """Return boxes once each, without those that touch another one; none where there is a pattern of them."""
    if not 0 < len(boxes) <= _MOST_BOXES:
        return []
    corners = np.asarray(boxes, np.float64)
    sides = corners[:, 2:] - corners[:, :2]
    inner = np.minimum(corners[:, None, 2:], corners[None, :, 2:]) - np.maximum(
        corners[:, None, :2], corners[None, :, :2]
    )  # (B, B, 2), negative where two are apart
    areas = sides.prod(axis=1)
    covered_shares = np.maximum(inner, 0).prod(axis=2) / np.maximum(
        np.minimum.outer(areas, areas), 1
    )
    is_same = covered_shares > 0.5  # a fill and its stroke, or a mark within
    is_first = np.argmax(is_same, axis=1) == np.arange(len(boxes))
    touches = (-inner <= _TOUCHING * sides[:, None]).min(axis=2) & ~is_same
    is_alone = is_first & ~np.logical_or.reduce(touches & is_first, axis=1)
    return [boxes[i] for i in np.flatnonzero(is_alone).tolist()]


def _words_inside(frames: NDArray[np.float64], frame: NDArray[np.float64]) -> list[int]:
    middles = (frames[:, :2] + frames[:, 2:]) / 2
    inside = (middles > frame[:2]).all(axis=1) & (middles < frame[2:]).all(axis=1)
    return [int(i) for i in np.flatnonzero(inside)]


def _place(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    frame: NDArray[np.float64],
    inside: Sequence[int],
) -> _Place | None:
    """Return the place before the word right of a box, or else behind the one left of it; None without."""
    heights = np.maximum(frames[:, 3] - frames[:, 1], 1.0)
    middle = (frame[1] + frame[3]) / 2
    side = frame[3] - frame[1]
    is_beside = (
        (frames[:, 1] < middle)
        & (middle < frames[:, 3])
        & (side >= _SIZES[0] * heights)
        & (side <= _SIZES[1] * heights)
    )
    is_beside[list(inside)] = False
    gaps = {True: frames[:, 0] - frame[2], False: frame[0] - frames[:, 2]}
    for is_right, gap in gaps.items():
        near = np.flatnonzero(is_beside & (gap > -0.3 * side) & (gap <= _BESIDE * heights))
        if len(near):
            i = int(near[np.argmin(gap[near])])
            return _Place(i if is_right else i + 1, words[i].line)
    return None


def _pixels(gray: NDArray[np.uint8], box: PageBox) -> tuple[int, int, int, int]:
    height, width = gray.shape
    x0, y0, x1, y1 = (
        v * side / BOX_SCALE for v, side in zip(box, (width, height) * 2, strict=True)
    )
    return int(x0), int(y0), int(np.ceil(x1)), int(np.ceil(y1))


def _n_sides(gray: NDArray[np.uint8], box: PageBox) -> int:
    """Return along how many sides of a box there is ink, to its corners; none of a box within ink."""
    x0, y0, x1, y1 = _pixels(gray, box)
    ink: NDArray[np.bool_] = gray[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1] < _DARK
    reach = _EDGE_PX + 1
    if min(ink.shape) <= 2 * reach:
        return 0
    ring = gray[max(y0 - 4, 0) : y1 + 4, max(x0 - 4, 0) : x1 + 4] < _DARK
    around = np.concatenate([ring[0], ring[-1], ring[:, 0], ring[:, -1]])
    if float(around.mean()) > _MAX_AROUND:
        return 0
    bands = (ink[:reach], ink[-reach:], ink[:, :reach].T, ink[:, -reach:].T)
    sides = (np.logical_or.reduce(band, axis=0) for band in bands)
    return sum(float(side[1:-1].mean()) >= _MIN_SIDE for side in sides)


def _ink(gray: NDArray[np.uint8], box: PageBox, margin: float) -> float:
    """Return how much of a box is ink, without a margin: a share of its side."""
    x0, y0, x1, y1 = _pixels(gray, box)
    left, top = round(margin * (x1 - x0)), round(margin * (y1 - y0))
    inner = gray[y0 + top : y1 - top, x0 + left : x1 - left]
    return float((inner < _DARK).mean()) if inner.size else 0.0
