"""What the reader sees of a passage: the question, what stands around the passage, the passage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tokenizers import Tokenizer

_CLS, _SEP = 101, 102
_MAX_QUESTION, _MAX_HEADING, _MAX_BEFORE, _MAX_PASSAGE = 32, 10, 8, 60


class Window(NamedTuple):
    """Piece ids with their ends; the passage is those from `start` on, less the last.

    offsets  characters of the passage's text that each of its pieces is
    """

    ids: list[int]
    start: int
    offsets: list[tuple[int, int]]


def window_of(
    tokenizer: Tokenizer,
    question: Sequence[int],
    heading: str,
    before: str,
    text: str,
    first: int = 0,
) -> Window:
    """Return a window; of a long passage the pieces from `first` on.

    heading  what stands above the passage and belongs to it: heading, lead, caption
    before   the sentence before it
    """
    ids = [_CLS, *question[:_MAX_QUESTION], _SEP]
    if heading:
        ids += tokenizer.encode(heading, add_special_tokens=False).ids[:_MAX_HEADING]
    if before:
        ids += tokenizer.encode(before, add_special_tokens=False).ids[-_MAX_BEFORE:]
    ids.append(_SEP)
    passage = tokenizer.encode(text, add_special_tokens=False)
    start = len(ids)
    stop = first + _MAX_PASSAGE
    ids += [*passage.ids[first:stop], _SEP]
    return Window(ids, start, passage.offsets[first:stop])


def question_pieces(tokenizer: Tokenizer, question: str) -> list[int]:
    """Return the piece ids of a question, as many of them as a window has room for."""
    return list(tokenizer.encode(question, add_special_tokens=False).ids[:_MAX_QUESTION])
