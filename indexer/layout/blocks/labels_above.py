"""See the fields of a form without boxes: small names, several in a row, each above what it names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.layout import BlockKind
from indexer.base.regions import Region
from indexer.layout.blocks.formulas import holds_formulas
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, DraftWord, Piece, field_of
from indexer.layout.holding import free_words
from indexer.layout.pieces import pieces_of

Frames = NDArray[np.float64]

_MIN_PAIRS = 3  # on the page,
_MIN_IN_ROW = 2  # and beside each other
_SMALLER = 0.85  # of the height of what is named
_SAME_HEIGHT = 0.06  # of a height, that those of other pairs differ
_MAX_LABEL_WORDS = 6
_MAX_VALUE_WORDS = 10
_MAX_LINE_WORDS = 14  # a line of prose has more
_ALIGNED = 0.5  # in heights of the value
_GAP = 0.9  # between the two
_MAX_LINES = 5  # of a value
_LINE_GAP = 0.5
_MAX_COLUMNS = 2  # of several lines beside each other, such as addresses
_NO_FORM = frozenset(
    (BlockKind.PICTURE, BlockKind.FORMULA, BlockKind.TABLE, BlockKind.PAGE_HEADER,
     BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE, BlockKind.CAPTION)
)  # fmt: skip


class _Pair(NamedTuple):
    label: Piece
    value: Piece


def fields_with_labels_above(
    words: Sequence[DraftWord],
    frames: Frames,
    regions: Sequence[Region],
    owners: NDArray[np.int64],
    used_words: set[int],
) -> list[BlockDraft]:
    """Return fields that are a small name above a value in larger print; their words are taken.

    frames  (W, 4) of all words, in points
    owners  (W,) as `owners_of` has them
    """
    heights = frames[:, 3] - frames[:, 1]
    if len(frames) < 2 * _MIN_PAIRS or heights.min() > _SMALLER * heights.max():
        return []
    n_in_line = Counter(word.line for word in words)
    free = [
        i
        for i in free_words(owners, regions, _NO_FORM, used_words)
        if n_in_line[words[i].line] <= _MAX_LINE_WORDS
    ]
    if holds_formulas(words[i].text for i in free):
        return []
    pieces = pieces_of(words, frames, free, [0] * len(words))
    pairs = _alike(_pairs(words, pieces))
    if len(pairs) < _MIN_PAIRS:
        return []
    piece_ids = {id(piece) for pair in pairs for piece in pair}
    left = [piece for piece in pieces if id(piece) not in piece_ids]
    lines = [_lines(value, left) for _, value in pairs]
    fields = []
    for row in rows_of(np.stack([pair.label.frame for pair in pairs])):
        if sum(len(lines[n]) > 1 for n in row) > _MAX_COLUMNS:
            continue  # the heads of a table
        for n in row:
            members = [i for piece in lines[n] for i in piece.words]
            fields.append(field_of(words, frames, pairs[n].label.words, members, is_below=True))
    used_words.update(i for block in fields for i in block.rows[0])
    return fields


def _pairs(words: Sequence[DraftWord], pieces: Sequence[Piece]) -> list[_Pair]:
    """Return small pieces with the larger one below, none of which has two."""
    if not pieces:
        return []
    boxes = np.stack([piece.frame for piece in pieces])
    heights = boxes[:, 3] - boxes[:, 1]
    lefts, tops, rights, bottoms = boxes.T
    gaps = tops - bottoms[:, None]  # of the piece in the row to that in the column
    reach = _ALIGNED * heights
    middles = lefts + rights
    is_aligned = (np.abs(lefts - lefts[:, None]) <= reach) | (
        np.abs(middles - middles[:, None]) <= reach
    )
    is_below = (
        is_aligned
        & (gaps >= -0.3 * heights[:, None])
        & (gaps <= _GAP * heights)
        & (heights[:, None] <= _SMALLER * heights)
    )
    pairs = [
        _Pair(label, pieces[int(np.argmax(below))])
        for label, below, n_below in zip(pieces, is_below, is_below.sum(axis=1), strict=True)
        if n_below == 1 and _is_label(words, label)
    ]
    pairs = [pair for pair in pairs if len(pair.value.words) <= _MAX_VALUE_WORDS]
    values = [id(pair.value) for pair in pairs]
    return [pair for pair in pairs if values.count(id(pair.value)) == 1]


def _is_label(words: Sequence[DraftWord], piece: Piece) -> bool:
    texts = [words[i].text for i in piece.words]
    has_letters = any(any(map(str.isalpha, text)) for text in texts)
    return len(texts) <= _MAX_LABEL_WORDS and has_letters and texts[-1][-1] not in ".,;"


def _alike(pairs: Sequence[_Pair]) -> list[_Pair]:
    """Return the pairs whose heights are those of pairs that stand beside each other."""
    if len(pairs) < _MIN_PAIRS:
        return []
    rows = rows_of(np.stack([pair.label.frame for pair in pairs]))
    heights = [tuple(float(p.frame[3] - p.frame[1]) for p in pair) for pair in pairs]
    usual = [
        heights[row[0]]
        for row in rows
        if sum(_same(heights[n], heights[row[0]]) for n in row) >= _MIN_IN_ROW
    ]
    return [
        pair
        for pair, height in zip(pairs, heights, strict=True)
        if any(_same(height, usual_pair) for usual_pair in usual)
    ]


def _same(a: Sequence[float], b: Sequence[float]) -> bool:
    return all(abs(x - y) <= _SAME_HEIGHT * y for x, y in zip(a, b, strict=True))


def _lines(value: Piece, pieces: Sequence[Piece]) -> list[Piece]:
    """Return a value with the lines that go on below it."""
    lines = [value]
    height = float(value.frame[3] - value.frame[1])
    for piece in sorted(pieces, key=lambda p: float(p.frame[1])):
        gap = piece.frame[1] - lines[-1].frame[3]
        if (
            len(lines) < _MAX_LINES
            and -0.4 * height <= gap <= _LINE_GAP * height
            and abs(piece.frame[0] - value.frame[0]) <= _ALIGNED * height
            and _same([piece.frame[3] - piece.frame[1]], [height])
        ):
            lines.append(piece)
    return lines
