"""The rows of a dynamic form become words of its first page, which shows none of them.

A row is a line with a box of its own, below what stands on the page, so that a quotation of it says which
row it is; the box says no more than the order of the form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from indexer.base.layout import Block, BlockKind, LayoutSource, PageLayout
from indexer.base.pages import BOX_SCALE, PageWords, RenderedPage, boxes_from_fractions, enclosing
from indexer.inputs.pdf.refusals import printable_line
from indexer.inputs.pdf.xfa.xfa_form import MAX_ROWS, Row
from indexer.inputs.sandbox.frames import MAX_WORD_CHARACTERS, MAX_WORDS, BadFrame

_LEFT, _RIGHT = 0.06, 0.94
_TOP, _BOTTOM = 0.06, 0.96
_HIGHEST_ROW = 0.025
_LEAST_ROOM = 0.25  # below what stands on the page; with less, rows go over all of it


def checked_rows(value: object) -> list[Row]:
    """Return the rows that the child sent. Raises BadFrame."""
    if not isinstance(value, list) or len(value) > MAX_ROWS:
        raise BadFrame("no rows of a form")
    rows: list[Row] = []
    for row in value:
        if not (isinstance(row, list) and len(row) == 2 and all(type(part) is str for part in row)):
            raise BadFrame("a row of a form that is none")
        try:
            "".join(row).encode()
        except UnicodeEncodeError as error:
            raise BadFrame("text that is not Unicode") from error
        rows.append((row[0].replace("\0", " "), row[1].replace("\0", " ")))
    return rows


def with_form_words(page: RenderedPage, rows: Sequence[Row]) -> RenderedPage:
    """Return the page with the words of the rows behind its own, each row a line and a block."""
    own = page.words
    top = _TOP
    if len(own):
        below = float(own.boxes[:, 3].max()) / BOX_SCALE + 0.02
        top = below if _BOTTOM - below >= _LEAST_ROOM else _TOP
    height = min(_HIGHEST_ROW, (_BOTTOM - top) / len(rows))
    texts: list[str] = []
    fractions: list[tuple[float, float, float, float]] = []
    lines: list[int] = []
    blocks: list[Block] = []
    first_line = int(own.lines[-1]) + 1 if len(own) else 0
    for n, (label, value) in enumerate(rows):
        words, n_label = _words_of(label, value)
        if not words or len(own) + len(texts) + len(words) > MAX_WORDS:
            continue
        y = top + n * height
        start = len(own) + len(texts)
        texts += words
        fractions += _side_by_side(words, y, y + height * 0.8)
        lines += [first_line + n] * len(words)
        box = _row_box(y, y + height * 0.8)
        kind = BlockKind.FIELD if value else BlockKind.TEXT
        label_stop = start + n_label if value else None
        blocks.append(Block(kind, start, start + len(words), box, label_stop=label_stop))
    if not texts:
        return page
    all_words = PageWords(
        texts=own.texts + tuple(texts),
        boxes=np.concatenate([own.boxes, boxes_from_fractions(np.array(fractions))]),
        lines=np.concatenate([own.lines, np.array(lines, np.int32)]),
        source="text",
        marks=np.concatenate([own.marks, np.zeros(len(texts), np.uint8)]),
        layout=PageLayout((*_blocks_of(own), *blocks), _source_of(own)),
    )
    return replace(page, words=all_words)


def _words_of(label: str, value: str) -> tuple[list[str], int]:
    words = [*label.split(), *value.split()]
    parts = [
        word[start : start + MAX_WORD_CHARACTERS]
        for word in words
        for start in range(0, len(word), MAX_WORD_CHARACTERS)
    ]
    return parts, len(label.split()) if len(parts) == len(words) else 0


def _side_by_side(
    words: Sequence[str], y0: float, y1: float
) -> list[tuple[float, float, float, float]]:
    """Return boxes from the left, as wide as the words are long; a long row is squeezed."""
    n_characters = sum(map(len, words)) + len(words) - 1
    width = min(0.01, (_RIGHT - _LEFT) / max(n_characters, 1))
    boxes = []
    x = _LEFT
    for word in words:
        boxes.append((x, y0, x + len(word) * width, y1))
        x += (len(word) + 1) * width
    return boxes


def _row_box(y0: float, y1: float) -> tuple[int, int, int, int]:
    x0, top, x1, bottom = boxes_from_fractions(np.array([(_LEFT, y0, _RIGHT, y1)]))[0].tolist()
    return x0, top, x1, bottom


def _blocks_of(own: PageWords) -> tuple[Block, ...]:
    if own.layout or not len(own):
        return own.layout.blocks
    x0, y0, x1, y1 = enclosing(own.boxes).tolist()
    return (Block(BlockKind.TEXT, 0, len(own), (x0, y0, x1, y1)),)


def _source_of(own: PageWords) -> LayoutSource:
    return own.layout.source if own.layout else LayoutSource.LINES


def form_warnings(n_rows: int, problem: object) -> Iterator[str]:
    """Yield what to say of a dynamic form: the page image does not show its data."""
    if n_rows:
        rows = "1 row was" if n_rows == 1 else f"{n_rows} rows were"
        yield (
            f"page 1: dynamic form (XFA), its {rows} read from its data; the page image does not show them"
        )
    line = printable_line(problem or "")
    if line:
        yield (
            f"page 1: dynamic form (XFA) whose data cannot be read ({line}); save it from a program that "
            "shows it, as a PDF without a form"
        )
