"""Splits a page with a layout into passages: sentences, list items, table rows, fields of forms, notes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np

from generator.passages.splitting.labelled_lines import labelled_lines
from generator.passages.splitting.passage import (
    Context,
    Passage,
    goes_on,
    make_passage,
    of_whole_words,
)
from generator.passages.splitting.sentences import MAX_WORDS, sentences
from generator.passages.splitting.tables import NUMBERED, Table
from generator.passages.splitting.tables_beside import tables_beside
from indexer.base.layout import Block, BlockKind
from indexer.base.pages import PageWords

# Words of a picture whose boxes share this much of the smaller height stand in one row of it.
_SAME_HEIGHT = 0.5
# A text of so many words may be a heading, or lead in a table; so many of them in a row do.
_SHORT = 12
_MAX_LEAD_INS = 3
_MAX_TITLE_WORDS = 5
HEADINGS = frozenset({BlockKind.TITLE, BlockKind.HEADING})
_NUMBER = re.compile(r"\d{1,2}(?:\.\d{1,2})*\.?")
_TABLE_NAME = re.compile(r"(?:Table|Schedule|Exhibit|Tab\.|Tabelle|Tableau)\b", re.IGNORECASE)
# A short sentence, and no title.
_SAYS_SOMETHING = re.compile(
    r"^(?:The|An?|This|That|No)\b|\b[a-z]+(?:s|ed)\b"
    r"|\b(?:[Ii]t|[Tt]hey|[Hh]e|[Ss]he|[Ww]e|[Yy]ou|I|are|be|have|can|may|must|shall|will|do|did)\b"
)
_FIGURE_NAME = re.compile(r"(?:Figure|Fig\.|Chart|Abbildung|Diagram)\b", re.IGNORECASE)
_CLOSING = re.compile(
    r"\b(?:yours (?:faithfully|sincerely|truly|ever)|sincerely(?: yours)?|(?:kind|best|warm) regards"
    r"|respectfully|for and on behalf of|signed by)\b",
    re.IGNORECASE,
)
FURNITURE = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER})


def block_passages(words: PageWords) -> list[Passage]:
    """Return the page's passages in reading order; together they hold every word once."""
    blocks = words.layout.blocks
    around = _Around(words)
    passages: list[Passage] = []
    first = 0
    for i, block in enumerate(blocks):
        around.pass_by(i)
        if block.kind is BlockKind.TEXT and _runs_on(words, i):
            continue  # it is read with the next block
        if block.stop > block.start:
            whole = replace(block, start=blocks[first].start)
            passages += _passages(words, whole, around.context_of(i, block), around)
        first = i + 1
    return passages


def _runs_on(words: PageWords, i: int) -> bool:
    """Say whether a block of text ends within a sentence that the next one goes on with."""
    blocks = words.layout.blocks
    if i + 1 == len(blocks) or blocks[i + 1].kind is not BlockKind.TEXT:
        return False
    stop = blocks[i].stop
    if stop == blocks[i].start or stop == blocks[i + 1].stop:
        return False
    return goes_on(words, stop) or (
        words.texts[stop][0].islower() and words.texts[stop - 1][-1] not in ".!?:;"
    )


def _passages(
    words: PageWords, block: Block, context: Context, around: _Around
) -> Iterator[Passage]:
    is_heading = around.heading_stop == block.stop
    if block.kind is BlockKind.TABLE and block.cells:
        yield from _rows(words, block, context)
    elif block.kind is BlockKind.FIELD and block.label_stop is not None:
        value = (block.label_stop, block.stop)
        yield make_passage(
            words, block.start, block.stop, context, kind=block.kind, field=value,
            label=words.quote(block.start, block.label_stop),
            is_ticked=block.is_ticked,
        )  # fmt: skip
    elif block.kind is BlockKind.TEXT and (pairs := labelled_lines(words, block.start, block.stop)):
        for start, label_stop, stop in pairs:
            yield make_passage(
                words, start, stop, context, kind=BlockKind.FIELD, field=(label_stop, stop),
                label=words.quote(start, label_stop),
            )  # fmt: skip
    else:
        ranges = _lines(words, block) if around.signs else _ranges(words, block)
        for start, stop in of_whole_words(words, ranges):
            is_title = block.kind is BlockKind.TEXT and _runs_in(words, block, start, stop)
            leads = is_heading or is_title or words.texts[stop - 1].endswith(":")
            kind = BlockKind.HEADING if is_heading else block.kind
            yield make_passage(words, start, stop, context, leads, kind=kind)
            if is_title and not context.beside:
                context = context._replace(beside=words.quote(start, stop))


def _runs_in(words: PageWords, block: Block, start: int, stop: int) -> bool:
    """Say whether a paragraph begins with a title of its own: `Law of Proximity. Things that ...`."""
    if start != block.start or stop == block.stop or stop - start > _MAX_TITLE_WORDS:
        return False
    title = words.quote(start, stop)
    return title[0].isupper() and title.endswith(".") and not _SAYS_SOMETHING.search(title)


def _ranges(words: PageWords, block: Block) -> Iterator[tuple[int, int]]:
    is_short = block.stop - block.start <= MAX_WORDS
    if block.kind in HEADINGS or (block.kind is BlockKind.LIST_ITEM and is_short):
        yield block.start, block.stop
    elif block.kind in (BlockKind.PICTURE, BlockKind.TABLE):
        yield from _rows_by_height(words, block)
    else:
        yield from sentences(words.texts, block.start, block.stop)


