"""Encoders of words: word pieces in context, on a CPU. `lite` is the one that needs no download.

Adjacent pieces of a line share a vector: half the vectors at the same ranking quality. Pairs stay within a
line, so that a vector's box is a piece of one line and never two lines high (nDCG@5 .594 against .581 for
pairs that cross lines, MMLongBench-Doc, 214 questions).
Dimension key: N page vectors (pieces, before they are pooled into M), T query tokens, D dim (128).
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import Boxes, PageEmbedding, PageWords, QueryEmbedding, RenderedPage
from indexer.base.reading import ReadWord
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.lite.content import ContentPieces
from indexer.encoders.lite.identity import FINGERPRINT, INT8_FINGERPRINT, POOL
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.onnx_model import OnnxMiniLM
from indexer.encoders.lite.pieces import PieceReader, Pieces, QueryPieces
from indexer.encoders.lite.runtimes import Runtimes, load_models
from indexer.encoders.lite.weights import (
    checked_weights,
    find_weights,
    load_projection,
    load_tokenizer,
)
from indexer.encoders.options import Runtime


class WordEncoder:
    """Encodes what `reader` reads, less the pieces that are no `content`. Safe to use from several threads.

    ends        the pieces before and behind a query
    scores_ends  whether they are compared with pages, too: what the model keeps in them differs
    """

    def __init__(
        self,
        fingerprint: EncoderFingerprint,
        reader: PieceReader,
        content: ContentPieces,
        ends: tuple[str, str] = ("[CLS]", "[SEP]"),
        *,
        scores_ends: bool = True,
    ) -> None:
        self._scores_ends = scores_ends
        self._fingerprint = fingerprint
        self._reader = reader
        self._content = content
        self._ends = ends

    @property
    def fingerprint(self) -> EncoderFingerprint:
        return self._fingerprint

    @property
    def reads_words(self) -> bool:
        return True

    @property
    def window(self) -> int:
        return 16

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        """Return one embedding per page, in order; a page without words has N = 0."""
        words_of_pages = [page.words.searched_words() for page in pages]
        pieces_of_pages = self._reader.read_pages(
            [[word.text for word in words] for words in words_of_pages]
        )
        return [
            self._embed(pieces, words, page.words)
            for pieces, words, page in zip(pieces_of_pages, words_of_pages, pages, strict=True)
        ]

    def _embed(
        self, pieces: Pieces, whole_words: Sequence[ReadWord], words: PageWords
    ) -> PageEmbedding:
        content_mask = self._content.mask(pieces.ids)
        positions = np.array([word.position for word in whole_words], np.int64)
        word_of = positions[pieces.words[content_mask]]
        return pool(pieces.vectors[content_mask], words.boxes[word_of], words.lines[word_of])

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Encode the content pieces (all when none is content; at most 254), and the ends."""
        return [self._embed_query(query) for query in self._reader.read_queries(texts)]

    def _embed_query(self, query: QueryPieces) -> QueryEmbedding:
        content_mask = self._content.mask(query.ids)
        if not content_mask.any():
            content_mask[:] = True
        has_ends = self._scores_ends or not len(content_mask)  # no query is without a vector
        vectors = query.vectors[np.concatenate([[has_ends], content_mask, [has_ends]])]
        texts = [piece for piece, keep in zip(query.texts, content_mask, strict=True) if keep]
        content = np.ones(len(vectors), np.bool_)
        if has_ends:
            texts = [self._ends[0], *texts, self._ends[1]]
            content[[0, -1]] = False
        return QueryEmbedding(
            vectors=vectors / np.linalg.norm(vectors, axis=1, keepdims=True),
            tokens=tuple(texts),
            content=content,
        )


class LiteEncoder(WordEncoder):
    """`weights` is a folder with MiniLM's files; default: the installed package's.

    runtime      what computes: `torch`, or `onnx` for ONNX Runtime; their vectors may share an index. `auto`:
                 torch on a GPU, and for pages where it is faster
    int8         multiply integers, by ONNX Runtime: vectors of an index of their own
    torchscript  see MiniLM
    one_thread   give torch no more than one

    Raises EncoderUnavailable when the weights are missing or not the expected ones, or the device
    is not there.
    """

    def __init__(
        self,
        *,
        device: str = "auto",
        weights: Path | None = None,
        runtime: Runtime = "auto",
        int8: bool = False,
        torchscript: bool = True,
        one_thread: bool = False,
    ) -> None:
        folder = weights or find_weights()
        path, projection = checked_weights(folder), load_projection()
        runtimes = Runtimes(
            lambda: OnnxMiniLM(path, projection=projection, int8=int8),
            lambda on: MiniLM(path, on, projection=projection, torchscript=torchscript),
        )
        model, of_pages = load_models(
            "lite", device, "onnx" if int8 else runtime, runtimes, one_thread=one_thread
        )
        tokenizer = load_tokenizer(folder)
        content = ContentPieces(tokenizer.get_vocab())
        fingerprint = INT8_FINGERPRINT if int8 else FINGERPRINT
        super().__init__(fingerprint, PieceReader(model, tokenizer, page_model=of_pages), content)


def group_starts(lines: NDArray[np.integer], size: int = POOL) -> NDArray[np.int64]:
    """Return the first piece of each group (M,), from line numbers (N,), equal ones adjacent."""
    places = np.arange(len(lines))
    begins = np.ones(len(lines), bool)
    begins[1:] = lines[1:] != lines[:-1]
    place_in_line = places - np.maximum.accumulate(np.where(begins, places, 0))
    return np.flatnonzero(place_in_line % size == 0)


def pool(vectors: NDArray[np.float32], boxes: Boxes, lines: NDArray[np.integer]) -> PageEmbedding:
    """Pool vectors (N, D), boxes (N, 4), lines (N,) into (M, D) unit vectors and enclosing boxes."""
    if len(vectors) == 0:
        return PageEmbedding(vectors.astype(np.float16), boxes.reshape(-1, 4))
    starts = group_starts(lines)
    sums = np.add.reduceat(vectors, starts, axis=0)
    sums /= np.linalg.norm(sums, axis=1, keepdims=True)
    low = np.minimum.reduceat(boxes[:, :2], starts, axis=0)
    high = np.maximum.reduceat(boxes[:, 2:], starts, axis=0)
    return PageEmbedding(sums.astype(np.float16), np.concatenate([low, high], axis=1))
