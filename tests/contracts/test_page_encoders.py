"""One suite over every encoder that needs nothing but this installation."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

from indexer.base.pages import RenderedPage
from indexer.encoders.base import PageEncoder
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import fingerprint_of, load_encoder
from retriever.query.cache import QueryCache
from tests.support.colbert_checkpoint import save_colbert
from tests.support.factories import words

TEXTS = (
    "The quick brown fox jumps over the lazy dog.\nIt was seen near the river, again and again.",
    "Revenue grew 12.5 % to $4,317 million\nNet income 2021 2020\nOperating costs fell",
    "\n".join(
        f"Line {i} tells of pumps, bolts and unpressurised housings, 4.{i} Nm" for i in range(25)
    ),
    "☐ ✓ --- ... !!",
    "",
)


POOLED = {"fake pooled": ("fake", 2), "lite pooled": ("lite", 3)}


class Choice(NamedTuple):
    name: str
    options: EncoderOptions
    is_remembered: bool = False


@pytest.fixture(
    scope="session",
    params=["fake", "lite", "lite by ONNX", "lite-int8", "colbert", *POOLED, "fake remembered"],
)
def choice(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Choice:
    if request.param == "fake remembered":
        return Choice("fake", EncoderOptions(), is_remembered=True)
    if request.param == "lite by ONNX":
        return Choice("lite", EncoderOptions(lite_runtime="onnx"))
    if request.param == "colbert":
        folder = save_colbert(tmp_path_factory.mktemp("colbert"))
        return Choice("colbert", EncoderOptions(checkpoint=str(folder)))
    name, factor = POOLED.get(request.param, (request.param, 1))
    return Choice(name, EncoderOptions(token_pooling=factor))


@pytest.fixture(scope="session")
def encoder(choice: Choice) -> PageEncoder:
    encoder = load_encoder(choice.name, device="cpu", options=choice.options)
    return QueryCache(encoder, 4) if choice.is_remembered else encoder


def page(text: str) -> RenderedPage:
    image = Image.new("RGB", (8, 8), "white")
    return RenderedPage(1, "1", 612.0, 792.0, image, words(text))


def test_there_is_one_embedding_per_page_and_one_box_per_vector(encoder: PageEncoder) -> None:
    embeddings = encoder.encode_pages([page(text) for text in TEXTS])
    assert len(embeddings) == len(TEXTS)
    for embedding in embeddings:
        assert embedding.vectors.dtype == np.float16
        assert embedding.boxes.dtype == np.uint16
        assert embedding.vectors.shape == (len(embedding.boxes), encoder.fingerprint.dim)


def test_page_vectors_are_unit_vectors(encoder: PageEncoder) -> None:
    for embedding in encoder.encode_pages([page(text) for text in TEXTS]):
        lengths = np.linalg.norm(embedding.vectors.astype(np.float32), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=2e-3)


def test_every_box_is_ordered_and_encloses_words_of_the_page(encoder: PageEncoder) -> None:
    source = page(TEXTS[2])
    (embedding,) = encoder.encode_pages([source])
    edges = source.words.boxes
    for x0, y0, x1, y1 in embedding.boxes.tolist():
        assert x0 <= x1
        assert y0 <= y1
        # Drawn around words, so that each side is one's; and at least one lies within.
        assert x0 in edges[:, 0] and y0 in edges[:, 1]
        inside = (edges[:, :2] >= (x0, y0)).all(axis=1) & (edges[:, 2:] <= (x1, y1)).all(axis=1)
        assert inside.any()


def test_no_pages_give_no_embeddings(encoder: PageEncoder) -> None:
    assert encoder.encode_pages([]) == []


def test_a_page_without_words_has_no_vectors(encoder: PageEncoder) -> None:
    (embedding,) = encoder.encode_pages([page("")])
    assert embedding.vectors.shape == (0, encoder.fingerprint.dim)
    assert embedding.vectors.dtype == np.float16


def test_the_same_page_gives_the_same_vectors(encoder: PageEncoder) -> None:
    first, second = (encoder.encode_pages([page(TEXTS[1])])[0] for _ in range(2))
    np.testing.assert_array_equal(first.vectors, second.vectors)
    np.testing.assert_array_equal(first.boxes, second.boxes)


def test_batch_mates_do_not_change_a_page(encoder: PageEncoder) -> None:
    together = encoder.encode_pages([page(text) for text in TEXTS])
    for text, among_others in zip(TEXTS, together, strict=True):
        (alone,) = encoder.encode_pages([page(text)])
        np.testing.assert_array_equal(alone.boxes, among_others.boxes)
        np.testing.assert_allclose(
            alone.vectors.astype(np.float32), among_others.vectors.astype(np.float32), atol=2e-2
        )


@pytest.mark.parametrize(
    "text",
    ["What was the revenue in 2021?", "the", "?!", "", "  \n", "\ud800", "狐", "word " * 600],
)
def test_any_query_has_a_unit_vector_for_each_token(encoder: PageEncoder, text: str) -> None:
    query = encoder.encode_queries([text])[0]
    assert len(query.tokens) == len(query.content) == len(query.vectors) >= 1
    assert query.vectors.shape[1] == encoder.fingerprint.dim
    assert query.vectors.dtype == np.float32
    assert query.content.dtype == np.bool_
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-5)


def test_batch_mates_never_change_a_query(encoder: PageEncoder) -> None:
    texts = [
        "Which dog saw a cat?",
        "revenue",
        "Which cat saw a dog?",
        "",
        "word " * 300,
        "revenue",
    ]
    together = encoder.encode_queries(texts)
    assert len(together) == len(texts)
    for text, query in zip(texts, together, strict=True):
        (alone,) = encoder.encode_queries([text])
        assert query.tokens == alone.tokens
        np.testing.assert_array_equal(query.content, alone.content)
        np.testing.assert_allclose(query.vectors, alone.vectors, atol=1e-5)
    assert encoder.encode_queries([]) == []


def test_the_words_of_a_query_are_its_content(encoder: PageEncoder) -> None:
    query = encoder.encode_queries(["Which dog saw a cat?"])[0]
    content = [
        token for token, is_content in zip(query.tokens, query.content, strict=True) if is_content
    ]
    assert {"dog", "cat"} <= set(content)
    assert not encoder.encode_queries([""])[0].content.any()


def test_a_word_finds_its_own_box(encoder: PageEncoder) -> None:
    source = page("alpha beta\ngamma delta\nzebra zebra")
    (embedding,) = encoder.encode_pages([source])
    query = encoder.encode_queries(["zebra"])[0]
    similarities = embedding.vectors.astype(np.float32) @ query.vectors[query.content].T
    best = embedding.boxes[int(similarities.sum(axis=1).argmax())]
    _, top, _, bottom = source.words.boxes[-1]
    assert best[1] <= top and best[3] >= bottom
    if "token_pooling" not in encoder.fingerprint.options:  # a pooled box may reach over more lines
        assert best[1] == top


def test_the_fingerprint_is_known_before_anything_is_loaded(
    encoder: PageEncoder, choice: Choice
) -> None:
    assert fingerprint_of(choice.name, choice.options) == encoder.fingerprint


def test_a_fingerprint_survives_being_stored(encoder: PageEncoder) -> None:
    stored = encoder.fingerprint.to_dict()
    assert type(encoder.fingerprint).from_dict(stored) == encoder.fingerprint
