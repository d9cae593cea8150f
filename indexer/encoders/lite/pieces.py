"""Text -> word pieces in context: tokenise, cut into windows, run MiniLM, mix in the window's mean.

Dimension key: W words, N pieces, H hidden (384), D dim of the vectors (H, or 128 once projected).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.lite.identity import BETA, HIDDEN
from indexer.encoders.lite.windows import WINDOW, Window, windows_of

if TYPE_CHECKING:
    from tokenizers import Tokenizer
    from torch import Tensor

    from indexer.encoders.lite.model import MiniLM

TOKENS_PER_BATCH = 4096  # 16 full windows; one window alone is as fast a token on a CPU


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


class PieceReader:
    """`projection` (H, D) is applied to the mixed vectors; without one they stay (N, H)."""

    def __init__(
        self, model: MiniLM, tokenizer: Tokenizer, projection: NDArray[np.float32] | None
    ) -> None:
        import torch

        self._model = model
        self._tokenizer = tokenizer
        self._projection = (
            None if projection is None else torch.from_numpy(projection).to(model.device)
        )
        self._dim = HIDDEN if projection is None else projection.shape[1]
        vocabulary = tokenizer.get_vocab()
        self._cls, self._sep = vocabulary["[CLS]"], vocabulary["[SEP]"]

    def read_pages(self, pages: Sequence[Sequence[str]]) -> list[Pieces]:
        """W words of each page -> its pieces; windows of several pages share a batch."""
        encodings = self._tokenizer.encode_batch(
            [[_encodable(word) for word in words] for words in pages],
            is_pretokenized=True,
            add_special_tokens=False,
        )
        read = [
            Pieces(
                ids=np.array(encoding.ids, np.int64),
                words=np.array(encoding.word_ids, np.int64),
                vectors=np.empty((len(encoding), self._dim), np.float32),
            )
            for encoding in encodings
        ]
        self._fill(read)
        return read

    def read_query(self, text: str) -> QueryPieces:
        """One window: pieces after the first 254 are not read."""
        text = _encodable(text)
        encoding = self._tokenizer.encode(text, add_special_tokens=False)
        ids = encoding.ids[:WINDOW]
        vectors = self._mix(self._model.hidden([self._framed(ids)]))
        return QueryPieces(
            ids=np.array(ids, np.int64),
            texts=tuple(text[start:stop] for start, stop in encoding.offsets[:WINDOW]),
            vectors=vectors.cpu().numpy(),
        )

    def _fill(self, pages: Sequence[Pieces]) -> None:
        """Writes the vectors of all pages, window by window, longest first."""
        jobs = [(page, window) for page in pages for window in windows_of(len(page.ids))]
        jobs.sort(key=lambda job: job[1].start - job[1].stop)
        for batch in _batches(jobs):
            windows = [self._framed(page.ids[w.start : w.stop].tolist()) for page, w in batch]
            hidden = self._model.hidden(windows)
            row = 0
            for (page, w), window in zip(batch, windows, strict=True):
                mixed = self._mix(hidden[row : row + len(window)])
                row += len(window)
                owned = mixed[1 + w.own_start - w.start : 1 + w.own_stop - w.start]
                page.vectors[w.own_start : w.own_stop] = owned.cpu().numpy()

    def _framed(self, ids: list[int]) -> list[int]:
        return [self._cls, *ids, self._sep]

    def _mix(self, hidden: Tensor) -> Tensor:
        """One window's states (N, H) -> (N, D), l2-normalised before the projection."""
        import torch
        from torch.nn.functional import normalize

        with torch.inference_mode():
            tokens = normalize(hidden, dim=-1)
            mixed = normalize(tokens + BETA * tokens.mean(dim=0), dim=-1)
            return mixed if self._projection is None else mixed @ self._projection


def _batches(jobs: Sequence[tuple[Pieces, Window]]) -> Iterator[list[tuple[Pieces, Window]]]:
    batch: list[tuple[Pieces, Window]] = []
    n_tokens = 0
    for job in jobs:
        length = job[1].stop - job[1].start + 2
        if batch and n_tokens + length > TOKENS_PER_BATCH:
            yield batch
            batch, n_tokens = [], 0
        batch.append(job)
        n_tokens += length
    if batch:
        yield batch


def _encodable(text: str) -> str:
    """Lone surrogates, which the tokenizer refuses, become `?`."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
