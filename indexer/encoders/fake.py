"""An encoder without a model, for tests and demonstrations: equal words match, nothing else does."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import PageEmbedding, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint

DIM = 32
_WORD = re.compile(r"[^\W_]+")


class FakeEncoder:
    """A page vector per word, made of the word's hash; fast, and the same on every machine.

    `name` and `revision` go into the fingerprint only, so that a test can have two encoders.
    """

    def __init__(self, name: str = "fake", revision: str = "1") -> None:
        self._fingerprint = EncoderFingerprint(
            name=name, checkpoint="hashed-words", revision=revision, dim=DIM
        )

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
        return [_embed(page) for page in pages]

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        """A vector per word; a text without words gives one token that is not content."""
        return [_embed_query(text) for text in texts]


def _embed_query(text: str) -> QueryEmbedding:
    words = tuple(_WORD.findall(text))
    tokens = words or ("",)
    return QueryEmbedding(
        vectors=np.stack([_vector(token.casefold()) for token in tokens]),
        tokens=tokens,
        content=np.full(len(tokens), bool(words)),
    )


def _embed(page: RenderedPage) -> PageEmbedding:
    embedded_words = [
        (_vector(part), page.words.boxes[word.position])
        for word in page.words.searched_words()
        for part in _WORD.findall(word.text.casefold())
    ]
    if not embedded_words:
        return PageEmbedding(np.zeros((0, DIM), np.float16), np.zeros((0, 4), np.uint16))
    vectors, boxes = zip(*embedded_words, strict=True)
    return PageEmbedding(np.stack(vectors).astype(np.float16), np.stack(boxes))


@lru_cache(maxsize=65536)
def _vector(word: str) -> NDArray[np.float32]:
    """Return a unit vector (32,) from 64 bytes of hash."""
    digest = hashlib.blake2b(word.encode("utf-8", "replace"), digest_size=2 * DIM).digest()
    values = np.frombuffer(digest, "<i2").astype(np.float32)
    values /= np.linalg.norm(values)
    values.flags.writeable = False
    return values
