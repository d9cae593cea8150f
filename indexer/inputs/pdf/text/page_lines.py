"""Put the runs of a text layer together to lines, in the child: standard library only.

A line is read along its writing direction: from the left, from the right, up or down where a table is
typeset sideways, downwards in columns from the right where East Asian text is vertical.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from indexer.base.word_marks import BOLD
from indexer.inputs.pdf.text.library_text import RIGHT_TO_LEFT, LibraryText
from indexer.inputs.pdf.text.raised import split_raised
from indexer.inputs.pdf.text.right_to_left import is_right_to_left, read_right_to_left
from indexer.layout.placed_words import Box, PlacedWord, Run, along, enclosing

# Two runs at one height are one line when they share this much of the lower one's height.
_SAME_LINE = 0.6
_FIRST_EAST_ASIAN = "\u2e80"
_BOLD = 16  # among the flags of the library's spans
_MAX_STEP = 1.7  # from one glyph of a column to the next, in widths


@dataclass
class _Line:
    """Words that stand on one line, with the runs that they come from."""

    axis: tuple[int, int] = (1, 0)
    is_vertical: bool = False
    has_right_to_left: bool = False
    runs: list[Run] = field(default_factory=list)
    words: list[PlacedWord] = field(default_factory=list)
    last_run: list[PlacedWord] = field(default_factory=list)


def words_by_line(text: LibraryText) -> list[PlacedWord]:
    """Return the words of a page in reading order, with the numbers of their lines from 0."""
    lines: list[_Line] = []
    for run, group in groupby(text.words, lambda word: word.run):
        _add(lines, run, list(group), text.runs.get(run, {}))
    words: list[PlacedWord] = []
    for number, line in enumerate(_columns_from_the_right(lines)):
        if line.has_right_to_left and line.axis == (1, 0) and is_right_to_left(line.words):
            runs = [text.runs[run] for run in line.runs if run in text.runs]
            words += read_right_to_left(runs, line.runs[0], number)
        else:
            words += [
                PlacedWord(text, box, run, number, marks, axis)  # thrice as fast as `_replace`
                for text, box, run, _, marks, axis in line.words
            ]
    return words


def _add(lines: list[_Line], run: Run, words: list[PlacedWord], facts: dict[str, Any]) -> None:
    """Add a run to the last line, if it goes on there, or as a new one."""
    axis = facts.get("axis", (1, 0))
    spans = facts.get("spans", ())
    has_right_to_left = RIGHT_TO_LEFT.search(" ".join(word.text for word in words)) is not None
    if axis != (1, 0):
        words = [word._replace(axis=axis) for word in words]
    elif len(spans) > 1 and not has_right_to_left:
        words = split_raised(words, spans)
    if spans and all(span["flags"] & _BOLD for span in spans if span["text"].strip()):
        words = [word._replace(marks=word.marks | BOLD) for word in words]
    last = lines[-1] if lines else None
    if last is not None and _is_column(last, words):
        last.is_vertical = True
        last.words[-1] = last.words[-1]._replace(
            text=last.words[-1].text + words[0].text,
            box=enclosing([last.words[-1].box, words[0].box]),
            axis=(0, 1),
        )
        last.last_run = words
        return
    if last is None or last.axis != axis or not _continues(last, words, has_right_to_left):
        last = _Line(axis, bool(facts.get("vertical")))
        lines.append(last)
    last.has_right_to_left |= has_right_to_left
    last.runs.append(run)
    last.words += words
    last.last_run = words


def _continues(line: _Line, words: Sequence[PlacedWord], has_right_to_left: bool) -> bool:
    """Say whether a run stands behind the last one of a line at the same height."""
    if line.has_right_to_left or has_right_to_left:
        last = enclosing([word.box for word in line.last_run])
        box = enclosing([word.box for word in words])
        lower = min(last[3] - last[1], box[3] - box[1])
        is_beside = box[2] <= last[0] + 0.5 * lower or box[0] >= last[2] - 0.5 * lower
        return is_beside and _overlap(last, box) > _SAME_LINE * lower
    last = along(line.last_run[-1].box, line.axis)
    box = along(words[0].box, line.axis)
    lower = min(last[3] - last[1], box[3] - box[1])
    return box[0] >= last[2] - 0.5 * lower and _overlap(last, box) > _SAME_LINE * lower


def _overlap(a: Box, b: Box) -> float:
    return min(a[3], b[3]) - max(a[1], b[1])


def _is_column(line: _Line, words: Sequence[PlacedWord]) -> bool:
    """Say whether a glyph stands right below the last one of its column."""
    last = line.last_run
    if not (len(words) == len(last) == len(words[0].text) == len(last[0].text) == 1):
        return False
    if len(line.words) > 1 or min(words[0].text, last[0].text) < _FIRST_EAST_ASIAN:
        return False
    above, below = last[0].box, words[0].box
    width = above[2] - above[0]
    step = below[1] - above[1]
    return abs(below[0] - above[0]) < 0.3 * width and 0.5 * width < step < _MAX_STEP * width


def _columns_from_the_right(lines: Sequence[_Line]) -> Iterator[_Line]:
    """Yield the lines, columns of vertical text that were drawn one after another from the right."""
    for is_vertical, group in groupby(lines, lambda line: line.is_vertical):
        columns = list(group)
        if is_vertical and _is_block(columns):
            columns.sort(key=lambda line: -line.words[0].box[0])
        yield from columns


def _is_block(columns: Sequence[_Line]) -> bool:
    """Say whether all columns stand side by side."""
    boxes = [enclosing([word.box for word in column.words]) for column in columns]
    return max(box[1] for box in boxes) < min(box[3] for box in boxes)
