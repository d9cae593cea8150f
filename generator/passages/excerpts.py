"""Chooses what of the pages goes into a short prompt: the passages that may hold the answer, in page order.

A model on a processor reads 45 to 90 tokens a second (1.5 billion parameters, measured): five whole pages
would take it minutes.
"""

from __future__ import annotations

from collections.abc import Sequence

from generator.passages.questions.parsed_question import read_question
from generator.passages.splitting.page_passages import passages_of
from generator.passages.splitting.passage import Passage
from generator.passages.support import ReadPage, quotations
from indexer.base.pages import QueryEmbedding

_GAP = "…"
_BEFORE, _BEHIND = 1, 3  # a passage is read with so many before and behind it: it may be a heading


def excerpts(
    question: str, query: QueryEmbedding, pages: Sequence[ReadPage], max_characters: int
) -> list[str]:
    """Return the text of each page that fits in `max_characters` together; empty where none was chosen.

    Pages that fit whole are given whole: the same pages then make the same prompt again. Passages come
    with their neighbours, and with the heading and column header above them.
    """
    texts = [page.words.text() for page in pages]
    if sum(map(len, texts)) <= max_characters:
        return texts
    own = [passages_of(page.words) for page in pages]
    chosen_passages = _choose(question, query, pages, own, max_characters)
    return [_text_of(own[i], sorted(chosen_passages[i])) for i in range(len(pages))]


def _choose(
    question: str,
    query: QueryEmbedding,
    pages: Sequence[ReadPage],
    own: Sequence[Sequence[Passage]],
    max_characters: int,
) -> list[set[int]]:
    """Return the positions of the passages of each page, taken strongest first until the room is spent."""
    positions = {id(page): i for i, page in enumerate(pages)}
    chosen_positions: list[set[int]] = [set() for _ in pages]
    left = max_characters
    for quotation in quotations(read_question(question), query, pages):
        i = positions[id(quotation.page)]
        middle = _position_of(own[i], quotation.passage.start)
        near = range(max(middle - _BEFORE, 0), min(middle + _BEHIND + 1, len(own[i])))
        new = [j for j in near if j not in chosen_positions[i]]
        n_characters = sum(len(own[i][j].quote) + 1 for j in new)
        n_characters += sum(map(len, own[i][middle].context))
        if n_characters > left:
            if any(chosen_positions):
                break
            new = [middle]  # a single passage that is longer than all the room is cut by the prompt
        chosen_positions[i].update(new)
        left -= n_characters
    return chosen_positions


def _position_of(passages: Sequence[Passage], start: int) -> int:
    return next(i for i, passage in enumerate(passages) if passage.stop > start)


def _text_of(passages: Sequence[Passage], positions: Sequence[int]) -> str:
    lines: list[str] = []
    before = -1
    for i in positions:
        if i != before + 1:
            lines.append(_GAP)
        lines += [text for text in passages[i].context if text and text not in lines]
        if passages[i].quote not in lines:
            lines.append(passages[i].quote)
        before = i
    return "\n".join(lines)
