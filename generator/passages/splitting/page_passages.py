"""Splits a page's words into passages: the pieces that can be quoted.

A passage is a sentence where the page is prose, a row where it is a table or a form, an item where it is
a list. Its quote is a contiguous run of the page's words, in reading order, joined by spaces.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.passages.splitting.block_passages import block_passages
from generator.passages.splitting.line_passages import line_passages
from generator.passages.splitting.passage import Context, Passage, make_passage
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords

# A heading is quoted with what follows it up to this many words together, a list with its lead.
_MAX_LED_WORDS = 80
_MAX_LIST_WORDS = 160


def passages_of(words: PageWords) -> list[Passage]:
    """Return the page's passages in reading order; together they hold every word once."""
    return block_passages(words) if words.layout else line_passages(words)


def in_company(
    words: PageWords,
    passages: Sequence[Passage],
    position: int,
    *,
    whole_list: bool = False,
    says_nothing: bool = False,
) -> Passage:
    """Return the passage at `position` as it is best quoted.

    A passage that leads is quoted together with what it leads to, the first row of a table with the header.

    whole_list  quote an item with the lead and the other items of its list
    says_nothing  it only repeats what is asked: quote it with what stands behind it
    """
    if passages[position].table is not None:
        return passages[position]
    first = last = passages[position]
    if first.kind is BlockKind.LIST_ITEM and whole_list and first.context.beside:
        return _list_of(words, passages, position)
    if first.leads and _item_follows(passages, position):
        return _list_of(words, passages, position + 1)
    for following in passages[position + 1 :]:
        goes_on = last.leads or (says_nothing and last is first)
        if not goes_on or following.stop - first.start > _MAX_LED_WORDS:
            break
        last = following
    if position and passages[position - 1].quote == first.context.header:
        first = passages[position - 1]
    return _from_to(words, first, last)


def _list_of(words: PageWords, passages: Sequence[Passage], item: int) -> Passage:
    """Return the list around an item with its lead, as much of it as is not too long."""
    first = last = item
    lead = passages[item].context.beside
    while last + 1 < len(passages) and _is_item_of(passages[last + 1], lead):
        if passages[last + 1].stop - passages[first].start > _MAX_LIST_WORDS:
            break
        last += 1
    while first and (_is_item_of(passages[first - 1], lead) or _is_lead(passages[first - 1], lead)):
        if passages[last].stop - passages[first - 1].start > _MAX_LIST_WORDS:
            break
        first -= 1
    return _from_to(words, passages[first], passages[last])


def _is_item_of(passage: Passage, lead: str) -> bool:
    return passage.kind is BlockKind.LIST_ITEM and passage.context.beside == lead


def _is_lead(passage: Passage, lead: str) -> bool:
    return passage.leads and lead.endswith(passage.quote)


def _item_follows(passages: Sequence[Passage], position: int) -> bool:
    if position + 1 == len(passages):
        return False
    item = passages[position + 1]
    return item.kind is BlockKind.LIST_ITEM and _is_lead(passages[position], item.context.beside)


def _from_to(words: PageWords, first: Passage, last: Passage) -> Passage:
    if first is last:
        return first
    context = Context(first.context.heading, first.context.header)
    return make_passage(words, first.start, last.stop, context, last.leads, kind=first.kind)
