"""Regions of pages: drawn anew from the PDF, and cut from the stored image where the PDF is gone."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageChops, ImageStat

from api.serve.app import create_app
from api.services.wiring import Services
from indexer.inputs.sandbox import process, warm_process
from tests.builders import fake_services

RED_BOX = "0.25,0.25,0.5,0.3"  # around a red bar with small print above it


def drawing() -> bytes:
    """A PDF of two pages: the first with a red bar and tiny print, the second lying on its side."""
    document = pymupdf.open()
    page = document.new_page(width=600, height=800)
    page.draw_rect(pymupdf.Rect(180, 220, 270, 230), color=(1, 0, 0), fill=(1, 0, 0))
    page.insert_text((180, 216), "tiny print of the drawing, 0.05 mm", fontsize=3)
    page = document.new_page(width=600, height=800)
    page.draw_rect(pymupdf.Rect(0, 0, 300, 400), color=(0, 0, 1), fill=(0, 0, 1))
    page.insert_text((300, 600), "a page that lies on its side")
    page.set_rotation(90)
    return bytes(document.tobytes(no_new_id=True))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return fake_services(tmp_path / "data")


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        client.post("/v1/collections", json={"name": "a"})
        files = {"files": ("drawing.pdf", drawing())}
        assert client.post("/v1/collections/a/documents?wait=true", files=files).status_code == 201
        yield client


def image(client: TestClient, page: int = 1, **params: Any) -> Image.Image:
    answer = client.get(f"/v1/pages/{page}/image", params=params)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/webp"), answer.text
    return Image.open(BytesIO(answer.content)).convert("RGB")


def redness(picture: Image.Image) -> float:
    red, green, _ = picture.split()
    return float(ImageStat.Stat(ImageChops.subtract(red, green)).mean[0])


def sharpness(picture: Image.Image) -> float:
    """How far neighbouring pixels differ: the most of them in a picture of sharp print."""
    grey = picture.convert("L")
    return float(ImageStat.Stat(ImageChops.difference(grey, ImageChops.offset(grey, 1, 0))).rms[0])


def test_a_region_has_the_width_and_the_shape_that_were_asked_for(client: TestClient) -> None:
    assert image(client, region=RED_BOX, width=1200).size == (1200, 320)  # 150 x 40 points
    assert image(client, region="0,0,0.1,0.5", width=4096).height <= 4096
    natural = image(client, region="0,0,1,1").size
    assert natural == image(client).size


def test_a_region_is_drawn_in_colour_and_sharper_than_the_stored_image(client: TestClient) -> None:
    drawn = image(client, region=RED_BOX, width=1200)
    whole = image(client)
    box = tuple(
        round(f * side) for f, side in zip((0.25, 0.25, 0.5, 0.3), whole.size * 2, strict=True)
    )
    cut = whole.crop(box).resize(drawn.size)  # type: ignore[arg-type]
    assert redness(drawn) == pytest.approx(redness(cut), abs=8) and redness(drawn) > 20
    assert sharpness(drawn) > 1.5 * sharpness(cut)


def test_a_region_of_a_page_that_lies_on_its_side_is_the_one_that_is_shown(
    client: TestClient,
) -> None:
    whole = image(client, page=2)
    for region, box in (
        ("0,0,0.5,0.5", (0.0, 0.0, 0.5, 0.5)),
        ("0.5,0,1,0.5", (0.5, 0.0, 1.0, 0.5)),
    ):
        drawn = image(client, page=2, region=region)
        cut = whole.crop(
            tuple(round(f * side) for f, side in zip(box, whole.size * 2, strict=True))
        )  # type: ignore[arg-type]
        difference = ImageChops.difference(drawn, cut.resize(drawn.size)).convert("L")
        assert ImageStat.Stat(difference).mean[0] < 2


@pytest.mark.parametrize(
    "region",
    ["", "0,0,1", "0,0,1,1,1", "a,b,c,d", "0.5,0,0.1,1", "0,0.5,1,0.5", "-0.1,0,1,1", "0,0,1,1.1",
     "nan,0,1,1", "0,0,inf,1", "0;0;1;1"],
)  # fmt: skip
def test_what_is_no_region_is_refused_with_the_right_form(client: TestClient, region: str) -> None:
    answer = client.get("/v1/pages/1/image", params={"region": region, "width": 100})
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "invalid_region")
    assert "page fractions" in answer.json()["error"]["message"]


def test_a_region_is_kept_for_ever_and_known_by_its_tag(client: TestClient) -> None:
    path = f"/v1/pages/1/image?region={RED_BOX}&width=300"
    first = client.get(path)
    assert "immutable" in first.headers["cache-control"]
    again = client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    others = {
        client.get(f"/v1/pages/1/image{query}").headers["etag"]
        for query in ("", "?width=300", f"?region={RED_BOX}&width=301", "?region=0,0,1,1&width=300")
    }
    assert len(others | {first.headers["etag"]}) == 5


@pytest.mark.parametrize("damage", ["gone", "other bytes"])
def test_without_its_pdf_a_region_comes_from_the_stored_image(
    client: TestClient, services: Services, damage: str
) -> None:
    drawn = image(client, region=RED_BOX, width=1200)
    sha256 = services.stores.catalog.pages.with_document(1)[1].sha256
    path = services.stores.originals.path(sha256)
    path.chmod(0o644)
    path.unlink() if damage == "gone" else path.write_bytes(b"%PDF-1.7 nothing")
    answer = client.get("/v1/pages/1/image", params={"region": RED_BOX, "width": 1200})
    assert answer.status_code == 200 and "immutable" not in answer.headers["cache-control"]
    cut = Image.open(BytesIO(answer.content)).convert("RGB")
    assert cut.width < drawn.width and redness(cut) == pytest.approx(redness(drawn), abs=8)


def test_a_pdf_that_cannot_be_drawn_any_more_costs_the_sharpness_only(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start_and_kill(*arguments: Any) -> warm_process.ForkedChild:
        child = warm_process.start_child(*arguments)
        child.kill()
        return child

    monkeypatch.setattr(process, "start_child", start_and_kill)
    answer = client.get("/v1/pages/1/image", params={"region": RED_BOX, "width": 1200})
    assert answer.status_code == 200 and "immutable" not in answer.headers["cache-control"]


def test_regions_wait_for_each_other_and_one_too_many_is_refused(tmp_path: Path) -> None:
    services = fake_services(tmp_path / "data", max_waiting=0)
    app = create_app(services)
    with TestClient(app) as client:
        client.post("/v1/collections", json={"name": "a"})
        files = {"files": ("drawing.pdf", drawing())}
        client.post("/v1/collections/a/documents?wait=true", files=files)
        renders = app.state.running.admission.renders
        renders.n_taken = renders._n_slots
        answer = client.get(f"/v1/pages/1/image?region={RED_BOX}")
        assert (answer.status_code, answer.json()["error"]["code"]) == (503, "overloaded")
        assert int(answer.headers["retry-after"]) >= 1
        assert client.get("/v1/pages/1/image").status_code == 200
        renders.n_taken = 0
