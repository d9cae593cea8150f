"""Heat maps over HTTP, with the fake encoder: equal words match, nothing else does."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import pymupdf
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageChops
from typer.testing import CliRunner

from api.cli.main import app as cli
from api.serve.app import create_app
from api.services.wiring import Services, wire
from indexer.base.errors import StorageError
from indexer.inputs.sources import Source
from tests.builders import fake_services

HEAT = "/v1/pages/1/heatmap"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """Page 1 says "housing" at the top left and "bolts" at the bottom right; page 2 is blank."""
    folder = tmp_path_factory.mktemp("heat")
    document = pymupdf.open()
    page = document.new_page()
    page.insert_text((60, 60), "housing", fontsize=24)
    page.insert_text((400, 780), "bolts", fontsize=24)
    document.new_page()
    document.save(folder / "a.pdf")
    wired = fake_services(folder / "data")
    outcome = wired.pipeline.ingest(wired.create_collection("c"), Source(folder / "a.pdf", "a.pdf"))
    assert outcome.verdict.searchable
    return wired


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return TestClient(create_app(services), raise_server_exceptions=False)


def picture(data: bytes) -> Image.Image:
    return Image.open(BytesIO(data)).convert("RGB")


def test_a_heat_map_is_the_page_image_with_colour_where_the_query_looks(client: TestClient) -> None:
    answer = client.get(HEAT, params={"query": "bolts"})
    assert answer.headers["content-type"] == "image/png"
    plain = picture(client.get("/v1/pages/1/image").content)
    heated = picture(answer.content)
    assert heated.size == plain.size
    reddened = ImageChops.subtract(plain, heated).getchannel("B").point(lambda v: 255 * (v > 60))
    x0, y0, _, _ = reddened.getbbox() or pytest.fail("nothing is coloured")
    assert x0 / plain.width > 0.6
    assert y0 / plain.height > 0.85


def test_the_json_grid_lists_the_tokens_and_their_parts_of_the_score(client: TestClient) -> None:
    body = client.get(HEAT, params={"query": "housing bolts", "format": "json"}).json()
    assert [(one["n"], one["text"], one["content"]) for one in body["tokens"]] == [
        (0, "housing", True),
        (1, "bolts", True),
    ]
    assert body["score"] == pytest.approx(2, abs=1e-3)
    assert (body["document"], body["page_number"], body["token"]) == ("a.pdf", 1, None)
    grid = np.array(body["grid"], float)
    assert grid.shape == (body["rows"], body["columns"])
    assert (np.nanmin(grid), np.nanmax(grid)) == (body["low"], body["high"])
    hot = np.argwhere(grid > 0.99)
    assert hot[:, 0].min() < 0.2 * body["rows"]
    assert hot[:, 0].max() > 0.8 * body["rows"]


def test_one_token_looks_at_its_own_word_only(client: TestClient) -> None:
    asked = {"query": "housing bolts", "token": 1, "format": "json"}
    body = client.get(HEAT, params=asked).json()
    hot = np.argwhere(np.array(body["grid"], float) > 0.99)
    assert hot[:, 0].min() > 0.8 * body["rows"]


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("*/*", "image/png"),
        ("application/json", "application/json"),
        ("image/avif,image/webp,*/*;q=0.8", "image/png"),
        ("text/html,image/png,application/json", "image/png"),
    ],
)
def test_the_accept_header_chooses_between_picture_and_grid(
    client: TestClient, accept: str, kind: str
) -> None:
    answer = client.get(HEAT, params={"query": "bolts"}, headers={"Accept": accept})
    assert answer.headers["content-type"] == kind
    assert "Accept" in answer.headers["vary"]


def test_a_narrower_picture_keeps_its_shape(client: TestClient) -> None:
    answer = client.get(HEAT, params={"query": "bolts", "width": 200})
    assert picture(answer.content).size == (200, 283)


def test_a_blank_page_is_shown_as_it_is(client: TestClient) -> None:
    body = client.get("/v1/pages/2/heatmap", params={"query": "bolts", "format": "json"}).json()
    assert (body["low"], body["high"], body["score"]) == (None, None, 0)
    heated = picture(client.get("/v1/pages/2/heatmap", params={"query": "bolts"}).content)
    assert heated.getextrema() == ((255, 255),) * 3


@pytest.mark.parametrize(
    ("path", "asked", "status", "code"),
    [
        ("/v1/pages/99/heatmap", {"query": "bolts"}, 404, "page_not_found"),
        (HEAT, {"query": "bolts", "token": 1}, 422, "invalid_token"),
        (HEAT, {"query": "bolts", "token": -1}, 422, "invalid_token"),
        (HEAT, {"query": "  "}, 422, "empty_query"),
        (HEAT, {}, 422, "invalid_request"),
        (HEAT, {"query": "bolts", "combine": "mean"}, 422, "invalid_request"),
        (HEAT, {"query": "bolts", "format": "gif"}, 422, "invalid_request"),
    ],
)
def test_what_cannot_be_shown_is_an_error_of_the_one_shape(
    client: TestClient, path: str, asked: dict[str, object], status: int, code: str
) -> None:
    answer = client.get(path, params=asked)
    assert answer.status_code == status
    assert answer.json()["error"]["code"] == code


def test_a_page_of_another_encoder_is_refused(services: Services) -> None:
    foreign = wire(services.settings.model_copy(update={"encoder": "lite"}))
    with TestClient(create_app(foreign)) as client:
        answer = client.get(HEAT, params={"query": "bolts"})
    assert answer.status_code == 409
    assert "PAGESIGHT_ENCODER=fake" in answer.json()["error"]["message"]


def test_a_folder_that_is_not_there_is_said_in_one_line(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.asking.heatmap.load_services", lambda: services)
    arguments = ["heatmap", "bolts", "--page", "1", "-o", str(tmp_path / "no" / "heat.png")]
    outcome = CliRunner().invoke(cli, arguments)
    assert isinstance(outcome.exception, StorageError)  # of which `main` prints one line
    assert str(outcome.exception).endswith("heat.png: No such file or directory")
