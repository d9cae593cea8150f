"""What is sent to an encoder apart arrives as it was, and what is garbled is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from PIL import Image

from indexer.base.pages import PageEmbedding, PageWords, QueryEmbedding, RenderedPage
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.remote import wire
from tests.support.factories import words

ANY_BYTES = 1 << 30
PICTURE = {"width_pt": 1, "height_pt": 1, "n_bytes": 8}


def page(text: str = "", size_px: tuple[int, int] = (9, 5)) -> RenderedPage:
    noise = np.random.default_rng(len(text)).integers(0, 256, (*size_px[::-1], 3), np.uint8)
    text_words = words(text) if text else PageWords()
    return RenderedPage(3, "iii", 612.0, 792.5, Image.fromarray(noise), text_words)


def test_words_arrive_with_their_boxes_lines_and_marks() -> None:
    pages = [page("Tighten 45 Nm\nto ½ of ☐ ✓ 狐"), page()]
    ((n, message),) = wire.pack_pages(pages, reads_words=True, max_pages=9, max_bytes=ANY_BYTES)
    assert n == 2
    for sent, arrived in zip(pages, wire.unpack_pages(message), strict=True):
        assert arrived.words.texts == sent.words.texts
        assert (arrived.width_pt, arrived.height_pt) == (612.0, 792.5)
        for name in ("boxes", "lines", "marks"):
            np.testing.assert_array_equal(getattr(arrived.words, name), getattr(sent.words, name))


def test_images_arrive_pixel_for_pixel_in_as_many_messages_as_fit() -> None:
    pages = [page("a" * n, (40, 30)) for n in range(1, 6)]
    messages = list(wire.pack_pages(pages, reads_words=False, max_pages=2, max_bytes=ANY_BYTES))
    assert [n for n, _ in messages] == [2, 2, 1]
    arrived = [page for _, message in messages for page in wire.unpack_pages(message)]
    for one, other in zip(pages, arrived, strict=True):
        assert one.image.tobytes() == other.image.tobytes() and one.image.size == other.image.size
    alone = wire.pack_pages(pages, reads_words=False, max_pages=9, max_bytes=1)
    assert [n for n, _ in alone] == [1] * 5


def test_embeddings_arrive_bit_for_bit() -> None:
    rng = np.random.default_rng(0)
    sent = [
        PageEmbedding(
            rng.standard_normal((n, 7)).astype(np.float16),
            rng.integers(0, 65536, (n, 4)).astype(np.uint16),
        )
        for n in (3, 0, 1)
    ]
    arrived = wire.unpack_page_embeddings(wire.pack_page_embeddings(sent), dim=7)
    for one, other in zip(sent, arrived, strict=True):
        np.testing.assert_array_equal(one.vectors, other.vectors)
        np.testing.assert_array_equal(one.boxes, other.boxes)
    queries = FakeEncoder().encode_queries(["Which ünit?", ""])
    answers = wire.unpack_query_embeddings(wire.pack_query_embeddings(queries), dim=32)
    for query, answer in zip(queries, answers, strict=True):
        assert isinstance(answer, QueryEmbedding) and answer.tokens == query.tokens
        np.testing.assert_array_equal(answer.vectors, query.vectors)
        np.testing.assert_array_equal(answer.content, query.content)


def message_of(head: object, body: bytes = b"") -> bytes:
    text = json.dumps(head).encode()
    return len(text).to_bytes(4, "big") + text + body


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"\xff\xff\xff\xff{}",
        message_of([]),
        message_of({}),
        message_of({"pages": [{"n_bytes": 3}]}),
        message_of({"pages": [{"width_pt": 1, "height_pt": 1, "n_bytes": 3}]}, b"abc"),
        message_of({"pages": []}, b"more"),
        # A few bytes that claim to be an image which fills the memory, and too few.
        message_of({"pages": [PICTURE | {"size_px": [10**6, 10**6]}]}, b"x\x9c\x03\0\0\0\0\1"),
        message_of({"pages": [PICTURE | {"size_px": [2, 2]}]}, b"x\x9c\x03\0\0\0\0\1"),
    ],
)
def test_a_garbled_message_is_refused(message: bytes) -> None:
    with pytest.raises(wire.GarbledMessage):
        wire.unpack_pages(message)
    with pytest.raises(wire.GarbledMessage):
        wire.unpack_page_embeddings(message, dim=8)
    with pytest.raises(wire.GarbledMessage):
        wire.unpack_queries(message)
    with pytest.raises(wire.GarbledMessage):
        wire.unpack_query_embeddings(message, dim=8)
