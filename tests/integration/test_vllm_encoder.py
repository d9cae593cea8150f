"""A page encoder in vLLM: vectors of page and question are found among those of all tokens of a prompt."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from PIL import Image

from api.serve.app import create_app
from api.services.engines import make_encoders
from api.services.wiring import wire
from api.worker.worker import Worker
from indexer.base.errors import EncoderAway, EncoderUnavailable
from indexer.base.pages import PageWords, RenderedPage
from indexer.encoders.remote import vllm_encoder
from indexer.encoders.remote.connection import Patience
from indexer.encoders.remote.vllm_encoder import VllmEncoder, connect_vllm
from indexer.encoders.remote.vllm_server import PAGE_PROMPT
from tests.builders import FAKE_MODELS, pdf_bytes, settings_of
from tests.support.checkpoints import tiny_encoder
from tests.support.real_server import serving
from tests.support.vllm_pooling import ColQwen3, colpali_served, vllm_app

QUESTIONS = ("Which bolts?", "", "<|image_pad|> the <image> of 5 < 6", "word " * 300)


def picture(size_px: tuple[int, int]) -> RenderedPage:
    noise = np.random.default_rng(sum(size_px)).integers(0, 256, (*size_px, 3), dtype=np.uint8)
    return RenderedPage(1, "1", 612.0, 792.0, Image.fromarray(noise), PageWords())


@pytest.fixture(scope="module")
def colqwen3() -> Iterator[tuple[ColQwen3, FastAPI, str]]:
    model = ColQwen3()
    app = vllm_app("colqwen3", "TomoroAI/tomoro-colqwen3-embed-4b", model.served())
    with serving(app) as address:
        yield model, app, address


def test_colpali_in_vllm_gives_what_colpali_in_this_process_gives() -> None:
    encoder = tiny_encoder("colpali")
    app = vllm_app("colpali", "vidore/colpali-v1.3-hf", colpali_served())
    with serving(app) as address:
        remote = connect_vllm(address, None, None)
        pages = [picture(size_px) for size_px in ((90, 120), (56, 56))]
        for page, other in zip(
            encoder.encode_pages(pages), remote.encode_pages(pages), strict=True
        ):
            np.testing.assert_allclose(page.vectors, other.vectors, atol=2e-3)
            np.testing.assert_array_equal(page.boxes, other.boxes)
        for text in QUESTIONS[:2]:
            (query,), (other_query,) = encoder.encode_queries([text]), remote.encode_queries([text])
            np.testing.assert_allclose(query.vectors, other_query.vectors, atol=1e-5)
            np.testing.assert_array_equal(query.content, other_query.content)
            assert query.tokens == other_query.tokens


def test_a_page_in_cells_keeps_its_shape_and_its_vectors_their_places(
    colqwen3: tuple[ColQwen3, FastAPI, str],
) -> None:
    model, _, address = colqwen3
    remote = connect_vllm(address, None, 100)
    assert remote.fingerprint.dim == 32 and not remote.reads_words
    for page in (picture((640, 320)), picture((40, 30)), picture((3000, 2000)), picture((9, 4000))):
        (embedding,) = remote.encode_pages([page])
        image = remote._cells.in_whole_cells(page.image)
        expected_rows = model.page_rows(image, PAGE_PROMPT)
        assert (
            64 <= len(expected_rows) <= (100 if page.image.height > 9 else 128)
        )  # of a strip, whole cells
        np.testing.assert_allclose(embedding.vectors, expected_rows, atol=2e-3)
        x0, y0, x1, y1 = embedding.boxes.astype(int).T
        assert ((x1 - x0) * (y1 - y0)).sum() == pytest.approx(65535**2, rel=1e-2)
        assert (embedding.boxes[0][:2] == 0).all() and (embedding.boxes[-1][2:] == 65535).all()


def test_a_question_is_its_own_tokens_and_brings_no_special_ones(
    colqwen3: tuple[ColQwen3, FastAPI, str],
) -> None:
    model, _, address = colqwen3
    remote = connect_vllm(address, None, None)
    tokenizer = model.served().tokenizer
    for text, query in zip(QUESTIONS, remote.encode_queries(QUESTIONS), strict=True):
        assert len(query.tokens) == len(query.vectors) == len(query.content)
        assert not set(query.tokens) & set(tokenizer.all_special_tokens) or not text
    assert remote.encode_queries([]) == []


def test_another_model_and_a_full_server_are_told_apart(
    colqwen3: tuple[ColQwen3, FastAPI, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, app, address = colqwen3
    remote = connect_vllm(address, None, None)
    app.state.busy = 1
    assert remote.encode_queries(["bolts"])  # asked again
    monkeypatch.setattr(vllm_encoder, "FOR_A_QUESTION", Patience(600.0, 0.0, 0.0))
    app.state.busy = 1
    with pytest.raises(EncoderAway, match="busy"):
        remote.encode_queries(["bolts"])
    remote.require()
    app.state.name = "another"
    uses = (remote.require, lambda: remote.encode_queries(["bolts"]))
    try:
        for use in uses:
            with pytest.raises(EncoderAway, match="no longer serves colqwen3"):
                use()
    finally:
        app.state.name = "colqwen3"


def test_a_model_whose_cells_cannot_be_found_is_refused(
    colqwen3: tuple[ColQwen3, FastAPI, str],
) -> None:
    served = colqwen3[0].served()
    whole = served.of_image
    served.of_image = lambda image, words: whole(image, words)[: 40 + image.height // 100]
    with (
        serving(vllm_app("odd", "odd", served)) as address,
        pytest.raises(EncoderUnavailable, match="nobody knows where"),
    ):
        connect_vllm(address, None, None)


def test_a_document_is_indexed_and_found_through_vllm(
    colqwen3: tuple[ColQwen3, FastAPI, str], tmp_path: Path
) -> None:
    options = FAKE_MODELS | {"encoder": "vllm", "encoder_url": colqwen3[2], "page_dpi": 36}
    services = wire(settings_of(tmp_path / "data", **options, embedded_worker=False))
    with TestClient(create_app(services)) as client:
        assert client.post("/v1/collections", json={"name": "a"}).status_code == 201
        file = {"files": ("a.pdf", pdf_bytes("Tighten the bolts to 45 Nm"))}
        client.post("/v1/collections/a/documents", files=file)
        assert Worker(services).work_once()
        answer = client.post("/v1/search", json={"query": "bolts", "collections": ["a"]}).json()
        assert [hit["page_number"] for hit in answer["hits"]] == [1]
        checks = client.get("/readyz").json()["checks"]
        assert {check["name"]: check["state"] for check in checks}["encoder"] == "ok"
    assert isinstance(services.encoder.get(), VllmEncoder)


def test_without_an_address_the_encoder_says_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(EncoderUnavailable, match="PAGESIGHT_ENCODER_URL"):
        make_encoders(settings_of(tmp_path / "data", **FAKE_MODELS | {"encoder": "vllm"}))
