"""The real server in a process of its own: HTTP in, a cited answer and its page image out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from tests.acceptance.conftest import Cli

QUESTION = "What current is the motor overload relay set to in the KD-340 wiring diagram?"


@pytest.fixture(scope="module")
def client(samples_server: str) -> Iterator[httpx2.Client]:
    with httpx2.Client(base_url=samples_server, timeout=120) as client:
        yield client


def test_a_question_is_answered_with_the_page_and_the_box(client: httpx2.Client) -> None:
    answer = client.post(
        "/v1/answers", json={"question": QUESTION, "collections": ["samples"]}
    ).json()
    assert answer["grounded"] and "5.1 A" in answer["answer"]
    first = answer["citations"][0]
    assert (first["document"], first["page_number"]) == ("pump-manual.pdf", 6)
    image = client.get(f"/v1/pages/{first['page_id']}/image")
    with Image.open(BytesIO(image.content)) as page:
        x0, y0, x1, y1 = first["box"]
        crop = page.convert("L").crop(
            (x0 * page.width, y0 * page.height, x1 * page.width, y1 * page.height)
        )
        assert crop.getextrema()[0] < 128  # there is ink in the box


def test_a_streamed_answer_is_the_same_as_the_whole_one(client: httpx2.Client) -> None:
    body = {"question": QUESTION, "collections": ["samples"]}
    whole = client.post("/v1/answers", json=body).json()
    events: list[tuple[str, dict]] = []
    with client.stream("POST", "/v1/answers", json=body | {"stream": True}) as response:
        assert response.headers["content-type"].startswith("text/event-stream")
        name = ""
        for line in response.iter_lines():
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                events.append((name, json.loads(line.removeprefix("data:"))))
    names = [name for name, _ in events]
    assert names[0] == "pages" and names[-1] == "done" and "citation" in names
    done = events[-1][1]
    assert done["answer"] == whole["answer"]
    assert "".join(data["text"] for name, data in events if name == "token") == whole["answer"]


def test_http_and_the_command_line_say_the_same(client: httpx2.Client, samples: Cli) -> None:
    by_http = client.post(
        "/v1/search", json={"query": QUESTION, "collections": ["samples"], "k": 5}
    ).json()
    by_cli = samples("search", QUESTION, "-c", "samples", "-k", "5", "--json").json
    assert by_http.keys() == by_cli.keys()
    assert by_http["hits"] == by_cli["hits"]


def test_the_web_page_and_the_documentation_of_the_routes_are_served(client: httpx2.Client) -> None:
    assert "<title>" in client.get("/").text
    assert client.get("/openapi.json").json()["info"]["title"]


def test_an_unknown_collection_has_the_one_error_shape(client: httpx2.Client) -> None:
    response = client.post("/v1/search", json={"query": "x", "collections": ["nothing"]})
    assert response.status_code == 404
    assert response.json()["error"]["code"] == "collection_not_found"
