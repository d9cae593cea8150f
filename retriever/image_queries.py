"""An image as a query: its vectors meet a page's as the vectors of a question's words do.

Dimension key: T query tokens, D dim.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from indexer.encoders.base import PageEncoder
from indexer.pages import PageWords, QueryEmbedding, RenderedPage
from retriever.errors import ImageQueryUnsupported

if TYPE_CHECKING:
    from PIL.Image import Image

# Every token of a query is compared with every vector of a page: 20 x 20 cells of 28 px are enough to
# say what is on an image, and a page's own 768 would only cost more.
MAX_SIDE_PX = 560


def embed_query(encoder: PageEncoder, text: str, image: Image | None) -> QueryEmbedding:
    """The multi-vector of a text, of an image, or of both together.

    Of both: the image weighs as much as the words, and only the words are content, because they say
    what is looked for on the page. The image's vectors are shorter than one then.
    Raises ImageQueryUnsupported.
    """
    if image is None:
        return encoder.encode_query(text)
    seen = _look_at(encoder, image)
    if not text.strip():
        return seen
    asked = encoder.encode_query(text)
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
