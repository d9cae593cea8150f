"""An image as a query: its vectors meet a page's as the vectors of a question's words do.

Dimension key: T query tokens, D dim.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from indexer.base.pages import PageWords, QueryEmbedding, RenderedPage
from indexer.encoders.base import PageEncoder
from retriever.errors import ImageQueryUnsupported

if TYPE_CHECKING:
    from PIL.Image import Image

# Every token of a query is compared with every vector of a page: 20 x 20 cells of 28 px are enough to
# say what is on an image, and a page's own 768 would only cost more.
MAX_SIDE_PX = 560


def embed_queries(
    encoder: PageEncoder, queries: Sequence[tuple[str, Image | None]]
) -> list[QueryEmbedding]:
    """The multi-vectors of texts, of images, or of both together; all texts are encoded at once.

    Of both: the image weighs as much as the words, and only the words are content, because they say
    what is looked for on the page. The image's vectors are shorter than one then.
    Raises ImageQueryUnsupported.
    """
    texts = list(dict.fromkeys(text for text, image in queries if image is None or text.strip()))
    asked = dict(zip(texts, encoder.encode_queries(texts), strict=True))
    return [
        asked[text]
        if image is None
        else _with_image(encoder, asked[text] if text.strip() else None, image)
        for text, image in queries
    ]


def _with_image(encoder: PageEncoder, asked: QueryEmbedding | None, image: Image) -> QueryEmbedding:
    """asked  the words beside the image, None where there are none"""
    seen = _look_at(encoder, image)
    if asked is None:
        return seen
    weight = np.float32(len(asked.vectors) / len(seen.vectors))
    return QueryEmbedding(
        vectors=np.concatenate([asked.vectors, seen.vectors * weight]),
        tokens=asked.tokens + seen.tokens,
        content=np.concatenate([asked.content, np.zeros_like(seen.content)]),
    )


def _look_at(encoder: PageEncoder, image: Image) -> QueryEmbedding:
    """(T, D) a token for each vector that the encoder makes of the image as if it were a page."""
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
