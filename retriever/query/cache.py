"""Keeps the multi-vectors of the last queries: a question asked again, or paged through, is encoded once."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from functools import partial

from indexer.base.lazy import Lazy
from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.catalog.collections import Collection
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder


class QueryCaches:
    """Hands out the encoder that made a collection, with its last `size` queries remembered.

    on_query  as in `QueryCache`
    """

    def __init__(
        self, encoders: KnownEncoders, size: int, on_query: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._encoders = encoders
        self._caches = {
            encoder: Lazy(partial(_cache_over, encoder, size, on_query)) for encoder in encoders.all
        }

    def of(self, collection: Collection) -> PageEncoder:
        """Return the encoder that made the collection. Raises EncoderMismatch, EncoderUnavailable."""
        return self._caches[collection.encoder_of(self._encoders)].get()


def _cache_over(encoder: LazyEncoder, size: int, on_query: Callable[[bool], None]) -> QueryCache:
    return QueryCache(encoder.for_questions(), size, on_query)


class QueryCache:
    """Wraps an encoder and remembers its last `size` queries. Safe to use from several threads.

    What it hands out is shared, so the vectors are read-only.

    on_query  called for every query, with True when its vectors were remembered
    """

    def __init__(
        self, encoder: PageEncoder, size: int, on_query: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._on_query = on_query
        self._encoder = encoder
        self._size = size
        self._embeddings: OrderedDict[tuple[str, str], QueryEmbedding] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def fingerprint(self) -> EncoderFingerprint:
        return self._encoder.fingerprint

    @property
    def reads_words(self) -> bool:
        return self._encoder.reads_words

    @property
    def window(self) -> int:
        return self._encoder.window

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        return self._encoder.encode_pages(pages)

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """Encode only the queries that are not remembered, as `PageEncoder.encode_queries`.

        Two threads that bring the same new query may both encode it; neither waits for the other.
        """
        space = json.dumps(self.fingerprint.to_dict(), sort_keys=True)
        by_text = {text: self._recall((space, text)) for text in texts}
        for text in texts:
            self._on_query(by_text[text] is not None)
        new = [text for text, embedding in by_text.items() if embedding is None]
        fresh = dict(zip(new, self._encoder.encode_queries(new), strict=True)) if new else {}
        for text, embedding in fresh.items():
            self._keep((space, text), embedding)
        return [by_text[text] or fresh[text] for text in texts]

    def _recall(self, key: tuple[str, str]) -> QueryEmbedding | None:
        with self._lock:
            if key in self._embeddings:
                self._embeddings.move_to_end(key)
            return self._embeddings.get(key)

    def _keep(self, key: tuple[str, str], embedding: QueryEmbedding) -> None:
        embedding.vectors.flags.writeable = False
        embedding.content.flags.writeable = False
        with self._lock:
            self._embeddings[key] = embedding
            while len(self._embeddings) > self._size:
                self._embeddings.popitem(last=False)
