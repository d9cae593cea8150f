"""See the fields of a form in boxes: each has a label in small print and, below or behind it, a value."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import Region
from indexer.layout.blocks.formulas import holds_formulas
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, DraftWord, field_of
from indexer.layout.holding import free_words
from indexer.layout.pieces import CURRENCIES
from indexer.layout.tables.amounts import is_amount

Frames = NDArray[np.float64]

_MIN_BOXES = 3  # with a label and a value: fewer are chance
_MIN_RULES = 2  # across, and upright
_MOST_PAIRS = 3_000_000  # of words and rules that are looked at: a drawing has more
_SMALLER = 0.88  # of the height of what was written
_SAME_HEIGHT = 1.1
_MAX_LABEL_WORDS = 16
_MAX_VALUE_WORDS = 60
_ROOM = 0.6  # below a label alone, in its heights more than above: a place for what nobody wrote
_MIN_SHARE = 0.5  # of the words of a table of the model, which then is a form
_MIN_UPRIGHT_PT = 14.0  # beside a box; those of boxes to tick are shorter
_REACH_PT = 1.5  # rules end within
_NO_FORM = frozenset((BlockKind.PICTURE, BlockKind.FORMULA))


class _Entry(NamedTuple):
    """The words of a box, those of its label and those behind it."""

    box: tuple[float, ...]
    label: list[int]
    value: list[int]


class BoxedFields(NamedTuple):
    """The fields of a page's boxes, and the numbers of the tables of the model that are none."""

    blocks: list[BlockDraft]
    forms: set[int]


def boxed_fields(
    words: Sequence[DraftWord],
    frames: Frames,
    rules: Frames,
    regions: Sequence[Region],
    owners: NDArray[np.int64],
    used_words: set[int],
) -> BoxedFields:
    """Return the fields in the boxes of a page; their words are taken.

    frames, rules  (W, 4) of all words and (R, 4) of what is drawn, in points
    owners         (W,) as `owners_of` has them
    """
    nothing = BoxedFields([], set())
    if not len(rules) or len(rules) * len(words) > _MOST_PAIRS:
        return nothing
    free = free_words(owners, regions, _NO_FORM, used_words)
    if holds_formulas(words[i].text for i in free):
        return nothing
    boxes = _boxes(frames[free], rules)
    members: dict[tuple[float, ...], list[int]] = defaultdict(list)
    for i, box in zip(free, boxes, strict=True):
        if box is not None:
            members[box].append(i)
    entries = [e for box, own in members.items() if (e := _entry(words, frames, box, own))]
    entries, forms = _of_forms(entries, frames, regions, owners.tolist())
    if sum(bool(e.value) for e in entries) < _MIN_BOXES:
        return nothing
    used_words.update(i for e in entries for i in [*e.label, *e.value])
    blocks = [field_of(words, frames, e.label, e.value, is_below=True) for e in entries]
    return BoxedFields(blocks, forms)


def _of_forms(
    entries: Sequence[_Entry], frames: Frames, regions: Sequence[Region], owners: Sequence[int]
) -> tuple[list[_Entry], set[int]]:
    """Return the entries that are no cells of a table, and the tables of the model that are forms.

    A table that has other words, too, is a form in the rows in which there are none.
    """
    members: dict[int, list[int]] = defaultdict(list)
    for i, owner in enumerate(owners):
        if owner >= 0 and regions[owner].kind == BlockKind.TABLE:
            members[owner].append(i)
    taken_words = {i for e in entries for i in [*e.label, *e.value]}
    forms = {
        number
        for number, own in members.items()
        if len(taken_words.intersection(own)) >= _MIN_SHARE * len(own)
    }
    foreign_words = {
        number: frames[[i for i in own if i not in taken_words]]
        for number, own in members.items()
        if number not in forms
    }
    return [e for e in entries if _is_apart(e, foreign_words.get(owners[e.label[0]]))], forms


