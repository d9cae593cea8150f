"""Mend what the layout model takes apart or misnames on pages with little text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from indexer.base.layout import BlockKind
from indexer.layout.drafts import BlockDraft, DraftWord

_CLOSE = 1.5  # in heights of the lower line: the next line of a paragraph begins within
_HYPHENS = "-\u2010\u00ad"
_ENDS = '.!?:;”"»)]}。'
_TEXT = (BlockKind.TEXT, BlockKind.LIST_ITEM)
_FURNITURE = (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER)
_MIN_WORDS = 4  # of a line that is more than a number or a name at the page's edge


def as_body(words: Sequence[DraftWord], blocks: Sequence[BlockDraft]) -> list[BlockDraft]:
    """Return the blocks; a sentence is no running head, nor is all that a page has one, or its foot."""
    blocks = [
        replace(b, kind=BlockKind.TEXT) if _is_sentence_above(words, b) else b for b in blocks
    ]
    if any(block.kind not in _FURNITURE and (block.rows or block.cells) for block in blocks):
        return list(blocks)
    for kind in _FURNITURE:
        candidates = [b for b in blocks if b.kind == kind and sum(map(len, b.rows)) >= _MIN_WORDS]
        if candidates:
            return [
                replace(b, kind=BlockKind.TEXT) if any(b is c for c in candidates) else b
                for b in blocks
            ]
    return list(blocks)


def _is_sentence_above(words: Sequence[DraftWord], block: BlockDraft) -> bool:
    if block.kind != BlockKind.PAGE_HEADER or sum(map(len, block.rows)) <= _MIN_WORDS:
        return False
    return words[block.rows[-1][-1]].text[-1] in ".!?"


def join_paragraphs(words: Sequence[DraftWord], blocks: Sequence[BlockDraft]) -> list[BlockDraft]:
    """Return the blocks, those that are one paragraph as one: a sentence goes on in the next line."""
    joined_blocks: list[BlockDraft] = []
    for block in blocks:
        if joined_blocks and _goes_on(words, joined_blocks[-1], block):
            above = joined_blocks[-1]
            above.rows += block.rows
            above.take_in(block)
        else:
            joined_blocks.append(block)
    return joined_blocks


def _goes_on(words: Sequence[DraftWord], above: BlockDraft, block: BlockDraft) -> bool:
    if above.kind not in _TEXT or block.kind != BlockKind.TEXT or not (above.rows and block.rows):
        return False
    last, first = words[above.rows[-1][-1]].text, words[block.rows[0][0]].text
    if not (last[-1] in _HYPHENS or (first[0].islower() and last[-1] not in _ENDS)):
        return False
    upper, lower = above.units[-1], block.units[0]
    height = min(upper[3] - upper[1], lower[3] - lower[1])
    gap = lower[1] - upper[3]
    is_below = -0.5 * height <= gap <= _CLOSE * height
    return bool(is_below and lower[0] < upper[2] and upper[0] < lower[2])
