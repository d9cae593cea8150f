"""Pages, queries and their multi-vectors as bytes: what an encoder apart is sent, and what it answers.

A message is the length of its head (4 bytes, big-endian), the head in JSON, and the bytes of its parts one
after another; numbers are little-endian.
Dimension key: N page vectors, T query tokens, D dim.
"""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

from indexer.base.layout import PageLayout
from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding, RenderedPage
from indexer.encoders.base import EncoderFingerprint, PageEncoder

PATH_OF_PAGES = "/v1/pages"
PATH_OF_QUERIES = "/v1/queries"
PATH_OF_ENCODER = "/v1/encoder"
FINGERPRINT_HEADER = "Pagesight-Encoder"  # of a request: the encoder that it is meant for
MEDIA_TYPE = "application/octet-stream"

_LENGTH_BYTES = 4
_MAX_PAGE_PX = 64_000_000


class GarbledMessage(Exception):
    """These bytes are none that this module wrote."""


@dataclass(frozen=True, slots=True)
class EncoderDescription:
    """What an encoder apart says of itself; the fields are those of PageEncoder."""

    fingerprint: EncoderFingerprint
    reads_words: bool
    window: int

    @classmethod
    def of(cls, encoder: PageEncoder) -> EncoderDescription:
        return cls(encoder.fingerprint, encoder.reads_words, encoder.window)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> EncoderDescription:
        fingerprint = EncoderFingerprint.from_dict(values["fingerprint"])
        return cls(fingerprint, bool(values["reads_words"]), int(values["window"]))


