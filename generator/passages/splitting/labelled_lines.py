"""Finds lines of a text that are a label and its value, parted by a gap or a colon: a form without fields."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from indexer.base.pages import PageWords

# A gap this wide, in letters, parts a label from its value.
_GAP = 2.5
_MIN_LINES = 2
_SHARE = 0.6  # of the lines that have such a gap
_MAX_LABEL_WORDS = 7


def labelled_lines(words: PageWords, start: int, stop: int) -> list[tuple[int, int, int]]:
    """Return the lines of words start..stop, each as start, end of its label, stop; none if it is prose.

    A line without a gap goes on with the value of the line before.
    """
    edges = np.flatnonzero(np.diff(words.lines[start:stop])) + 1 + start
    bounds = [start, *edges.tolist(), stop]
    boxes = words.boxes[start:stop].astype(np.float64)
    letters = np.array([len(text) for text in words.texts[start:stop]])
    if len(bounds) - 1 < _MIN_LINES:
        return []
    letter = float(np.median((boxes[:, 2] - boxes[:, 0]) / letters)) or 1.0
    lines: list[tuple[int, int, int]] = []
    n_parted = 0
    for first, last in pairwise(bounds):
        own = boxes[first - start : last - start]
        gaps = np.flatnonzero(own[1:, 0] - own[:-1, 2] > _GAP * letter)
        colon = _colon_in(words.texts[first:last])
        if len(gaps) == 1 and gaps[0] < _MAX_LABEL_WORDS:
            lines.append((first, first + int(gaps[0]) + 1, last))
            n_parted += 1
        elif colon is not None:
            lines.append((first, first + colon + 1, last))
            n_parted += 1
        elif lines:
            lines[-1] = (*lines[-1][:2], last)
        else:
            return []
    is_form = n_parted >= max(_MIN_LINES, _SHARE * (len(bounds) - 1))
    return lines if is_form else []


def _colon_in(texts: Sequence[str]) -> int | None:
    """Return which word of a line ends its label; None where it has none, or nothing behind it."""
    for i, text in enumerate(texts[:_MAX_LABEL_WORDS]):
        if text.endswith(":"):
            is_label = i + 1 < len(texts) and texts[0][0].isupper()
            return i if is_label else None
        if text[-1] in ".;,!?":
            return None
    return None
