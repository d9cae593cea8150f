"""Make fields of boxes to tick that are words: those that were drawn, or set in a font of symbols.

What stands behind a box, up to the next one, is its label; before it, where the line ends with a box. Where a
name of all its boxes begins the line (`Colour: ☐ red ☑ blue`), its value is what is ticked.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import Region
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, DraftWord, field_of
from indexer.layout.holding import free_words

_TICKED = frozenset("☑☒")
_EMPTY = frozenset("☐")
_BULLETS = frozenset("□❏❐❑❒◻")  # boxes where one is ticked, or several stand on a line
_GAP = 3.0  # between words of a label, in heights
_BOX_GAP = 8.0  # between a box and its label, or the label of the box before
_LEAD_GAP = 1.2  # before a box, behind words that are not its label
_MAX_LABEL_WORDS = 40
_MAX_LEFT_WORDS = 6  # of a label before its box
_NAME_ENDS = ":?"  # of what all boxes of a line are about
_NAME_GAP = 20.0
_MAX_NAME_WORDS = 25
_ALIGNED = 0.6  # in heights: a label's next line begins below it
_LINE_GAP = 0.7
_MAX_LINES = 6
_NO_FORM = frozenset((BlockKind.TABLE, BlockKind.PICTURE, BlockKind.FORMULA, BlockKind.PAGE_HEADER))

Line = list[int]
Frames = NDArray[np.float64]


class _Options(NamedTuple):
    """Boxes that stand beside each other, each with a label, and what names all of them, if anything does."""

    name: Line
    pairs: list[tuple[int, Line]]
    labels_stand_behind: bool

    def with_lines_below(self, frames: Frames, lines: Sequence[Line], boxes: set[int]) -> _Options:
        """Return them with the next lines of labels, which begin where their label does."""
        ends = [frames[box][0] for box, _ in self.pairs[1:]] + [np.inf]
        pairs = [
            (box, label + _lines_below(frames, label, end, lines, boxes))
            for (box, label), end in zip(self.pairs, ends, strict=True)
        ]
        return self._replace(pairs=pairs)


def tick_fields(
    words: Sequence[DraftWord],
    frames: Frames,
    regions: Sequence[Region],
    owners: NDArray[np.int64],
    used_words: set[int],
) -> list[BlockDraft]:
    """Return the fields of boxes to tick outside of tables; their words are taken.

    frames  (W, 4) of all words, in points
    owners  (W,) as `owners_of` has them
    """
    boxes = _boxes(words)
    if not boxes:
        return []
    free = free_words(owners, regions, _NO_FORM, used_words)
    if not boxes.intersection(free):
        return []
    lines = [[free[n] for n in row] for row in rows_of(frames[free])]
    fields: list[BlockDraft] = []
    for number, line in enumerate(lines):
        for part in _parts(words, frames, line, boxes):
            options = _options(words, frames, part, boxes)
            if options is None:
                continue
            if options.labels_stand_behind:
                options = options.with_lines_below(frames, lines[number + 1 :], boxes)
            fields += _fields(words, frames, options)
    used_words.update(i for block in fields for i in block.rows[0])
    return fields


def _boxes(words: Sequence[DraftWord]) -> set[int]:
    """Return the positions of boxes to tick; the bullets of a list look like some."""
    sure = {i for i, word in enumerate(words) if word.text in _TICKED or word.text in _EMPTY}
    bullets = [i for i, word in enumerate(words) if word.text in _BULLETS]
    is_ticked = any(words[i].text in _TICKED for i in sure)
    lines = [words[i].line for i in bullets]
    return sure | {
        i for i, line in zip(bullets, lines, strict=True) if is_ticked or lines.count(line) > 1
    }


def _parts(words: Sequence[DraftWord], frames: Frames, line: Line, boxes: set[int]) -> list[Line]:
    """Return the parts of a line that have boxes; behind a box and a name of boxes a gap may be wider."""
    parts: list[Line] = [[line[0]]]
    for before, i in pairwise(line):
        height = max(frames[n][3] - frames[n][1] for n in (before, i))
        is_name = words[before].text[-1] in _NAME_ENDS
        limit = _NAME_GAP if is_name else _BOX_GAP if boxes.intersection((before, i)) else _GAP
        if frames[i][0] - frames[before][2] > limit * height:
            parts.append([])
        parts[-1].append(i)
    return [part for part in parts if boxes.intersection(part)]


def _options(
    words: Sequence[DraftWord], frames: Frames, part: Line, boxes: set[int]
) -> _Options | None:
    """Return the boxes of a part of a line with their labels; None where they stand within a sentence."""
    places = [n for n, i in enumerate(part) if i in boxes]
    labels_stand_behind = part[-1] not in boxes
    name_stop = places[0] if labels_stand_behind else _name_stop(words, part[: places[0]])
    if labels_stand_behind and not _begins_with_boxes(words, frames, part, places[0]):
        return None
    name = part[:name_stop]
    if labels_stand_behind or not places[0]:
        stops = [*places[1:], len(part)]
        pairs = [(part[n], part[n + 1 : stop]) for n, stop in zip(places, stops, strict=True)]
    else:
        starts = [name_stop, *(n + 1 for n in places[:-1])]
        pairs = [(part[n], part[start:n]) for start, n in zip(starts, places, strict=True)]
    limit = _MAX_LABEL_WORDS if labels_stand_behind else _MAX_LEFT_WORDS
    if not all(0 < len(label) <= limit for _, label in pairs) or len(name) > _MAX_NAME_WORDS:
        return None
    is_name = bool(name) and words[name[-1]].text[-1] in _NAME_ENDS
    return _Options(name if is_name else [], pairs, labels_stand_behind)


def _name_stop(words: Sequence[DraftWord], before: Line) -> int:
    """Return how many words before the first box are a name of all boxes, not the label of the first."""
    ends = [n for n, i in enumerate(before) if words[i].text[-1] in _NAME_ENDS]
    return ends[-1] + 1 if ends and ends[-1] + 1 < len(before) else 0


def _begins_with_boxes(words: Sequence[DraftWord], frames: Frames, part: Line, place: int) -> bool:
    """Say whether a part of a line begins with a box, or with words that are apart from it."""
    if not place:
        return True
    last, box = part[place - 1], part[place]
    gap = frames[box][0] - frames[last][2]
    is_apart = bool(gap > _LEAD_GAP * (frames[last][3] - frames[last][1]))
    return is_apart or words[last].text[-1] in _NAME_ENDS


def _lines_below(
    frames: Frames, label: Line, end: float, lines: Sequence[Line], boxes: set[int]
) -> Line:
    """Return the words of the next lines of a label that ends before `end`."""
    left, top, _, bottom = frames[label[0]].tolist()
    height = bottom - top
    further: Line = []
    for line in lines[:_MAX_LINES]:
        if min(frames[i][1] for i in line) - bottom > _LINE_GAP * height:
            break
        start = next(
            (n for n, i in enumerate(line) if abs(frames[i][0] - left) <= _ALIGNED * height), None
        )
        if start is None:
            continue
        touches = start and frames[line[start]][0] - frames[line[start - 1]][2] < height
        below = _until_gap(frames, line[start:], boxes)
        if touches or not below or frames[below[-1]][2] > end:
            break
        if len(label) + len(further) + len(below) > _MAX_LABEL_WORDS:
            break
        further += below
        bottom = max(frames[i][3] for i in below)
    return further


def _until_gap(frames: Frames, line: Line, boxes: set[int]) -> Line:
    stop = next(
        (
            n
            for n in range(1, len(line))
            if line[n] in boxes
            or frames[line[n]][0] - frames[line[n - 1]][2]
            > _GAP * (frames[line[n]][3] - frames[line[n]][1])
        ),
        len(line),
    )
    return [] if line[0] in boxes else line[:stop]


def _fields(words: Sequence[DraftWord], frames: Frames, options: _Options) -> list[BlockDraft]:
    """Return a field for each box, of those that have a name together one for what is ticked."""
    ticked_pairs = [pair for pair in options.pairs if words[pair[0]].text in _TICKED]
    pairs = options.pairs
    fields: list[BlockDraft] = []
    if options.name and ticked_pairs:
        pairs = [pair for pair in pairs if pair not in ticked_pairs]
        behind = options.labels_stand_behind
        value = [
            i for box, label in ticked_pairs for i in ([box, *label] if behind else [*label, box])
        ]
        fields.append(field_of(words, frames, options.name, value))
    for box, label in pairs:
        block = field_of(words, frames, label, [box])
        block.is_ticked = words[box].text in _TICKED
        fields.append(block)
    return fields
