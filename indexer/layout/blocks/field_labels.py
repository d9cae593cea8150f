"""Find the words on a page that are the labels of a form's fields."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexer.base.regions import FormField
from indexer.layout.drafts import DraftWord, Piece

Frame = NDArray[np.float64]

_MAX_ASIDE = 30.0  # to the left, in heights of a line: tabulated forms leave much room
_MAX_ABOVE = 2.0
_ABOVE_COSTS = 2.0  # a gap above counts this much of one to the side
_WRONG_SIDE_COSTS = 6.0  # in heights of a line
_SAME_NAME = 0.5  # of the words of a field's name that a label has


def labels_of(
    words: Sequence[DraftWord],
    fields: Sequence[FormField],
    frames: NDArray[np.float64],
    pieces: Sequence[Piece],
) -> list[Piece | None]:
    """Return for each field the piece that is its label; none is the label of two fields.

    frames  (F, 4) of the fields, in points of the upright page
    """
    costs: list[tuple[float, int, int]] = []
    for number, (field, frame) in enumerate(zip(fields, frames, strict=True)):
        name = _bare_words(field.label.split())
        for place, piece in enumerate(pieces):
            cost = _cost(frame, piece.frame, frames, is_box=field.is_ticked is not None)
            if cost is None:
                continue
            if name:
                label = _bare_words([words[i].text for i in piece.words])
                if len(label & name) < _SAME_NAME * min(len(label), len(name)):
                    continue
            costs.append((cost, number, place))
    labels: list[Piece | None] = [None] * len(fields)
    used_pieces: set[int] = set()
    for _, number, place in sorted(costs):
        if labels[number] is None and place not in used_pieces:
            labels[number] = pieces[place]
            used_pieces.add(place)
    return labels


def _cost(field: Frame, piece: Frame, fields: NDArray[np.float64], *, is_box: bool) -> float | None:
    """Return how far a piece is from where a label stands, in heights of its line; None if too far."""
    height = max(float(piece[3] - piece[1]), 1.0)
    overlap = min(field[3], piece[3]) - max(field[1], piece[1])
    if overlap >= 0.5 * min(height, field[3] - field[1]):
        to_left = float(field[0] - piece[2]) / height
        to_right = float(piece[0] - field[2]) / height
        if -0.5 <= to_left <= _MAX_ASIDE and not _is_between(piece[2], field[0], field, fields):
            return abs(to_left) + (_WRONG_SIDE_COSTS if is_box else 0.0)
        if is_box and -0.5 <= to_right <= _MAX_ASIDE:
            return None if _is_between(field[2], piece[0], field, fields) else abs(to_right)
        return None
    above = float(field[1] - piece[3]) / height
    overlap_across = min(field[2], piece[2]) - max(field[0], piece[0])
    if is_box or overlap_across <= 0 or not -0.7 <= above <= _MAX_ABOVE:
        return None
    return _ABOVE_COSTS * abs(above) + abs(float(field[0] - piece[0])) / height


def _is_between(left: float, right: float, field: Frame, fields: NDArray[np.float64]) -> bool:
    """Say whether another field on the row stands between two places."""
    same_row = np.minimum(fields[:, 3], field[3]) - np.maximum(fields[:, 1], field[1]) > 0.3 * (
        field[3] - field[1]
    )
    middle = (fields[:, 0] + fields[:, 2]) / 2
    return bool((same_row & (middle > left) & (middle < right)).any())


def _bare_words(texts: Sequence[str]) -> set[str]:
    bare = ("".join(filter(str.isalnum, text.casefold())) for text in texts)
    return {text for text in bare if text}
