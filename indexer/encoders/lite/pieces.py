"""Read text as word pieces in context: tokenise, cut into windows, run MiniLM, mix in the window's mean.

Dimension key: W words, N pieces, H hidden (384), D dim of the vectors (H, or 128 once projected).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from indexer.base.reading import encodable
from indexer.encoders.lite.windows import WINDOW, windows_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer

Owner = TypeVar("Owner")  # whom a window is for

TOKENS_PER_BATCH = 1024  # 4 full windows: what a layer hands on stays in a processor's cache


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """The pieces of one page: ids (N,) int64, number of the word each is of (N,), vectors (N, D)."""

    ids: NDArray[np.int64]
    words: NDArray[np.int64]
    vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class QueryPieces:
    """A query's pieces between [CLS] and [SEP]: ids (N,), texts N, vectors (N + 2, D)."""

    ids: NDArray[np.int64]
    texts: tuple[str, ...]
    vectors: NDArray[np.float32]


class WindowModel(Protocol):
    """What gives each token of a window a vector of `dim` numbers: by torch, or by ONNX Runtime."""

    @property
    def dim(self) -> int: ...

    def vectors(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Token ids of whole windows -> (N, D), the windows' rows one after another.

        Neighbours of equal length are computed together: give windows sorted by length.
        """
        ...


class PieceReader:
    """Reads with one model, or pages with another than questions.

    ends          the pieces before and behind a window
    page_prefix, query_prefix  what the model was trained to see before a text; it has no vectors of its own
    """

    def __init__(
        self,
        model: WindowModel,
        tokenizer: Tokenizer,
        *,
        page_model: WindowModel | None = None,
        ends: tuple[str, str] = ("[CLS]", "[SEP]"),
        page_prefix: str = "",
        query_prefix: str = "",
    ) -> None:
        self._model = model
        self._page_model = page_model or model
        self._tokenizer = tokenizer
        vocabulary = tokenizer.get_vocab()
        self._first, self._last = (vocabulary[end] for end in ends)
        self._page_prefix, self._query_prefix = (
            tokenizer.encode(prefix, add_special_tokens=False).ids if prefix else []
            for prefix in (page_prefix, query_prefix)
        )

    def read_pages(self, pages: Sequence[Sequence[str]]) -> list[Pieces]:
        """Return the pieces of each page of W words; windows of several pages share a batch."""
        encodings = self._tokenizer.encode_batch(
            [[encodable(word) for word in words] for words in pages],
            is_pretokenized=True,
            add_special_tokens=False,
        )
        pieces = [
            Pieces(
                ids=np.array(encoding.ids, np.int64),
                words=np.array(encoding.word_ids, np.int64),
                vectors=np.empty((len(encoding), self._model.dim), np.float32),
            )
            for encoding in encodings
        ]
        self._fill(pieces)
        return pieces

    def read_queries(self, texts: Sequence[str]) -> list[QueryPieces]:
        """Return the pieces of each query: one window, nothing after the first 254 pieces."""
        texts = [encodable(text) for text in texts]
        encodings = self._tokenizer.encode_batch(texts, add_special_tokens=False)
        queries = [
            QueryPieces(
                ids=np.array(encoding.ids[:WINDOW], np.int64),
                texts=tuple(text[start:stop] for start, stop in encoding.offsets[:WINDOW]),
                vectors=np.empty((len(encoding.ids[:WINDOW]) + 2, self._model.dim), np.float32),
            )
            for text, encoding in zip(texts, encodings, strict=True)
        ]
        windows = [(query, query.ids) for query in queries]
        for query, vectors in self._vectors(self._model, windows, self._query_prefix):
            query.vectors[:] = vectors
        return queries

    def _fill(self, pages: Sequence[Pieces]) -> None:
        """Write the vectors of all pages, window by window."""
        windows = [
            ((page, window), page.ids[window.start : window.stop])
            for page in pages
            for window in windows_of(len(page.ids))
        ]
        for (page, w), vectors in self._vectors(self._page_model, windows, self._page_prefix):
            rows = vectors[1 + w.own_start - w.start : 1 + w.own_stop - w.start]
            page.vectors[w.own_start : w.own_stop] = rows

    def _vectors(
        self,
        model: WindowModel,
        windows: Sequence[tuple[Owner, NDArray[np.int64]]],
        prefix: Sequence[int],
    ) -> Iterator[tuple[Owner, NDArray[np.float32]]]:
        """Yield vectors (N + 2, D) for windows of ids (N,), longest first, each with its owner."""
        for batch in _batches(sorted(windows, key=lambda window: -len(window[1]))):
            token_ids = [[self._first, *prefix, *ids.tolist(), self._last] for _, ids in batch]
            vectors = model.vectors(token_ids)
            parts = np.split(vectors, np.cumsum([*map(len, token_ids)])[:-1])
            if prefix:
                parts = [np.delete(part, slice(1, 1 + len(prefix)), axis=0) for part in parts]
            yield from zip((owner for owner, _ in batch), parts, strict=True)


def _batches(
    windows: Iterable[tuple[Owner, NDArray[np.int64]]],
) -> Iterator[list[tuple[Owner, NDArray[np.int64]]]]:
    batch: list[tuple[Owner, NDArray[np.int64]]] = []
    n_tokens = 0
    for window in windows:
        length = len(window[1]) + 2
        if batch and n_tokens + length > TOKENS_PER_BATCH:
            yield batch
            batch, n_tokens = [], 0
        batch.append(window)
        n_tokens += length
    if batch:
        yield batch
