"""See the figures of a chart's bars with the names below them: one figure over each name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from indexer.base.layout import BlockKind
from indexer.base.regions import RegionCell
from indexer.layout.cut import rows_of
from indexer.layout.drafts import BlockDraft, CellDraft, DraftWord, Piece, box_around, frame_around

_MIN_BARS = 3
_CENTRED = 0.2  # of the distance of two names, from the middle of one
_EVEN = 0.35  # the distances of names differ by at most this share
_FIGURE = re.compile(r"[-−–+(]?[$€£¥₹]?\d[\d.,'’]*[%kKMB]?\)?%?")
_NAME_LIKE = re.compile(r"(?:19|20)\d\d|[^\W\d_].*")  # a year, or what begins with a letter


def bars_of(
    words: Sequence[DraftWord], pieces: Sequence[Piece]
) -> tuple[BlockDraft | None, list[Piece]]:
    """Return a table of names and figures, and the pieces that are left; None where they do not match.

    pieces  of one picture
    """
    for row in reversed(rows_of(np.stack([piece.frame for piece in pieces]))):
        names = [pieces[i] for i in row]
        texts = [_text(words, name) for name in names]
        if len(names) < _MIN_BARS or not all(map(_NAME_LIKE.fullmatch, texts)):
            continue
        if len(set(texts)) < len(texts):
            continue  # titles of the axes of several charts
        pairs = _figures_over(words, names, pieces)
        if pairs:
            used_pieces = {id(piece) for pair in pairs for piece in pair}
            return _table(words, pairs), [piece for piece in pieces if id(piece) not in used_pieces]
    return None, list(pieces)


def _figures_over(
    words: Sequence[DraftWord], names: Sequence[Piece], pieces: Sequence[Piece]
) -> list[tuple[Piece, Piece]]:
    """Return each name with the only figure that stands over it; none if one has none, or several."""
    middles = np.array([_middle(name) for name in names])
    steps = np.diff(middles)
    step = float(np.median(steps))
    if step <= 0 or np.abs(steps - step).max() > _EVEN * step:
        return []
    top = min(float(name.frame[1]) for name in names)
    figures = [
        p
        for p in pieces
        if p.frame[3] <= top + 1 and _FIGURE.fullmatch(_text(words, p)) is not None
    ]
    pairs: list[tuple[Piece, Piece]] = []
    for name, middle in zip(names, middles, strict=True):
        figures_over = [p for p in figures if abs(_middle(p) - middle) <= _CENTRED * step]
        if len(figures_over) != 1:
            return []
        pairs.append((name, figures_over[0]))
    return pairs


def _table(words: Sequence[DraftWord], pairs: Sequence[tuple[Piece, Piece]]) -> BlockDraft:
    cells: list[CellDraft] = []
    for row, (name, figure) in enumerate(pairs):
        for column, piece in enumerate((name, figure)):
            box = box_around(words[i].box for i in piece.words)
            is_name = column == 0
            cells.append(
                CellDraft(RegionCell(row, column, box), [piece.words], is_row_head=is_name)
            )
    frame = frame_around([piece.frame for pair in pairs for piece in pair])
    return BlockDraft(
        BlockKind.TABLE, box_around(d.cell.box for d in cells), cells=cells, units=[frame]
    )


def _middle(piece: Piece) -> float:
    return float(piece.frame[0] + piece.frame[2]) / 2


def _text(words: Sequence[DraftWord], piece: Piece) -> str:
    return " ".join(words[i].text for i in piece.words)
