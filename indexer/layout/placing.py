"""Order the blocks of a page."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from indexer.base.layout import BlockKind
from indexer.layout.cut import rows_in_order
from indexer.layout.drafts import BlockDraft

_CAPTIONED = (BlockKind.PICTURE, BlockKind.TABLE)
_ASIDE = 0.02  # a note's gap to the side counts this much of one above or below
_BESIDE = 2.5  # of a caption's heights from what it is about


def in_reading_order(blocks: Sequence[BlockDraft]) -> list[BlockDraft]:
    """Return the blocks in reading order: running heads first, feet last, notes behind their subject."""
    body = [block for block in blocks if block.kind != BlockKind.NOTE]
    notes = [block for block in blocks if block.kind == BlockKind.NOTE]
    blocks_in_order = _by_rank(body)
    for block in blocks_in_order:
        if block.kind == BlockKind.CAPTION:
            block.about = _subject_of_caption(block, blocks_in_order)
    for note in notes:
        note.about = _subject_of_note(note, blocks_in_order)
    for note in reversed(notes):
        at = next(
            (i + 1 for i, block in enumerate(blocks_in_order) if block is note.about),
            len(blocks_in_order),
        )
        blocks_in_order.insert(at, note)
    return blocks_in_order


def _by_rank(blocks: Sequence[BlockDraft]) -> list[BlockDraft]:
    """Return blocks in the order in which their first units are read."""
    body = [
        i
        for i, b in enumerate(blocks)
        if b.kind not in (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER)
    ]
    units = [(i, unit) for i in body for unit in blocks[i].units]
    rank = {i: (1, len(units)) for i in body}
    if units:
        order = rows_in_order(np.stack([unit for _, unit in units]))
        for place, unit in enumerate(n for row in order for n in row):
            i = units[unit][0]
            rank[i] = min(rank[i], (1, place))
    for i, block in enumerate(blocks):
        if block.kind in (BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER):
            top, left = float(block.units[0][1]), float(block.units[0][0])
            place = round(top) * 100_000 + round(left)
            rank[i] = (0 if block.kind == BlockKind.PAGE_HEADER else 2, place)
    return [blocks[i] for i in sorted(range(len(blocks)), key=rank.__getitem__)]


def _subject_of_caption(caption: BlockDraft, blocks: Sequence[BlockDraft]) -> BlockDraft | None:
    """Return the picture or table that a caption stands at."""
    height = caption.units[0][3] - caption.units[0][1]
    nearest: tuple[float, BlockDraft] | None = None
    for block in blocks:
        if block.kind in _CAPTIONED:
            distance = _distance(caption, block)
            if distance <= _BESIDE * height and (nearest is None or distance < nearest[0]):
                nearest = distance, block
    return nearest[1] if nearest else None


def _distance(a: BlockDraft, b: BlockDraft) -> float:
    """Return the gap between two blocks, in points; 0 where they touch."""
    first, second = a.units[0], b.units[0]
    gaps = np.maximum(np.maximum(first[:2] - second[2:], second[:2] - first[2:]), 0.0)
    return float(np.hypot(*gaps))


def _subject_of_note(note: BlockDraft, blocks: Sequence[BlockDraft]) -> BlockDraft | None:
    """Return the block that a note stands on, or else the one beside it."""
    if not blocks:
        return None
    frame = note.units[0]

    def key(block: BlockDraft) -> tuple[float, float]:
        boxes = np.stack(block.units)
        gaps = np.maximum(np.maximum(boxes[:, :2] - frame[2:], frame[:2] - boxes[:, 2:]), 0.0)
        distances = (
            gaps[:, 0] * _ASIDE + gaps[:, 1]
        )  # a note in the margin is about what is beside it
        areas = np.prod(boxes[:, 2:] - boxes[:, :2], axis=1)
        best = int(np.argmin(distances))
        return float(distances[best]), float(areas[best])

    return min(blocks, key=key)