def _is_apart(entry: _Entry, foreign_words: Frames | None) -> bool:
    """Say whether none of the other words of its table, if it is in one, stands beside a box."""
    if foreign_words is None:
        return True
    middles = (foreign_words[:, 1] + foreign_words[:, 3]) / 2
    return not bool(((entry.box[1] <= middles) & (middles <= entry.box[3])).any())


def _boxes(frames: Frames, rules: Frames) -> list[tuple[float, ...] | None]:
    """Return for each word the rules around its centre: left, top, right, bottom; None where two lack.

    The outer boxes of a row may be open to the side of the page.
    """
    widths, heights = rules[:, 2] - rules[:, 0], rules[:, 3] - rules[:, 1]
    across = rules[widths >= heights]
    upright = rules[(widths < heights) & (heights >= _MIN_UPRIGHT_PT)]
    if min(len(across), len(upright)) < _MIN_RULES:
        return [None] * len(frames)
    x, y = (frames[:, :2] + frames[:, 2:]).T[:, :, None] / 2
    top, bottom = _around(across[:, [0, 2]], across[:, [1, 3]].mean(axis=1), x, y)
    left, right = _around(upright[:, [1, 3]], upright[:, [0, 2]].mean(axis=1), y, x)
    is_box = np.isfinite(top) & np.isfinite(bottom) & (np.isfinite(left) | np.isfinite(right))
    sides = np.round(np.stack([left, top, right, bottom], axis=1), 1).tolist()
    return [tuple(row) if is_whole else None for row, is_whole in zip(sides, is_box, strict=True)]


def _around(spans: Frames, places: Frames, along: Frames, across: Frames) -> tuple[Frames, Frames]:
    """Return for each point the nearest rules before and behind it, of those that pass it."""
    passes = (spans[:, 0] - _REACH_PT <= along) & (along <= spans[:, 1] + _REACH_PT)
    before = np.where(passes & (places <= across), places, -np.inf).max(axis=1)
    behind = np.where(passes & (places > across), places, np.inf).min(axis=1)
    return before, behind


def _entry(
    words: Sequence[DraftWord], frames: Frames, box: tuple[float, ...], members: Sequence[int]
) -> _Entry | None:
    """Return the label and the value of a box; None where its words are no such thing."""
    rows = [[members[n] for n in row] for row in rows_of(frames[list(members)])]
    in_order = [i for row in rows for i in row]
    heights = [float(frames[i][3] - frames[i][1]) for i in in_order]
    small = heights[0] * _SAME_HEIGHT
    n_label = next((n for n, height in enumerate(heights) if height > small), len(heights))
    label, value = in_order[:n_label], in_order[n_label:]
    while value and label and words[label[-1]].text in CURRENCIES:
        value.insert(0, label.pop())
    if not _is_label(words, label) or len(value) > _MAX_VALUE_WORDS:
        return None
    if not value:
        has_room = _has_room(frames, box, label)
        return _Entry(box, label, []) if has_room else None
    if heights[0] > _SMALLER * float(np.median(heights[n_label:])):
        return None
    return None if _is_column(words, frames, value) else _Entry(box, label, value)


def _is_label(words: Sequence[DraftWord], label: Sequence[int]) -> bool:
    return 0 < len(label) <= _MAX_LABEL_WORDS and any(
        any(map(str.isalpha, words[i].text)) for i in label
    )


def _has_room(frames: Frames, box: tuple[float, ...], label: Sequence[int]) -> bool:
    """Say whether a label stands at the top of its box, over room for what may be written."""
    top, bottom = frames[label[0]][1], max(frames[i][3] for i in label)
    height = frames[label[0]][3] - top
    return bool((box[3] - bottom) - (top - box[1]) >= _ROOM * height)


def _is_column(words: Sequence[DraftWord], frames: Frames, value: Sequence[int]) -> bool:
    """Say whether amounts stand below each other: a column of a table with its head."""
    rows = rows_of(frames[list(value)])
    texts = [" ".join(words[value[n]].text for n in row) for row in rows]
    return len(rows) > 1 and all(map(is_amount, texts))
