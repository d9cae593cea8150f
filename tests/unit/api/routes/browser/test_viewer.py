"""The page that links and frames show."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from fastapi.testclient import TestClient
from pydantic import ValidationError

from api.base.links import Links
from api.serve.app import create_app
from tests.builders import settings_of
from tests.support.small_library import library


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(library(tmp_path_factory.mktemp("viewer")))) as client:
        yield client


def test_the_page_is_shown_with_its_regions_marked(client: TestClient) -> None:
    answer = client.get("/pages/2?box=0.1,0.25,0.5,0.5&box=0,0,1,1")
    assert answer.headers["content-type"].startswith("text/html")
    page = client.get("/v1/pages/2").json()
    x, y = page["image_width_px"] * 0.1, page["image_height_px"] * 0.25
    assert f'<rect x="{x:.1f}" y="{y:.1f}"' in answer.text
    assert answer.text.count("<rect") == 2
    assert '<image href="/v1/pages/2/image?width=1600"' in answer.text
    assert 'rel="prev" href="/pages/1"' in answer.text and 'rel="next"' in answer.text


def test_what_a_link_says_is_what_the_page_understands(client: TestClient) -> None:
    url = Links("http://x").viewer(2, [(0.0001, 0.1234, 0.5, 1.0), (0.0, 0.0, 1.0, 1.0)])
    assert client.get(url.removeprefix("http://x")).text.count("<rect") == 2


def test_a_name_of_a_file_is_never_markup(client: TestClient) -> None:
    pdf = client.get(f"/v1/documents/{client.get('/v1/pages/2').json()['document_id']}/file")
    client.post("/v1/collections", json={"name": "other"})
    name = '"><b onclick=alert(1)>.pdf'
    files = {"files": (name, pdf.content)}
    answer = client.post("/v1/collections/other/documents?wait=true", files=files)
    (told,) = answer.json()["documents"]
    first = client.get(f"/v1/documents/{told['id']}").json()["first_page_id"]
    shown = client.get(f"/pages/{first}").text
    assert "<b " not in shown and "&gt;&lt;b onclick" in shown


@pytest.mark.parametrize(
    "box", ["1,2,3", "a,b,c,d", "nan,0,1,1", "0,0,1,1,", "0,0,1,1e9", "-1,0,1,1"]
)
def test_a_region_that_cannot_be_read_is_refused(client: TestClient, box: str) -> None:
    answer = client.get("/pages/2", params={"box": box})
    assert answer.status_code == 422
    assert "box=0.1" in answer.json()["error"]["message"] and "<" not in answer.text


def test_a_page_that_is_gone_is_not_shown(client: TestClient) -> None:
    assert client.get("/pages/999").status_code == 404


def test_no_site_may_frame_a_page_unless_the_operator_says_so(
    client: TestClient, tmp_path_factory: pytest.TempPathFactory
) -> None:
    assert "frame-ancestors 'none'" in client.get("/pages/2").headers["content-security-policy"]
    origins = "https://chat.example.org http://localhost:3000"
    services = library(tmp_path_factory.mktemp("framed"), frame_origins=origins)
    framed = TestClient(create_app(services))
    policy = framed.get("/pages/2").headers["content-security-policy"]
    assert f"frame-ancestors {origins}" in policy and "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in framed.get("/").headers["content-security-policy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("frame_origins", "https://a.org; script-src *"),
        ("frame_origins", "*"),
        ("frame_origins", "https://a.org 'self'"),
        ("public_url", "javascript:alert(1)"),
        ("public_url", "pages.example.org"),
    ],
)
def test_an_address_that_is_none_is_refused_as_a_setting(name: str, value: str) -> None:
    with pytest.raises(ValidationError):
        settings_of(**{name: value})
