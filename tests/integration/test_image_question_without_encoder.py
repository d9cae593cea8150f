"""A question that is an image waits for an encoder apart no longer than one in words."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.encoding.app import create_encoder_app
from api.serve.app import create_app
from api.services.wiring import wire
from indexer.base.pages import PageEmbedding, RenderedPage
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.remote import encoder as remote_encoder
from tests.builders import FAKE_MODELS, settings_of
from tests.support.real_server import serving


class _Looks(FakeEncoder):
    """Looks at pages, and sees the same on all of them."""

    @property
    def reads_words(self) -> bool:
        return False

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        vectors = np.eye(1, self.fingerprint.dim, dtype=np.float16)
        boxes = np.array([[0, 0, 65535, 65535]], np.uint16)
        return [PageEmbedding(vectors, boxes) for _ in pages]


def test_an_image_question_is_told_when_to_come_back_where_pages_would_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at_once = remote_encoder.Patience(answer_s=600.0, away_s=0.0, busy_s=0.0)
    monkeypatch.setattr(remote_encoder, "FOR_A_QUESTION", at_once)
    settings = settings_of(tmp_path / "data", **FAKE_MODELS)
    picture = BytesIO()
    Image.new("RGB", (40, 40), "white").save(picture, "png")
    image = "data:image/png;base64," + base64.b64encode(picture.getvalue()).decode()
    search = {"query": "", "image": image, "collections": ["a"]}
    with serving(create_encoder_app(_Looks(), settings)) as address:
        services = wire(settings.model_copy(update={"encoder_url": address}))
        services.create_collection("a")
        client = TestClient(create_app(services))
        assert client.post("/v1/search", json=search).status_code == 200

    def sleep(_: float) -> None:
        pytest.fail("the question waits as pages do")

    monkeypatch.setattr("indexer.encoders.remote.connection.time.sleep", sleep)
    refusal = client.post("/v1/search", json=search)
    assert refusal.status_code == 503, refusal.text
    assert refusal.json()["error"]["code"] == "encoder_away"
    assert int(refusal.headers["Retry-After"]) >= 1