def digest_of(fingerprint: EncoderFingerprint) -> str:
    """Return a fingerprint as 64 characters, equal where the fingerprints are."""
    text = json.dumps(fingerprint.to_dict(), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def pack_pages(
    pages: Iterable[RenderedPage], *, reads_words: bool, max_pages: int, max_bytes: int
) -> Iterator[tuple[int, bytes]]:
    """Write what an encoder sees of pages: their words without a layout, or their images as they are.

    Yields messages with the number of their pages, each of at most `max_pages` and `max_bytes`; a larger page
    goes alone.
    """
    heads: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for page in pages:
        head, part = _page_part(page, reads_words=reads_words)
        n_bytes = sum(map(len, parts)) + len(part)
        if parts and (len(parts) == max_pages or n_bytes > max_bytes):
            yield len(parts), _message({"pages": heads}, parts)
            heads, parts = [], []
        heads.append(head | {"n_bytes": len(part)})
        parts.append(part)
    if parts:
        yield len(parts), _message({"pages": heads}, parts)


def _page_part(page: RenderedPage, *, reads_words: bool) -> tuple[dict[str, Any], bytes]:
    head: dict[str, Any] = {"width_pt": page.width_pt, "height_pt": page.height_pt}
    if reads_words:
        return head, replace(page.words, layout=PageLayout()).to_bytes()
    image = page.image.convert("RGB")
    return head | {"size_px": image.size}, zlib.compress(image.tobytes(), 1)


def unpack_pages(message: bytes) -> list[RenderedPage]:
    """Read pages; what was not sent of one is blank. Raises GarbledMessage."""
    head, body = _head_of(message)
    pages: list[RenderedPage] = []
    try:
        start = 0
        for number, page in enumerate(head["pages"], 1):
            part = body[start : start + page["n_bytes"]]
            start += page["n_bytes"]
            size_px = page.get("size_px")
            words = PageWords.from_bytes(part) if size_px is None else PageWords()
            image = Image.new("RGB", (1, 1)) if size_px is None else _image(part, size_px)
            size_pt = float(page["width_pt"]), float(page["height_pt"])
            pages.append(RenderedPage(number, str(number), *size_pt, image, words))
    except (KeyError, TypeError, ValueError, OverflowError, zlib.error) as error:
        raise GarbledMessage(f"its pages cannot be read ({error})") from error
    if start != len(body):
        raise GarbledMessage("its parts are not as long as its head says")
    return pages


def pack_page_embeddings(embeddings: Sequence[PageEmbedding]) -> bytes:
    counts = [len(embedding.vectors) for embedding in embeddings]
    vectors = (embedding.vectors.astype("<f2").tobytes() for embedding in embeddings)
    boxes = (embedding.boxes.astype("<u2").tobytes() for embedding in embeddings)
    return _message({"counts": counts}, [*vectors, *boxes])


def unpack_page_embeddings(message: bytes, dim: int) -> list[PageEmbedding]:
    """Read embeddings of N vectors of `dim` each. Raises GarbledMessage."""
    head, body = _head_of(message)
    try:
        n = sum(head["counts"])
        vectors = np.frombuffer(body, "<f2", n * dim).reshape(n, dim).astype(np.float16)
        boxes = np.frombuffer(body, "<u2", n * 4, vectors.nbytes).reshape(n, 4).astype(np.uint16)
        if vectors.nbytes + boxes.nbytes != len(body):
            raise ValueError("its parts are not as long as its head says")  # noqa: TRY301
        ends = np.cumsum(head["counts"])[:-1]
        by_page = zip(np.split(vectors, ends), np.split(boxes, ends), strict=True)
        return [PageEmbedding(rows, of_rows) for rows, of_rows in by_page]
    except (KeyError, TypeError, ValueError) as error:
        raise GarbledMessage(f"its embeddings cannot be read ({error})") from error


def pack_queries(texts: Sequence[str]) -> bytes:
    return _message({"texts": list(texts)}, ())


def unpack_queries(message: bytes) -> list[str]:
    """Raises GarbledMessage."""
    head, _ = _head_of(message)
    texts = head.get("texts")
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise GarbledMessage("its queries cannot be read")
    return texts


def pack_query_embeddings(embeddings: Sequence[QueryEmbedding]) -> bytes:
    head = {
        "tokens": [embedding.tokens for embedding in embeddings],
        "content": [embedding.content.tolist() for embedding in embeddings],
    }
    return _message(head, (embedding.vectors.astype("<f4").tobytes() for embedding in embeddings))


def unpack_query_embeddings(message: bytes, dim: int) -> list[QueryEmbedding]:
    """Read embeddings of T vectors of `dim` each. Raises GarbledMessage."""
    head, body = _head_of(message)
    try:
        counts = [len(tokens) for tokens in head["tokens"]]
        vectors = np.frombuffer(body, "<f4").reshape(sum(counts), dim).astype(np.float32)
        rows = np.split(vectors, np.cumsum(counts)[:-1])
        return [
            QueryEmbedding(of_query, tuple(tokens), np.array(content, np.bool_))
            for of_query, tokens, content in zip(rows, head["tokens"], head["content"], strict=True)
        ]
    except (KeyError, TypeError, ValueError) as error:
        raise GarbledMessage(f"its embeddings cannot be read ({error})") from error


def _image(part: bytes, size_px: Sequence[int]) -> Image.Image:
    """Raises ValueError for a part that is not as many pixels as it says, before they fill the memory."""
    width, height = size_px
    n_bytes = 3 * width * height
    if not 0 < n_bytes <= 3 * _MAX_PAGE_PX:
        raise ValueError(f"an image of {width} x {height} pixels")
    pixels = zlib.decompressobj().decompress(part, n_bytes + 1)
    return Image.frombytes("RGB", (width, height), pixels)


def _message(head: dict[str, Any], parts: Iterable[bytes]) -> bytes:
    head_bytes = json.dumps(head).encode()
    return b"".join([len(head_bytes).to_bytes(_LENGTH_BYTES, "big"), head_bytes, *parts])


def _head_of(message: bytes) -> tuple[dict[str, Any], bytes]:
    """Return the head and the bytes of the parts. Raises GarbledMessage."""
    end = _LENGTH_BYTES + int.from_bytes(message[:_LENGTH_BYTES], "big")
    try:
        head = json.loads(message[_LENGTH_BYTES:end])
    except ValueError as error:
        raise GarbledMessage("its head is no JSON") from error
    if not isinstance(head, dict):
        raise GarbledMessage("its head is no JSON object")
    return head, message[end:]
