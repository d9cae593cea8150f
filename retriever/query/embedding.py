"""The multi-vector of a query of words, of an image, or of both together.

Dimension key: T query tokens, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indexer.base.pages import PageWords, QueryEmbedding, RenderedPage
from indexer.encoders.base import PageEncoder
from retriever.errors import ImageQueryUnsupported, InvalidQuery
from retriever.query.request import SearchQuery

if TYPE_CHECKING:
    from PIL.Image import Image

# Every token of a query is compared with every vector of a page: 20 x 20 cells of 28 px are enough to
# say what is on an image, and a page's own 768 would only cost more.
MAX_SIDE_PX = 560


def embed_queries(encoder: PageEncoder, queries: Sequence[SearchQuery]) -> list[QueryEmbedding]:
    """Encode texts, images, or both together, each (T, D) float32; all texts go in one batch.

    A query of both gives its image as much weight as its words, so the image's vectors are shorter than
    one then; only the words are content, because they say what is looked for on the page.
    Raises ImageQueryUnsupported, and InvalidQuery when the encoder gives NaN or infinite values.
    """
    texts = list(dict.fromkeys(q.question.search_text for q in queries if _needs_text(q)))
    by_text = dict(zip(texts, encoder.encode_queries(texts), strict=True))
    embeddings = [
        by_text[query.question.search_text]
        if query.image is None
        else _with_image(
            encoder,
            by_text[query.question.search_text] if query.has_words else None,
            query.image,
        )
        for query in queries
    ]
    if not all(np.isfinite(embedding.vectors).all() for embedding in embeddings):
        raise InvalidQuery("the encoder gave NaN or infinite values: check its checkpoint")
    return embeddings


def _needs_text(query: SearchQuery) -> bool:
    return query.image is None or query.has_words


def _with_image(encoder: PageEncoder, words: QueryEmbedding | None, image: Image) -> QueryEmbedding:
    """Join the image's tokens behind those of the words, where there are any."""
    looks = _look_at(encoder, image)
    if words is None:
        return looks
    weight = np.float32(len(words.vectors) / len(looks.vectors))
    return QueryEmbedding(
        vectors=np.concatenate([words.vectors, looks.vectors * weight]),
        tokens=words.tokens + looks.tokens,
        content=np.concatenate([words.content, np.zeros_like(looks.content)]),
    )


def _look_at(encoder: PageEncoder, image: Image) -> QueryEmbedding:
    """Encode the image as if it were a page: each of its vectors becomes a query token, (T, D)."""
    if encoder.reads_words:
        raise ImageQueryUnsupported(
            f"the {encoder.fingerprint.name} encoder reads words and cannot search with an image: "
            "ask in words, or index with an encoder that looks at pages, such as colqwen2"
        )
    small = image.convert("RGB")
    small.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
    page = RenderedPage(1, "", float(small.width), float(small.height), small, PageWords())
    (embedding,) = encoder.encode_pages([page])
    n_tokens = len(embedding.vectors)
    return QueryEmbedding(
        vectors=embedding.vectors.astype(np.float32),
        tokens=("",) * n_tokens,
        content=np.ones(n_tokens, np.bool_),
    )
