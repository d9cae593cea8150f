"""See lists beside each other whose names are led to figures by dots: an index, places on a map, prices.

The layout model takes them for one table with whatever columns it sees. Where dots end tells the lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from indexer.base.regions import RegionCell
from indexer.layout.drafts import CellDraft, DraftWord, box_around, words_of_rows

_DOTS = re.compile(r"[.…·_]+")
_PLACE = re.compile(r"\([a-z.]{,3}\d+\)")  # `(p94)`, right behind a name
SAME_END = 3.0  # points
MIN_LINES = 4  # with dots, in each list
_MIN_LISTS = 2
_MIN_ENTRIES = 8  # with dots, of a table of contents
_MIN_TORN = 0.3  # of them
_MIN_LED = 3  # lines by dots, where all end in pages
_MAX_TARGET_WORDS = 3  # `(see 38)`
_SAME_LINE = 0.5  # of a word's height
_WIDE_GAP = 1.5  # in heights: between a heading and what it leads to


def leader_lists(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int]
) -> list[list[CellDraft]]:
    """Return the cells of each list, a name and what it leads to in each row; [] where there are not several.

    frames  (W, 4) of all words, in points of the upright page
    """
    ends = _ends(words, frames, members)
    if len(ends) < _MIN_LISTS:
        return []
    edges = [-np.inf, *(end + SAME_END for end in ends)]
    lists = [
        [i for i in members if left < (frames[i][0] + frames[i][2]) / 2 <= right]
        for left, right in pairwise(edges)
    ]
    if sum(map(len, lists)) < len(members):
        return []  # words behind the last list: it is something else
    return [_cells(words, frames, own, end) for own, end in zip(lists, ends, strict=True)]


def contents_list(
    words: Sequence[DraftWord],
    frames: NDArray[np.float64],
    members: Sequence[int],
    owner_of: dict[int, int],
) -> list[CellDraft]:
    """Return the cells of a table of contents whose dots and pages the model has in one cell; else [].

    One in which all lines end in pages, some led by dots, has them in a column whatever the model saw.
    owner_of  the number of the cell that the model has each word in
    """
    lists = led_lines(words, frames, members)
    if len(lists) < 2 and _ends_in_pages(words, frames, members):
        return _cells(words, frames, members, max(float(frames[i][2]) for i in members))
    if len(lists) != 1 or len(lists[0]) < _MIN_ENTRIES:
        return []
    pages = [words[line[-1]].text for line in lists[0]]
    n_torn = sum(owner_of[line[-2]] == owner_of[line[-1]] for line in lists[0])
    end = max(float(frames[line[-1]][2]) for line in lists[0])
    is_contents = (
        all(map(str.isdigit, pages))
        and n_torn > _MIN_TORN * len(pages)
        and all(frames[i][2] <= end + SAME_END for i in members)
    )
    return _cells(words, frames, members, end) if is_contents else []


def _ends_in_pages(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int]
) -> bool:
    """Say whether each line ends in a page, at one place and none before the one above, some behind dots."""
    lines = _lines(frames, members)
    lasts = [line[-1] for line in lines]
    n_led = sum(len(line) > 1 and _is_last_dot(words, line, len(line) - 2) for line in lines)
    rights = [float(frames[i][2]) for i in lasts]
    if (
        n_led < max(_MIN_LED, _MIN_TORN * len(lines))
        or max(rights) - min(rights) > SAME_END
        or not all(words[i].text.isdigit() for i in lasts)
    ):
        return False
    pages = [int(words[i].text) for i in lasts]
    return pages == sorted(pages)


def _ends(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int]
) -> list[float]:
    """Return where the words behind dots end, from left to right: once for each list."""
    return [
        max(float(frames[line[-1]][2]) for line in lines)
        for lines in _lines_by_end(words, frames, members)
    ]


def led_lines(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Iterable[int]
) -> list[list[list[int]]]:
    """Return for each list, from left to right, its lines with dots: a name, dots, what they lead to."""
    lists = _lines_by_end(words, frames, members)
    edges = [-np.inf, *(max(float(frames[line[-1]][2]) for line in lines) for lines in lists)]
    return [
        [[i for i in line if frames[i][0] >= edge] for line in lines]
        for edge, lines in zip(edges, lists, strict=False)
    ]


def _lines_by_end(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Iterable[int]
) -> list[list[list[int]]]:
    """Return lines with dots by where they end; where lists stand close, with words of the one before."""
    led_rows: list[list[int]] = []
    for line in _lines(frames, members):
        for at in range(len(line)):
            if _is_last_dot(words, line, at):
                target = _run(frames, line[at + 1 :])
                if 0 < len(target) <= _MAX_TARGET_WORDS:
                    name = _run_before(frames, line[: at + 1])
                    led_rows.append([*name, *target])
    led_rows.sort(key=lambda line: float(frames[line[-1]][2]))
    lists: list[list[list[int]]] = []
    for line in led_rows:
        right = float(frames[line[-1]][2])
        if not lists or right - float(frames[lists[-1][0][-1]][2]) > SAME_END:
            lists.append([])
        lists[-1].append(line)
    return [lines for lines in lists if len(lines) >= MIN_LINES]


def _is_last_dot(words: Sequence[DraftWord], line: Sequence[int], at: int) -> bool:
    """Say whether a word is the end of dots that lead on, which may be words of their own each."""
    is_dot, follows, goes_on = (
        0 <= place < len(line) and _DOTS.fullmatch(words[line[place]].text) is not None
        for place in (at, at - 1, at + 1)
    )
    return (
        is_dot
        and not goes_on
        and (follows or len(words[line[at]].text) > 1 or words[line[at]].text == "…")
    )


def _run_before(frames: NDArray[np.float64], line: Sequence[int]) -> list[int]:
    """Return the last words of a line that stand close together."""
    run = list(line[-1:])
    for i in reversed(line[:-1]):
        if frames[run[0]][0] - frames[i][2] > _WIDE_GAP * (frames[i][3] - frames[i][1]):
            break
        run.insert(0, i)
    return run


def _run(frames: NDArray[np.float64], line: Sequence[int]) -> list[int]:
    """Return the first words of a line that stand close together."""
    run = list(line[:1])
    for i in line[1:]:
        if frames[i][0] - frames[run[-1]][2] > 0.5 * (frames[i][3] - frames[i][1]):
            break
        run.append(i)
    return run


def _lines(frames: NDArray[np.float64], members: Iterable[int]) -> list[list[int]]:
    """Return words line by line, from left to right."""
    lines: list[list[int]] = []
    last = -np.inf
    for i in sorted(members, key=lambda i: float(frames[i][1] + frames[i][3])):
        middle = (frames[i][1] + frames[i][3]) / 2
        if not lines or middle - last > _SAME_LINE * (frames[i][3] - frames[i][1]):
            lines.append([])
            last = middle
        lines[-1].append(i)
    return [sorted(line, key=lambda i: float(frames[i][0])) for line in lines]


def _cells(
    words: Sequence[DraftWord], frames: NDArray[np.float64], members: Sequence[int], end: float
) -> list[CellDraft]:
    """Return a row for each line that leads somewhere; a line without goes on in the next one.

    What stands above a line that leads somewhere without dots, a heading, is a row of its own.
    """
    cells: list[CellDraft] = []
    names: list[list[int]] = []
    row = 0
    for line in _lines(frames, members):
        at = _target_of(words, frames, line, end)
        is_heading = 0 < at < len(line) and not _is_last_dot(words, line, at - 1)
        if names and is_heading:
            cells.append(_name_alone(words, row, names))
            names, row = [], row + 1
        names.append(line[:at])
        if at == len(line):
            if len(names) == len(line) == 1 and _is_letter(words[line[0]].text):
                cells.append(_name_alone(words, row, names))
                names, row = [], row + 1
            continue
        for column, rows in enumerate((names, [line[at:]])):
            box = box_around(words[i].box for i in words_of_rows(rows))
            cells.append(CellDraft(RegionCell(row, column, box), rows))
        names, row = [], row + 1
    return [*cells, _name_alone(words, row, names)] if names else cells


def _is_letter(text: str) -> bool:
    """Say whether a text is the letter that the names below it in an index begin with."""
    return len(text) == 1 and text.isupper()


def _name_alone(words: Sequence[DraftWord], row: int, names: list[list[int]]) -> CellDraft:
    box = box_around(words[i].box for i in words_of_rows(names))
    return CellDraft(RegionCell(row, 0, box, n_columns=2), names)


def _target_of(
    words: Sequence[DraftWord], frames: NDArray[np.float64], line: Sequence[int], end: float
) -> int:
    """Return where in a line that begins which its name leads to; its length where it leads nowhere."""
    if abs(frames[line[-1]][2] - end) > SAME_END or _DOTS.fullmatch(words[line[-1]].text):
        return len(line)
    if len(line) > 1 and _PLACE.fullmatch(words[line[-1]].text):
        return len(line) - 1
    for at in range(len(line) - 1, 0, -1):
        before, behind = line[at - 1], line[at]
        gap = frames[behind][0] - frames[before][2]
        if _is_last_dot(words, line, at - 1) or gap > _WIDE_GAP * (
            frames[behind][3] - frames[behind][1]
        ):
            return at
    return len(line)
