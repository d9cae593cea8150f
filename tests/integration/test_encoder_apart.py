"""An encoder in another process gives what it gives in this one, and is never taken for another."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import numpy as np
import pytest
from fastapi.testclient import TestClient
from PIL import Image

from api.encoding.app import create_encoder_app
from api.serve.app import create_app
from api.services.wiring import wire
from api.worker.worker import Worker
from indexer.base.errors import EncoderAway, EncoderUnavailable
from indexer.base.pages import PageEmbedding, PageWords, RenderedPage
from indexer.encoders.base import PageEncoder
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.registry import load_encoder
from indexer.encoders.remote import encoder as remote_encoder
from indexer.encoders.remote.encoder import connect
from indexer.encoders.remote.wire import (
    FINGERPRINT_HEADER,
    PATH_OF_PAGES,
    PATH_OF_QUERIES,
    digest_of,
    pack_queries,
)
from tests.builders import FAKE_MODELS, fake_services, pdf_bytes, settings_of
from tests.conftest import ROOT
from tests.support.checkpoints import tiny_encoder
from tests.support.factories import words
from tests.support.real_server import serving

TEXTS = ("Tighten the bolts to 45 Nm\nand check them", "", "☐ ✓ ---", "many words\n" * 20)
QUESTIONS = ("Which bolts?", "", "\ud800", "the", "word " * 300)


@pytest.fixture
def no_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    at_once = remote_encoder.Patience(answer_s=600.0, away_s=0.0, busy_s=0.0)
    for name in ("FOR_A_QUESTION", "FOR_PAGES"):
        monkeypatch.setattr(remote_encoder, name, at_once)


def text_page(text: str) -> RenderedPage:
    return RenderedPage(1, "1", 612.0, 792.0, Image.new("RGB", (8, 8)), words(text))


def picture(size_px: tuple[int, int]) -> RenderedPage:
    noise = np.random.default_rng(sum(size_px)).integers(0, 256, (*size_px, 3), dtype=np.uint8)
    return RenderedPage(1, "1", 612.0, 792.0, Image.fromarray(noise), PageWords())


@pytest.fixture(scope="module")
def lite() -> Iterator[tuple[PageEncoder, str]]:
    encoder = load_encoder("lite", device="cpu")
    with serving(create_encoder_app(encoder, settings_of())) as address:
        yield encoder, address


def assert_equal_pages(pages: list[PageEmbedding], others: list[PageEmbedding]) -> None:
    for page, other in zip(pages, others, strict=True):
        np.testing.assert_array_equal(page.vectors, other.vectors)
        np.testing.assert_array_equal(page.boxes, other.boxes)


def assert_equal_queries(encoder: PageEncoder, remote: PageEncoder) -> None:
    for text in QUESTIONS:
        (query,), (other,) = encoder.encode_queries([text]), remote.encode_queries([text])
        assert query.tokens == other.tokens
        np.testing.assert_array_equal(query.vectors, other.vectors)
        np.testing.assert_array_equal(query.content, other.content)


def test_words_have_the_same_vectors_there_as_here(lite: tuple[PageEncoder, str]) -> None:
    encoder, address = lite
    remote = connect(address, None, "lite")
    assert remote.fingerprint == encoder.fingerprint
    assert (remote.reads_words, remote.window) == (True, encoder.window)
    pages = [text_page(text) for text in TEXTS]
    assert_equal_pages(encoder.encode_pages(pages), remote.encode_pages(pages))
    assert_equal_queries(encoder, remote)


def test_page_images_have_the_same_vectors_there_as_here() -> None:
    encoder = tiny_encoder("colqwen2")
    with serving(create_encoder_app(encoder, settings_of())) as address:
        remote = connect(address, None, "colqwen2")
        assert not remote.reads_words
        pages = [picture(size_px) for size_px in ((90, 120), (300, 200), (8, 8))]
        for page in pages:
            assert_equal_pages(encoder.encode_pages([page]), remote.encode_pages([page]))
        with ThreadPoolExecutor(3) as callers:  # in batches with one another, or not: as it comes
            together = list(callers.map(lambda page: remote.encode_pages([page])[0], pages))
        for page, other in zip(encoder.encode_pages(pages), together, strict=True):
            np.testing.assert_array_equal(page.boxes, other.boxes)
            np.testing.assert_allclose(page.vectors, other.vectors, atol=2e-3)
        assert_equal_queries(encoder, remote)


_SEE = """
import json, sys
from fastapi.testclient import TestClient
from api.serve.app import create_app
from api.services.wiring import wire
from tests.builders import pdf_bytes, settings_of
from pathlib import Path
settings = settings_of(Path(sys.argv[1]), encoder_url=sys.argv[2], layout="never", gc_freeze=False)
with TestClient(create_app(wire(settings))) as client:
    client.post("/v1/collections", json={"name": "a"})
    file = {"files": ("a.pdf", pdf_bytes("Tighten the bolts to 45 Nm"))}
    client.post("/v1/collections/a/documents?wait=true", files=file)
    answer = client.post("/v1/answers", json={"question": "How tight are the bolts?"}).json()
    ready = client.get("/readyz").json()
