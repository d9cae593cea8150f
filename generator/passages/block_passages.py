"""Splits a page with a layout into passages: sentences, list items, table rows, fields of forms, notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from generator.passages.passage import Context, Passage, make_passage, of_whole_words
from generator.passages.sentences import MAX_WORDS, sentences
from generator.passages.tables import Table
from indexer.base.layout import Block, BlockKind
from indexer.base.pages import PageWords

# Words of a picture whose boxes share this much of the smaller height stand in one row of it.
_SAME_HEIGHT = 0.5
_HEADINGS = frozenset({BlockKind.TITLE, BlockKind.HEADING})
FURNITURE = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER})


def block_passages(words: PageWords) -> list[Passage]:
    """Return the page's passages in reading order; together they hold every word once."""
    blocks = words.layout.blocks
    around = _Around(words)
    passages: list[Passage] = []
    for i, block in enumerate(blocks):
        around.pass_by(block)
        if block.stop > block.start:
            passages += _passages(words, i, around.context_of(i, block))
    return passages


def _passages(words: PageWords, i: int, context: Context) -> Iterator[Passage]:
    block = words.layout.blocks[i]
    if block.kind is BlockKind.TABLE and block.cells:
        yield from _rows(words, block, context)
    elif block.kind is BlockKind.FIELD and block.label_stop is not None:
        value = (block.label_stop, block.stop)
        yield make_passage(
            words, block.start, block.stop, context, kind=block.kind, field=value,
            label=words.quote(block.start, block.label_stop),
            is_ticked=block.is_ticked,
        )  # fmt: skip
    else:
        is_heading = block.kind in _HEADINGS
        for start, stop in of_whole_words(words, _ranges(words, block)):
            leads = is_heading or words.texts[stop - 1].endswith(":")
            yield make_passage(words, start, stop, context, leads, kind=block.kind)


def _ranges(words: PageWords, block: Block) -> Iterator[tuple[int, int]]:
    is_short = block.stop - block.start <= MAX_WORDS
    if block.kind in _HEADINGS or (block.kind is BlockKind.LIST_ITEM and is_short):
        yield block.start, block.stop
    elif block.kind in (BlockKind.PICTURE, BlockKind.TABLE):
        yield from _rows_by_height(words, block)
    else:
        yield from sentences(words.texts, block.start, block.stop)


def _rows(words: PageWords, block: Block, context: Context) -> Iterator[Passage]:
    table = Table(words, block, context.beside)
    start = block.start
    bounds = [min((c.start for c in row if c.stop > c.start), default=None) for row in table.rows]
    firsts = [(row, first) for row, first in enumerate(bounds) if first is not None]
    for n, (row, _) in enumerate(firsts):
        stop = firsts[n + 1][1] if n + 1 < len(firsts) else block.stop
        leads = table.is_head_row(row) or table.is_group_row(row)
        if stop > start:
            yield make_passage(
                words, start, stop, context, leads, kind=block.kind, table=table, row=row
            )
            start = stop


def _rows_by_height(words: PageWords, block: Block) -> Iterator[tuple[int, int]]:
    first = block.start
    for i in range(block.start + 1, block.stop + 1):
        if i == block.stop or not _beside(words, i - 1, i):
            yield first, i
            first = i


def _beside(words: PageWords, a: int, b: int) -> bool:
    (_, a0, _, a1), (_, b0, _, b1) = words.boxes[a].tolist(), words.boxes[b].tolist()
    return bool(min(a1, b1) - max(a0, b0) >= _SAME_HEIGHT * max(min(a1 - a0, b1 - b0), 1))


@dataclass(slots=True)
class _Around:
    """Knows what stands around the block that is read: heading, lead of the list, caption, author."""

    words: PageWords
    heading: str = ""
    lead: str = ""
    lead_marker: str = ""  # where the lead is an item itself
    captions: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        blocks = self.words.layout.blocks
        for i, block in enumerate(blocks):
            if block.kind is BlockKind.CAPTION:
                about = block.about if block.about is not None else _subject_of(blocks, i)
                if about is not None:
                    text = self._text(block)
                    self.captions[about] = f"{self.captions.get(about, '')} {text}".strip()

    def pass_by(self, block: Block) -> None:
        """Remember a heading; keep the lead of a list over its items."""
        if block.kind in _HEADINGS and block.stop > block.start:
            self.heading = self._text(block)
        if block.stop == block.start:
            return
        leads = self.words.texts[block.stop - 1].endswith(":")
        if block.kind is BlockKind.LIST_ITEM:
            marker = _shape(self.words.texts[block.start])
            if leads:  # an item with items of its own
                self.lead, self.lead_marker = self._text(block), marker
            elif marker == self.lead_marker:
                self.lead = self.lead_marker = ""
        else:
            leads = leads and block.kind is BlockKind.TEXT
            self.lead = self._text(block) if leads else ""
            self.lead_marker = ""

    def _text(self, block: Block) -> str:
        return self.words.quote(block.start, block.stop)

    def context_of(self, i: int, block: Block) -> Context:
        beside = self.captions.get(i, "")
        if block.kind is BlockKind.LIST_ITEM:
            beside = self.lead if not self.lead.startswith(self._text(block)) else ""
        elif block.kind is BlockKind.NOTE:
            beside = f"Note by {block.author}" if block.author else "Note"
        heading = "" if block.kind in _HEADINGS or block.kind in FURNITURE else self.heading
        return Context(heading, "", beside)


def _shape(marker: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", marker))


def _subject_of(blocks: Sequence[Block], i: int) -> int | None:
    """Return the table or picture that a caption stands beside."""
    beside = (j for j in (i - 1, i + 1) if 0 <= j < len(blocks))
    return next((j for j in beside if blocks[j].kind in (BlockKind.TABLE, BlockKind.PICTURE)), None)
