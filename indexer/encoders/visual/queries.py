"""Tokenize a question as the model was trained to read it, and mark the tokens of its words.

Dimension key: T query tokens.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.reading import encodable
from indexer.encoders.visual.facts import QueryFormat

# Ten times what the models were trained with (50); a longer text is cut, or one request could ask for
# any amount of memory.
MAX_QUESTION_TOKENS = 512


@dataclass(frozen=True, slots=True)
class QueryTokens:
    """ids and pieces of T tokens; `content` (T,) is true where the question's words are."""

    ids: list[int]
    pieces: tuple[str, ...]
    content: NDArray[np.bool_]


def tokenize_query(tokenizer: Any, query: QueryFormat, text: str) -> QueryTokens:
    """Tokenize with a fast transformers tokenizer. The question cannot bring special tokens in."""
    question = _truncate(tokenizer, _plain(tokenizer, text))
    whole = query.wrap(question)
    encoding = tokenizer(whole, return_offsets_mapping=True)
    ids: list[int] = list(encoding["input_ids"])
    start, stop = len(query.prefix), len(query.prefix) + len(question)
    # A piece often begins with the space before its word, which may be the prefix's.
    spans = [(max(a, start), min(b, stop)) for a, b in encoding["offset_mapping"]]
    inside = np.array([a < b for a, b in spans], np.bool_)
    has_letters = np.array([any(map(str.isalnum, whole[a:b])) for a, b in spans], np.bool_) & inside
    names = tokenizer.convert_ids_to_tokens(ids)
    pieces = (
        whole[a:b].strip() or name if a < b else name
        for (a, b), name in zip(spans, names, strict=True)
    )
    return QueryTokens(ids, tuple(pieces), has_letters if has_letters.any() else inside)


def _plain(tokenizer: Any, text: str) -> str:
    """Remove the spellings of special tokens: '<|image_pad|>' would be read as an image."""
    text = encodable(text)
    for special in sorted(tokenizer.all_special_tokens, key=len, reverse=True):
        text = text.replace(special, " ")
    return text.strip()


def _truncate(tokenizer: Any, text: str) -> str:
    # A token is at most a few characters; this spares reading megabytes to throw them away.
    text = text[: MAX_QUESTION_TOKENS * 32]
    offsets = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    spans = offsets["offset_mapping"]
    return text if len(spans) <= MAX_QUESTION_TOKENS else text[: spans[MAX_QUESTION_TOKENS - 1][1]]
