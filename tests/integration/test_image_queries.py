"""An image as a query, on tiny checkpoints of the real encoders."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import httpx2
import numpy as np
import openai
import pymupdf
import pytest
from PIL import Image

from api.serve.app import create_app
from api.services.wiring import Services, wire
from indexer.encoders.fake import FakeEncoder
from indexer.inputs.sources import Source
from retriever.errors import ImageQueryUnsupported
from retriever.query.embedding import embed_queries
from retriever.query.request import SearchQuery
from tests.builders import settings_of
from tests.support.checkpoints import tiny_encoder, tiny_folder
from tests.support.openai_client import client_of
from tests.support.real_server import serving

NAMES = ("colqwen2", "colpali")


def noise(seed: int, size: tuple[int, int] = (200, 260)) -> Image.Image:
    values = np.random.default_rng(seed).integers(0, 256, (*size, 3), dtype=np.uint8)
    return Image.fromarray(values)


@pytest.mark.parametrize("name", NAMES)
def test_an_image_becomes_tokens_of_length_one(name: str) -> None:
    seen = embed_queries(tiny_encoder(name), [SearchQuery("", noise(1))])[0]
    assert seen.vectors.dtype == np.float32 and seen.content.all()
    assert len(seen.tokens) == len(seen.vectors) == len(seen.content)
    np.testing.assert_allclose(np.linalg.norm(seen.vectors, axis=1), 1, atol=2e-3)


@pytest.mark.parametrize("name", NAMES)
def test_beside_words_an_image_weighs_as_much_and_points_at_nothing(name: str) -> None:
    encoder = tiny_encoder(name)
    queries = [SearchQuery("a pump"), SearchQuery("a pump", noise(1))]
    words, both = embed_queries(encoder, queries)
    n = len(words.vectors)
    np.testing.assert_array_equal(both.vectors[:n], words.vectors)
    lengths = np.linalg.norm(both.vectors[n:], axis=1)
    assert lengths.sum() == pytest.approx(n, rel=1e-2)
    assert both.content[:n].tolist() == words.content.tolist() and not both.content[n:].any()


def test_an_encoder_that_reads_words_cannot_look_at_an_image() -> None:
    with pytest.raises(ImageQueryUnsupported, match="colqwen2"):
        embed_queries(FakeEncoder(), [SearchQuery("a pump", noise(1))])


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Three pages of coloured shapes, no words, looked at by a tiny ColQwen2."""
    folder = tmp_path_factory.mktemp("looked-at")
    wired = wire(
        settings_of(
            folder / "data",
            encoder="colqwen2",
            encoder_checkpoint=str(tiny_folder("colqwen2")),
            device="cpu",
        )
    )
    document = pymupdf.open()
    for i, colour in enumerate([(1, 0, 0), (0, 0.6, 0), (0, 0, 1)]):
        page = document.new_page(width=200, height=260)
        for row in range(4):
            for column in range(3):
                if (row * 3 + column) % (i + 2) == 0:
                    corner = pymupdf.Point(20 + 55 * column, 20 + 58 * row)
                    page.draw_rect(
                        pymupdf.Rect(*corner, corner.x + 45, corner.y + 48),
                        color=colour,
                        fill=colour,
                    )
    document.save(folder / "shapes.pdf")
    outcome = wired.pipeline.ingest(
        wired.create_collection("shapes"), Source(folder / "shapes.pdf", "shapes.pdf")
    )
    assert outcome.verdict.searchable, outcome.error
    return wired


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with serving(create_app(services)) as address:
        yield address


def page_uri(address: str, page_id: int) -> str:
    image = Image.open(BytesIO(httpx2.get(f"{address}/v1/pages/{page_id}/image").content))
    out = BytesIO()
    image.save(out, "PNG")
    return "data:image/png;base64," + base64.b64encode(out.getvalue()).decode()


@pytest.mark.parametrize("page_number", [1, 2, 3])
def test_the_image_of_a_page_finds_that_page(address: str, page_number: int) -> None:
    body = {"query": "", "image": page_uri(address, page_number), "collections": ["shapes"]}
    answer = httpx2.post(f"{address}/v1/search", json=body, timeout=600)
    assert answer.status_code == 200, answer.text
    hits = answer.json()["hits"]
    assert hits[0]["page_number"] == page_number
    assert hits[0]["evidence"]


def test_an_empty_query_without_an_image_is_still_refused(address: str) -> None:
    body = {"query": "", "collections": ["shapes"]}
    assert (
        httpx2.post(f"{address}/v1/search", json=body, timeout=600).json()["error"]["code"]
        == "empty_query"
    )


def test_an_image_part_of_a_chat_message_is_searched_with(address: str) -> None:
    client = client_of(address)

    def pages(parts: Any) -> list[int]:
        answer = client.chat.completions.create(
            model="pagesight", messages=[{"role": "user", "content": parts}]
        )
        return [page["page_number"] for page in (answer.model_extra or {})["pagesight"]["pages"]]

    for page_number in (1, 2, 3):
        part = {"type": "image_url", "image_url": {"url": page_uri(address, page_number)}}
        assert pages([part])[0] == page_number
        assert len(pages([{"type": "text", "text": "what is the total"}, part])) == 3
    with pytest.raises(openai.BadRequestError, match="one image"):
        pages([part, part])