def _lines(words: PageWords, block: Block) -> Iterator[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(words.lines[block.start : block.stop])) + 1 + block.start
    yield from pairwise([block.start, *edges.tolist(), block.stop])


def _rows(words: PageWords, block: Block, context: Context) -> Iterator[Passage]:
    rows: dict[int, tuple[Table, int]] = {}  # by their first words
    for table in tables_beside(words, block, context.beside):
        for row, cells in enumerate(table.rows):
            first = min((cell.start for cell in cells if cell.stop > cell.start), default=None)
            if first is not None:
                rows.setdefault(first, (table, row))
    starts = [block.start, *sorted(rows)[1:], block.stop]
    for (start, stop), (_, (table, row)) in zip(
        pairwise(starts), sorted(rows.items()), strict=False
    ):
        leads = table.is_head_row(row) or table.is_group_row(row)
        yield make_passage(
            words, start, stop, context, leads, kind=block.kind, table=table, row=row
        )


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
    heading_stop: int = -1  # where the last heading ends
    lead: str = ""
    lead_marker: str = ""  # where the lead is an item itself
    signs: bool = False
    captions: dict[int, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        blocks = self.words.layout.blocks
        for i, block in enumerate(blocks):
            about = block.about
            if about is None and self._is_caption(block) and block.stop > block.start:
                about = _subject_of(blocks, i, self._text(block))
            elif block.kind is not BlockKind.CAPTION:
                about = self._table_below(i)
            if about is not None:
                text = self._text(block)
                self.captions[about] = f"{self.captions.get(about, '')} {text}".strip()

    def _is_caption(self, block: Block) -> bool:
        """Say whether a block is a caption, also where it is kept for text: `Table 2. Torques`."""
        if block.kind is BlockKind.TEXT and block.stop - block.start > 1:
            return NUMBERED.match(self._text(block)) is not None
        return block.kind is BlockKind.CAPTION

    def _table_below(self, i: int) -> int | None:
        """Return the table that a short text leads in: `(in thousands of US dollars)`."""
        blocks = self.words.layout.blocks
        for j in range(i, min(i + _MAX_LEAD_INS, len(blocks))):
            if blocks[j].kind is not BlockKind.TEXT or blocks[j].stop - blocks[j].start > _SHORT:
                break
            if j + 1 < len(blocks) and blocks[j + 1].kind is BlockKind.TABLE:
                return j + 1
        return None

    def is_heading(self, i: int) -> bool:
        """Say whether a block is a heading, also where it is kept for an item: `12. Term`, above `12.1`."""
        blocks = self.words.layout.blocks
        block = blocks[i]
        if block.kind is not BlockKind.LIST_ITEM or not 1 < block.stop - block.start <= _SHORT:
            return block.kind in HEADINGS
        number = self.words.texts[block.start]
        if not _NUMBER.fullmatch(number) or self.words.texts[block.stop - 1][-1] in ".:;,":
            return False
        following = blocks[i + 1] if i + 1 < len(blocks) else block
        text = self.words.texts[following.start] if following.stop > following.start else ""
        return text.startswith(number.rstrip(".") + ".") and text != number

    def pass_by(self, i: int) -> None:
        """Remember a heading; keep the lead of a list over its items."""
        block = self.words.layout.blocks[i]
        self._note_closing(block)
        if self.is_heading(i) and block.stop > block.start:
            self.heading = self._text(block)
            self.heading_stop = block.stop
            self.lead = self.lead_marker = ""
            return
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

    def _note_closing(self, block: Block) -> None:
        """Remember that a letter has come to its end: who is named next has signed it."""
        if block.kind in (BlockKind.TEXT, BlockKind.LIST_ITEM, *HEADINGS):
            closes = _CLOSING.search(self._text(block)) is not None
            self.signs = closes or (self.signs and block.stop - block.start <= _SHORT)

    def _text(self, block: Block) -> str:
        return self.words.quote(block.start, block.stop)

    def context_of(self, i: int, block: Block) -> Context:
        beside = self.captions.get(i, "")
        if self.is_heading(i):
            return Context()
        if block.kind is BlockKind.LIST_ITEM:
            beside = self.lead if not self.lead.startswith(self._text(block)) else ""
        elif self.signs:
            beside = "signed by"
        elif block.kind is BlockKind.NOTE:
            beside = f"Note by {block.author}" if block.author else "Note"
        heading = "" if block.kind in FURNITURE else self.heading
        return Context(heading, "", beside)


def _shape(marker: str) -> str:
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", marker))


def _subject_of(blocks: Sequence[Block], i: int, name: str) -> int | None:
    """Return the table or picture that a caption stands beside."""
    kinds = {BlockKind.TABLE, BlockKind.PICTURE}
    if _TABLE_NAME.match(name):
        kinds = {BlockKind.TABLE}
    elif _FIGURE_NAME.match(name):
        kinds = {BlockKind.PICTURE}
    beside = (j for j in (i - 1, i + 1) if 0 <= j < len(blocks))
    return next((j for j in beside if blocks[j].kind in kinds), None)
