"""Joins what runs over the end of a page: a sentence that the next page ends, a list that goes on there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage, PassageBeside, make_passage
from indexer.base.language.stop_words import STOP_WORDS
from indexer.base.layout import BlockKind
from indexer.base.pages import PageWords

_BODY = frozenset({BlockKind.TEXT, BlockKind.LIST_ITEM})
_AROUND_THE_BODY = frozenset({BlockKind.PAGE_HEADER, BlockKind.PAGE_FOOTER, BlockKind.FOOTNOTE})
_ENDS = ".!?:;"
_CLOSERS = "\"'”’)]»*"
_MAX_LIST_WORDS = 160


def with_sentences_whole(
    passages: Sequence[Passage], before: PageWords | None, behind: PageWords | None
) -> list[Passage]:
    """Return the passages of a page, its first and last sentence joined with what the pages beside it have.

    before, behind  the words of those pages; None where there is none
    """
    whole_passages = list(passages)
    last, first = _end(passages, -1), _end(passages, 0)
    if behind is not None and last is not None and _is_unfinished(passages[last].quote):
        following = _body_end(behind, 0)
        if following is not None and _continue(passages[last], following):
            rest = PassageBeside(1, following)
            quote = _join(passages[last].quote, following.quote)
            whole_passages[last] = replace(passages[last], quote=quote, rest=rest)
    if before is not None and first is not None and first != last:
        earlier = _body_end(before, -1)
        if (
            earlier is not None
            and _is_unfinished(earlier.quote)
            and _continue(earlier, passages[first])
        ):
            rest = PassageBeside(-1, earlier)
            quote = _join(earlier.quote, passages[first].quote)
            whole_passages[first] = replace(passages[first], quote=quote, rest=rest)
    return whole_passages


def with_list_whole(
    passage: Passage, passages: Sequence[Passage], behind: PageWords | None
) -> Passage:
    """Return a list that goes on at the top of the next page with those items.

    passage   the list, as it is quoted of its page
    passages  all of that page
    """
    last = _end(passages, -1)
    if behind is None or last is None or passages[last].kind is not BlockKind.LIST_ITEM:
        return passage
    if passage.rest is not None or passage.stop != passages[last].stop:
        return passage
    own = [p for p in passages_of(behind) if p.kind not in _AROUND_THE_BODY]
    n_items = next((n for n, p in enumerate(own) if p.kind is not BlockKind.LIST_ITEM), len(own))
    items = own[:n_items]
    while (
        items and items[-1].stop - items[0].start + passage.stop - passage.start > _MAX_LIST_WORDS
    ):
        items.pop()
    if not items or items[0].context.beside:  # items with a lead of their own are another list
        return passage
    rest = _from_to(behind, items)
    return replace(passage, quote=f"{passage.quote} {rest.quote}", rest=PassageBeside(1, rest))


def _from_to(words: PageWords, items: Sequence[Passage]) -> Passage:
    first, last = items[0], items[-1]
    return make_passage(words, first.start, last.stop, first.context, kind=first.kind)


def _end(passages: Sequence[Passage], end: int) -> int | None:
    """Return the position of the first (0) or last (-1) passage of the body, if it is one of prose."""
    body = [i for i, p in enumerate(passages) if p.kind not in _AROUND_THE_BODY]
    if not body:
        return None
    passage = passages[body[end]]
    is_sentence = passage.kind in _BODY and passage.table is None and passage.field is None
    return body[end] if is_sentence and not passage.leads else None


def _body_end(words: PageWords, end: int) -> Passage | None:
    passages = passages_of(words)
    position = _end(passages, end)
    return None if position is None else passages[position]


def _is_unfinished(quote: str) -> bool:
    return not quote.rstrip(_CLOSERS).endswith(tuple(_ENDS))


def _continue(earlier: Passage, later: Passage) -> bool:
    """Say whether the second passage goes on with the first."""
    last_word = earlier.quote.split()[-1]
    needs_more = last_word.lower() in STOP_WORDS or last_word[-1] in ",-–"
    return later.quote[0].islower() or (needs_more and later.kind is BlockKind.TEXT)


def _join(first: str, second: str) -> str:
    is_parted = first.endswith("-") and second[0].islower() and first[-2:-1].isalpha()
    return first[:-1] + second if is_parted else f"{first} {second}"
