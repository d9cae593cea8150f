"""Part the lines of a page into pieces: words of one line and one region that stand close together."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby

import numpy as np
from numpy.typing import NDArray

from indexer.layout.drafts import DraftWord, Piece
from indexer.layout.markers import is_marker

CURRENCIES = frozenset("$€£¥₹")
_CURRENCY_GAP = 6.0  # before a figure in a column that is flush right
_SPACE = 0.4
_MARKER_GAP = 4.0  # behind the mark of an item
_WIDE_GAP = 1.2  # in heights of a word's box; justified lines have less between words


def pieces_of(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    owners: Sequence[int],
) -> list[Piece]:
    """Return the pieces of the words `members`, which are in the order of their lines.

    frames  (W, 4) of all words, in points
    owners  W numbers: words of one piece have the same
    """
    runs: list[list[int]] = []
    corners = frames.tolist()  # plain numbers: words are compared two by two
    for _, line in groupby(members, lambda i: (words[i].line, owners[i])):
        run: list[int] = []
        for i in line:
            if not run or not _goes_on(corners[run[-1]], corners[i], _widest_gap(words, run, i)):
                run = []
                runs.append(run)
            run.append(i)
    return [
        Piece(run, frame) for run, frame in zip(runs, _frames_around(runs, frames), strict=True)
    ]


def _frames_around(
    runs: Sequence[Sequence[int]], frames: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the smallest frame around the words of each run (R, 4)."""
    if not runs:
        return frames[:0]
    corners = frames[list(chain.from_iterable(runs))]
    starts = np.cumsum([0, *map(len, runs[:-1])])
    low = np.minimum.reduceat(corners[:, :2], starts, axis=0)
    high = np.maximum.reduceat(corners[:, 2:], starts, axis=0)
    return np.concatenate([low, high], axis=1)


def _widest_gap(words: Sequence[DraftWord], run: Sequence[int], i: int) -> float:
    """Return how far a word may stand behind a run, in heights."""
    last = words[run[-1]].text
    if last in CURRENCIES and words[i].text.lstrip("(-−–—")[:1].isdigit():
        return _CURRENCY_GAP
    if words[i].text in CURRENCIES and last.rstrip(")%")[-1:].isdigit():
        return _SPACE  # that of the next figure
    return _MARKER_GAP if len(run) == 1 and is_marker(last) else _WIDE_GAP


def _goes_on(before: Sequence[float], frame: Sequence[float], widest: float) -> bool:
    """Say whether a word stands close behind the one before: `widest` in heights."""
    height = min(before[3] - before[1], frame[3] - frame[1])
    gap = frame[0] - before[2]
    return -2 * height <= gap <= widest * max(height, 1.0)
