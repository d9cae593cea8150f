"""The last queries' multi-vectors, kept: a question asked again, or paged through, is encoded once."""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence

from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint, PageEncoder


class QueryCache:
    """Another encoder that remembers its last `size` queries. Safe to use from several threads.

    What it hands out is shared, so the vectors are read-only.

    on_query  told of every query whether it was remembered
    """

    def __init__(
        self, encoder: PageEncoder, size: int, on_query: Callable[[bool], None] = lambda _: None
    ) -> None:
        self._on_query = on_query
        self._encoder = encoder
        self._size = size
        self._kept: OrderedDict[tuple[str, str], QueryEmbedding] = OrderedDict()
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
        """Two threads that bring the same new query may both encode it; neither waits for the other."""
        space = json.dumps(self.fingerprint.to_dict(), sort_keys=True)
        found = {text: self._recalled((space, text)) for text in texts}
        for text in texts:
            self._on_query(found[text] is not None)
        new = [text for text, known in found.items() if known is None]
        made = dict(zip(new, self._encoder.encode_queries(new), strict=True)) if new else {}
        for text, query in made.items():
            self._keep((space, text), query)
        return [found[text] or made[text] for text in texts]

    def _recalled(self, key: tuple[str, str]) -> QueryEmbedding | None:
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
            return self._kept.get(key)

    def _keep(self, key: tuple[str, str], query: QueryEmbedding) -> None:
        query.vectors.flags.writeable = False
        query.content.flags.writeable = False
        with self._lock:
            self._kept[key] = query
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)
