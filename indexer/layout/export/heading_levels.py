"""Levels of headings, which a layout does not say: by their section number, or by their size."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from indexer.base.layout import Block, BlockKind
from indexer.base.pages import PageWords

MAX_LEVEL = 6  # of Markdown and HTML
_NUMBER = re.compile(r"(?:§\s*)?(\d{1,3}(?:\.\d{1,3})*)\.?(?:\s|$)")
_LARGE = 1.3  # times the height of the page's text: a heading of the second level
_PROSE = (BlockKind.TEXT, BlockKind.LIST_ITEM)


def heading_levels(words: PageWords, blocks: Sequence[Block]) -> list[int | None]:
    """Return the level of each block, 1 for a title; None for what is no heading.

    A heading has the level of its number (`4.2` is of the third), else by its size the second or third.
    """
    text_height = _text_height(words, blocks)
    return [_level(words, block, text_height) for block in blocks]


def _level(words: PageWords, block: Block, text_height: float) -> int | None:
    if block.kind is BlockKind.TITLE:
        return 1
    if block.kind is not BlockKind.HEADING:
        return None
    number = _NUMBER.match(words.quote(block.start, block.stop))
    if number is not None:
        return min(2 + number[1].count("."), MAX_LEVEL)
    return 2 if _height(words, block.start, block.stop) >= _LARGE * text_height else 3


def _text_height(words: PageWords, blocks: Sequence[Block]) -> float:
    """Return the median height of words of running text; of all words where there is none."""
    heights = _heights(words)
    parts = [heights[block.start : block.stop] for block in blocks if block.kind in _PROSE]
    of_text = np.concatenate(parts) if parts else heights
    of_text = of_text if len(of_text) else heights
    return float(np.median(of_text)) if len(of_text) else 0.0


def _height(words: PageWords, start: int, stop: int) -> float:
    return float(np.median(_heights(words)[start:stop])) if stop > start else 0.0


def _heights(words: PageWords) -> np.typing.NDArray[np.int64]:
    boxes = words.boxes.astype(np.int64)
    return boxes[:, 3] - boxes[:, 1]
