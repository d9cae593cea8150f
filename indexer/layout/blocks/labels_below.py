"""See the fields of a form that are lines to write on, with a name below each: Signature, Date."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import Region
from indexer.layout.drafts import BlockDraft, DraftWord, Piece, field_of
from indexer.layout.holding import owners_of
from indexer.layout.pieces import pieces_of

Frames = NDArray[np.float64]

_MIN_FIELDS = 2  # on the page, one of them filled in
_RULE_PT = (40.0, 420.0)  # length of a line to write on
_MAX_LABEL_WORDS = 8
_MAX_VALUE_WORDS = 14
_NEAR_PT = 40.0  # from a rule: what stands further away is not looked at
_REACH_PT = 1.5  # rules meet within
_BELOW = 1.0  # from the line to its name, in heights of the name
_ABOVE = (-0.45, 0.8)  # from what is written to the line, in its heights
_WHITE = 0.6  # below the name, in its heights
_BESIDE = 3.0  # words beside what is written, nearer than this: it stands in a sentence
_LARGER = 1.8  # what is written, than its name; more is a title
_OVERHANG = 4.0  # points that a name may reach beyond its line
_NO_FORM = frozenset(
    (BlockKind.FORMULA, BlockKind.TITLE, BlockKind.HEADING, BlockKind.CAPTION,
     BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE)
)  # fmt: skip
_WHOLE = frozenset((BlockKind.TABLE, BlockKind.PICTURE))  # what a model may see in signatures


class _Line(NamedTuple):
    """A line to write on: the pieces that name it, and those that stand on it."""

    labels: list[Piece]
    values: list[Piece]


def fields_with_labels_below(
    words: Sequence[DraftWord],
    frames: Frames,
    rules: Frames,
    regions: Sequence[Region],
    used_words: set[int],
) -> list[BlockDraft]:
    """Return the fields that are lines with names below them; their words are taken.

    frames, rules  (W, 4) of all words and (R, 4) of what is drawn, in points
    """
    rules = _free_rules(rules)
    if len(rules) < _MIN_FIELDS or not len(frames):
        return []
    owners = owners_of([word.box for word in words], [region.box for region in regions]).tolist()
    gaps = np.abs((frames[:, 1:2] + frames[:, 3:]) / 2 - rules[:, 1]).min(axis=1)
    free = [
        i
        for i in np.flatnonzero(gaps <= _NEAR_PT).tolist()
        if i not in used_words and (owners[i] < 0 or regions[owners[i]].kind not in _NO_FORM)
    ]
    pieces = pieces_of(words, frames, free, [0] * len(words))
    if not pieces:
        return []
    boxes = np.stack([piece.frame for piece in pieces])
    lines = [line for rule in rules if (line := _line(words, pieces, boxes, rule))]
    lines = _of_forms(lines, regions, owners)
    pairs = [pair for line in lines for pair in _pairs(line)]
    if len(pairs) < _MIN_FIELDS or not any(value for _, value in pairs):
        return []
    fields = []
    for label, values in pairs:
        members = [i for piece in values for i in piece.words]
        if not used_words.intersection([*label.words, *members]):
            fields.append(field_of(words, frames, label.words, members))
            used_words.update([*label.words, *members])
    return fields


def _free_rules(rules: Frames) -> Frames:
    """Return the rules across that no upright one meets: those that do are sides of boxes."""
    widths, heights = rules[:, 2] - rules[:, 0], rules[:, 3] - rules[:, 1]
    upright = rules[heights > widths]
    across = rules[(heights <= widths) & (_RULE_PT[0] <= widths) & (widths <= _RULE_PT[1])]
    if not len(upright) or not len(across):
        return across
    y = across[:, 1:2]
    meets = (
        (upright[:, 1] - _REACH_PT <= y)
        & (y <= upright[:, 3] + _REACH_PT)
        & (across[:, 0:1] - _REACH_PT <= upright[:, 0])
        & (upright[:, 0] <= across[:, 2:3] + _REACH_PT)
    )
    return across[~meets.any(axis=1)]


def _line(
    words: Sequence[DraftWord], pieces: Sequence[Piece], boxes: Frames, rule: Frames
) -> _Line | None:
    """Return a rule as a line to write on, if it is one."""
    x0, x1, y = rule[0], rule[2], float(rule[1] + rule[3]) / 2
    heights = boxes[:, 3] - boxes[:, 1]
    middles = (boxes[:, 0] + boxes[:, 2]) / 2
    is_within = (x0 <= middles) & (middles <= x1)
    gaps = boxes[:, 1] - y
    is_below = is_within & (gaps >= -0.25 * heights) & (gaps <= _BELOW * heights)
    below = np.flatnonzero(is_below).tolist()
    if not below or not all(_is_label(words, pieces[n]) for n in below):
        return None
    left, right = boxes[below, 0].min(), boxes[below, 2].max()
    if left < x0 - _OVERHANG or right > x1 + _OVERHANG:
        return None
    bottom, height = boxes[below, 3].max(), float(np.median(heights[below]))
    next_gaps = boxes[:, 1] - bottom
    overlaps = (boxes[:, 0] < right) & (boxes[:, 2] > left)
    if bool((overlaps & (next_gaps > -0.5 * height) & (next_gaps < _WHITE * height)).any()):
        return None
    over = y - boxes[:, 3]
    is_above = is_within & (over >= _ABOVE[0] * heights) & (over <= _ABOVE[1] * heights)
    above = np.flatnonzero(is_above & ~is_below).tolist()
    values = [pieces[n] for n in sorted(above, key=lambda n: float(boxes[n][0]))]
    if sum(len(p.words) for p in values) > _MAX_VALUE_WORDS or any(
        boxes[n][3] - boxes[n][1] > _LARGER * height for n in above
    ):
        return None
    if any(_is_in_sentence(boxes, n, above) for n in above) or _is_underline(boxes, above, rule):
        return None
    return _Line([pieces[n] for n in below], values)


def _is_label(words: Sequence[DraftWord], piece: Piece) -> bool:
    texts = [words[i].text for i in piece.words]
    begins = texts[0].lstrip("([")[:1]
    return len(texts) <= _MAX_LABEL_WORDS and begins.isalpha() and texts[-1][-1] not in ".,;:"


def _is_in_sentence(boxes: Frames, place: int, above: Sequence[int]) -> bool:
    """Say whether words that are not on the line stand right beside what is."""
    x0, y0, x1, y1 = boxes[place]
    height = y1 - y0
    overlap = np.minimum(boxes[:, 3], y1) - np.maximum(boxes[:, 1], y0)
    gaps = np.maximum(boxes[:, 0] - x1, x0 - boxes[:, 2])
    is_beside = (overlap > 0.5 * height) & (gaps > -0.5 * height) & (gaps < _BESIDE * height)
    is_beside[list(above)] = False
    return bool(is_beside.any())


def _of_forms(
    lines: Sequence[_Line], regions: Sequence[Region], owners: Sequence[int]
) -> list[_Line]:
    """Return the lines that are in no table or picture of the model, or in one that they are all of."""
    members = [[i for p in [*line.labels, *line.values] for i in p.words] for line in lines]
    taken_words = {i for own in members for i in own}
    half_taken = {owner for i, owner in enumerate(owners) if owner >= 0 and i not in taken_words}
    return [
        line
        for line, own in zip(lines, members, strict=True)
        if not any(owners[i] in half_taken and regions[owners[i]].kind in _WHOLE for i in own)
    ]


def _is_underline(boxes: Frames, above: Sequence[int], rule: Frames) -> bool:
    """Say whether a rule is as long as what stands over it."""
    return bool(above) and bool(
        boxes[above, 0].min() <= rule[0] + _OVERHANG
        and boxes[above, 2].max() >= rule[2] - _OVERHANG
    )


def _pairs(line: _Line) -> list[tuple[Piece, list[Piece]]]:
    """Return each name of a line with what stands over it."""
    labels = sorted(line.labels, key=lambda piece: float(piece.frame[0]))
    edges = [float(a.frame[2] + b.frame[0]) / 2 for a, b in pairwise(labels)]
    values: list[list[Piece]] = [[] for _ in labels]
    for piece in line.values:
        values[int(np.searchsorted(edges, piece.frame[0]))].append(piece)
    return list(zip(labels, values, strict=True))