checks = {check["name"]: check["state"] for check in ready["checks"]}
print(json.dumps([answer["answer"], checks["encoder"], "torch" in sys.modules]))
"""


def test_a_process_that_indexes_and_answers_over_an_encoder_apart_never_loads_torch(
    tmp_path: Path, lite: tuple[PageEncoder, str]
) -> None:
    command = [sys.executable, "-c", _SEE, str(tmp_path / "data"), lite[1]]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    answer, encoder_state, has_torch = json.loads(ran.stdout.splitlines()[-1])
    assert "45 Nm" in answer
    assert (encoder_state, has_torch) == ("ok", False)


def test_an_encoder_with_another_model_is_refused_and_nothing_is_mixed(no_patience: None) -> None:
    app = create_encoder_app(FakeEncoder(), settings_of())
    with serving(app) as address:
        remote = connect(address, None, "fake")
        assert remote.encode_queries(["bolts"])
        # As if it were started anew at the same address.
        other = create_encoder_app(FakeEncoder(revision="2"), settings_of())
        app.state.encoding = other.state.encoding
        for use in (
            lambda: remote.encode_queries(["bolts"]),
            lambda: remote.encode_pages([text_page("bolts")]),
            remote.require,
        ):
            with pytest.raises(EncoderAway, match="another one than when this process began"):
                use()
        assert connect(address, None, "fake").fingerprint.revision == "2"
        with pytest.raises(EncoderUnavailable, match="set PAGESIGHT_ENCODER=fake"):
            connect(address, None, "lite")


def test_a_job_waits_for_an_encoder_that_is_away_and_a_search_is_told_when_to_come_back(
    tmp_path: Path, no_patience: None
) -> None:
    settings = settings_of(tmp_path / "data", **FAKE_MODELS, embedded_worker=False)
    with serving(create_encoder_app(FakeEncoder(), settings)) as address:
        services = wire(settings.model_copy(update={"encoder_url": address}))
        services.create_collection("a")  # so that this process knows which encoder it is
    with TestClient(create_app(services)) as client:
        file = {"files": ("a.pdf", pdf_bytes("Tighten the bolts to 45 Nm"))}
        queued = client.post("/v1/collections/a/documents", files=file).json()
        assert Worker(services).work_once()
        job = client.get(f"/v1/jobs/{queued['jobs'][0]['id']}").json()
        assert job["state"] == "queued" and "does not answer" in job["error"]["message"]
        assert client.get("/v1/collections/a/documents").json()["documents"] == []
        refusal = client.post("/v1/search", json={"query": "bolts", "collections": ["a"]})
        assert refusal.status_code == 503
        assert refusal.json()["error"]["code"] == "encoder_away"
        assert int(refusal.headers["Retry-After"]) >= 1
        assert client.get("/readyz").status_code == 503


def test_an_encoder_asks_for_its_key_and_refuses_what_is_no_message() -> None:
    app = create_encoder_app(FakeEncoder(), settings_of(encoder_key="secret"))
    with serving(app) as address, httpx2.Client(base_url=address) as client:
        assert connect(address, "secret", "fake").encode_queries(["bolts"])
        for key in (None, "other"):
            with pytest.raises(EncoderUnavailable, match="PAGESIGHT_ENCODER_KEY"):
                connect(address, key, "fake")
        assert client.get("/healthz").status_code == 200
        key = {"Authorization": "Bearer secret"}
        for path in ("/metrics", "/v1/encoder"):
            assert client.get(path).status_code == 401
            assert client.get(path, headers=key).status_code == 200
        meant_for_it = key | {FINGERPRINT_HEADER: digest_of(FakeEncoder().fingerprint)}
        for path in (PATH_OF_PAGES, PATH_OF_QUERIES):
            assert client.post(path, content=b"pages", headers=key).status_code == 409
            garbled = client.post(path, content=b"pages", headers=meant_for_it)
            assert garbled.status_code == 400
            assert garbled.json()["error"]["code"] == "invalid_message"
        many = pack_queries(["bolts"] * 65)
        assert client.post(PATH_OF_QUERIES, content=many, headers=meant_for_it).status_code == 400
        assert 'pagesight_encoder_items_total{of="queries"} 1.0' in (
            client.get("/metrics", headers=key).text
        )


def test_a_full_encoder_says_when_to_come_back_and_is_asked_again() -> None:
    """A page that is being encoded holds the others up until they were refused once."""
    encoder = _Held()
    with serving(create_encoder_app(encoder, settings_of())) as address:
        remote = connect(address, None, "fake")
        pages = [text_page(f"bolts {n}") for n in range(encoder.window)]
        with ThreadPoolExecutor(5) as callers:
            running = [callers.submit(remote.encode_pages, pages) for _ in range(5)]
            while 'refused_total{of="pages"} 0.0' in httpx2.get(f"{address}/metrics").text:
                time.sleep(0.01)
            assert remote.encode_queries(["bolts"])  # no question waits for pages
            encoder.may_go_on.set()
            for run in running:
                assert_equal_pages(run.result(600), FakeEncoder().encode_pages(pages))


class _Held(FakeEncoder):
    """Encodes no page before it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may_go_on = threading.Event()

    def encode_pages(self, pages: Sequence[RenderedPage]) -> list[PageEmbedding]:
        assert self.may_go_on.wait(600)
        return super().encode_pages(pages)


@pytest.mark.parametrize(
    "address", ["encoder:8100", "ftp://encoder", "http://user:secret@encoder", "http://"]
)
def test_an_address_that_is_none_is_refused_without_telling_its_secret(address: str) -> None:
    with pytest.raises(EncoderUnavailable, match="PAGESIGHT_ENCODER_KEY") as refusal:
        connect(address, None, "lite")
    assert "secret" not in str(refusal.value)


def test_what_answers_but_is_no_encoder_is_said(tmp_path: Path) -> None:
    with (
        serving(create_app(fake_services(tmp_path / "data"))) as address,
        pytest.raises(EncoderUnavailable, match="answered 404"),
    ):
        connect(address, None, "fake")
