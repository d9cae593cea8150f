"""What is different between two versions of a document: which pages, and which words on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

import numpy as np

from indexer.base.pages import FractionBox, PageWords, enclosing, fraction_box

_ALIKE = 0.3  # share of the words of two pages that are one page in two versions
_MOST_COMPARED = 20_000  # pairs of pages; more are taken in their order
_MANY_WORDS = 4_000  # of a page: frequent ones are then no landmarks


class PageChange(StrEnum):
    """What became of a page; `moved`: the same page stands elsewhere."""

    CHANGED = "changed"
    ADDED = "added"
    REMOVED = "removed"
    MOVED = "moved"


@dataclass(frozen=True, slots=True)
class ComparedPage:
    """A page of a version.

    content  equal for pages that look the same and have the same words
    """

    number: int
    page_id: int
    content: str


@dataclass(frozen=True, slots=True)
class PagePair:
    """A page that is not the same in both versions; None where one has no such page."""

    change: PageChange
    old: ComparedPage | None
    new: ComparedPage | None


class WordChange(StrEnum):
    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class WordRun:
    """Words that follow each other: in both versions, in the old one alone, or in the new one alone.

    boxes  of those that are in one version alone: where they stand on its page, line by line
    """

    change: WordChange
    text: str
    n_words: int
    boxes: tuple[FractionBox, ...] = ()


def changed_pages(
    old: Sequence[ComparedPage],
    new: Sequence[ComparedPage],
    words_of: Callable[[ComparedPage], PageWords],
) -> list[PagePair]:
    """Return the pages that differ, in the order of the new version.

    words_of  is asked for pages that may be one page in two versions
    """
    pairs: list[PagePair] = []
    matcher = SequenceMatcher(
        None, [page.content for page in old], [page.content for page in new], autojunk=False
    )
    for operation, i1, i2, j1, j2 in matcher.get_opcodes():
        if operation != "equal":
            pairs += _pairs_between(old[i1:i2], new[j1:j2], words_of)
    return _with_moves(pairs)


def _pairs_between(
    old: Sequence[ComparedPage],
    new: Sequence[ComparedPage],
    words_of: Callable[[ComparedPage], PageWords],
) -> Iterator[PagePair]:
    """Yield pages between two that are the same: pairs that are most alike, in order, and those left."""
    i = 0
    for j, partner in enumerate(_partners(old, new, words_of)):
        if partner is None:
            yield PagePair(PageChange.ADDED, None, new[j])
            continue
        for page in old[i:partner]:
            yield PagePair(PageChange.REMOVED, page, None)
        yield PagePair(PageChange.CHANGED, old[partner], new[j])
        i = partner + 1
    for page in old[i:]:
        yield PagePair(PageChange.REMOVED, page, None)


def _partners(
    old: Sequence[ComparedPage],
    new: Sequence[ComparedPage],
    words_of: Callable[[ComparedPage], PageWords],
) -> list[int | None]:
    """Return for each new page the old one that it was, ascending: the most alike in all."""
    if len(old) == len(new) == 1 or len(old) * len(new) > _MOST_COMPARED:
        return [j if j < len(old) else None for j in range(len(new))]
    old_counts, new_counts = (
        [Counter(words_of(page).texts) for page in pages] for pages in (old, new)
    )
    alike = np.array([[_likeness(a, b) for b in new_counts] for a in old_counts])
    alike = np.where(alike < _ALIKE, 0.0, alike).reshape(len(old), len(new))
    best = np.zeros((len(old) + 1, len(new) + 1))
    for i in range(len(old)):
        for j in range(len(new)):
            as_pair = best[i, j] + alike[i, j]
            best[i + 1, j + 1] = max(as_pair, best[i, j + 1], best[i + 1, j])
    partners: list[int | None] = [None] * len(new)
    i, j = len(old), len(new)
    while i and j:
        is_pair = alike[i - 1, j - 1] > 0 and best[i, j] == best[i - 1, j - 1] + alike[i - 1, j - 1]
        if is_pair:
            i, j = i - 1, j - 1
            partners[j] = i
        elif best[i, j] == best[i - 1, j]:
            i -= 1
        else:
            j -= 1
    return partners


def _likeness(a: Counter[str], b: Counter[str]) -> float:
    """Return the share of the words of two pages that both have; two without any are alike."""
    total = a.total() + b.total()
    return 2 * (a & b).total() / total if total else 1.0


def _with_moves(pairs: Sequence[PagePair]) -> list[PagePair]:
    """Turn a page that was removed, and added elsewhere, into one that was moved."""
    removed_pages = {p.old.content: p.old for p in pairs if p.new is None and p.old is not None}
    moved_contents: set[str] = set()
    result = []
    for pair in pairs:
        if pair.old is None and pair.new is not None and pair.new.content in removed_pages:
            content = pair.new.content
            pair = PagePair(PageChange.MOVED, removed_pages.pop(content), pair.new)
            moved_contents.add(content)
        result.append(pair)
    return [
        pair
        for pair in result
        if not (pair.new is None and pair.old and pair.old.content in moved_contents)
    ]


def changed_words(old: PageWords, new: PageWords) -> list[WordRun]:
    """Return the words of a page in both versions, those that are the same and those that are not."""
    is_long = max(len(old), len(new)) > _MANY_WORDS
    matcher = SequenceMatcher(None, old.texts, new.texts, autojunk=is_long)
    runs: list[WordRun] = []
    for operation, i1, i2, j1, j2 in matcher.get_opcodes():
        if operation == "equal":
            runs.append(WordRun(WordChange.SAME, new.text(j1, j2), j2 - j1))
            continue
        if i2 > i1:
            boxes = _line_boxes(old, i1, i2)
            runs.append(WordRun(WordChange.REMOVED, old.text(i1, i2), i2 - i1, boxes))
        if j2 > j1:
            boxes = _line_boxes(new, j1, j2)
            runs.append(WordRun(WordChange.ADDED, new.text(j1, j2), j2 - j1, boxes))
    return runs


def _line_boxes(words: PageWords, start: int, stop: int) -> tuple[FractionBox, ...]:
    """Return a box around the words start..stop on each line."""
    lines = words.lines[start:stop]
    return tuple(
        fraction_box(enclosing(words.boxes[start:stop][lines == line]))
        for line in dict.fromkeys(lines.tolist())
    )
