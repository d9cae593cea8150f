"""The files of the web application, as they are sent."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

import api.web
from api.serve.app import create_app
from tests.builders import fake_services

FOLDER = Path(api.web.__file__).parent


@pytest.fixture(scope="module")
def client(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    with TestClient(create_app(fake_services(tmp_path_factory.mktemp("web") / "data"))) as client:
        yield client


def test_scripts_texts_and_styles_are_sent_as_they_are(client: TestClient) -> None:
    """The texts have values in braces: what is filled into a page must not fill those."""
    names = [
        path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.??*") if path.is_file()
    ]
    sent = [name for name in names if name.endswith((".js", ".css", ".svg"))]
    assert "texts/en.js" in sent
    for name in sent:
        assert client.get(f"/web/{name}").content == (FOLDER / name).read_bytes(), name


@pytest.mark.parametrize("address", ["/library", "/docs"])
def test_a_page_says_in_which_languages_it_can_speak(client: TestClient, address: str) -> None:
    assert '<html lang="en" data-languages="de en">' in client.get(address).text
