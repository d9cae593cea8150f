"""The real server in a process of its own: HTTP in, a cited answer and its page image out."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import httpx2
import pytest
from PIL import Image

from pagesight_client import Answer, Citation, Client, PagesRead, ServiceError, TokenRead
from tests.acceptance.conftest import SAMPLES, Cli

QUESTION = "What current is the motor overload relay set to in the KD-340 wiring diagram?"


@pytest.fixture(scope="module")
def client(samples_server: str) -> Iterator[Client]:
    with Client(samples_server, timeout_s=600) as client:
        yield client


def test_a_question_is_answered_with_the_page_and_the_box(client: Client) -> None:
    answer = client.answer(QUESTION, ["samples"])
    assert answer.grounded and "5.1 A" in answer.answer
    first = answer.citations[0]
    assert (first.document, first.page_number) == ("pump-manual.pdf", 6)
    assert "5.1 A" in client.page_text(first.page_id).text
    with Image.open(BytesIO(client.page_image(first.page_id))) as page:
        x0, y0, x1, y1 = first.box
        crop = page.convert("L").crop(
            (x0 * page.width, y0 * page.height, x1 * page.width, y1 * page.height)
        )
        assert crop.getextrema()[0] < 128  # there is ink in the box


def test_each_of_two_things_that_are_asked_at_once_has_its_answer_and_its_page(
    client: Client,
) -> None:
    question = (
        "What current is the motor overload relay set to in the KD-340 wiring diagram, and "
        "how many days does Oakhollow have to pay an invoice from Tamsin Vale?"
    )
    answer = client.answer(question, ["samples"])
    current, days = answer.parts
    assert "5.1 A" in current.answer and "thirty-five days" in days.answer
    assert all(part.answer in answer.answer for part in answer.parts)
    assert answer.grounded and min(current.support, days.support) > 0.3
    documents = {citation.document for citation in answer.citations}
    assert documents == {"pump-manual.pdf", "services-agreement.pdf"}
    assert client.answer(QUESTION, ["samples"]).parts == ()


def test_a_streamed_answer_is_the_same_as_the_whole_one(client: Client) -> None:
    whole = client.answer(QUESTION, ["samples"])
    events = list(client.stream(QUESTION, ["samples"]))
    assert isinstance(events[0], PagesRead) and isinstance(events[-1], Answer)
    assert events[-1].answer == whole.answer
    assert "".join(one.text for one in events if isinstance(one, TokenRead)) == whole.answer
    assert tuple(one for one in events if isinstance(one, Citation)) == whole.citations


def test_an_uploaded_file_is_found_and_comes_back_byte_for_byte(client: Client) -> None:
    client.create_collection("uploaded")
    told = []
    jobs = client.upload("uploaded", [SAMPLES / "scanned-letter.pdf"], idempotency_key="once")
    again = client.upload("uploaded", [SAMPLES / "scanned-letter.pdf"], idempotency_key="once")
    assert [one.id for one in again] == [one.id for one in jobs]
    (ended,) = client.wait(jobs, 120, told.append)
    assert ended.state == "done" and ended.document_id is not None
    assert [one.id for one in client.documents("uploaded")] == [ended.document_id]
    file = client.file(ended.document_id)
    assert file == (SAMPLES / "scanned-letter.pdf").read_bytes()
    found = client.search("Who signed the letter?", ["uploaded"]).hits[0]
    assert (found.document, found.document_id) == ("scanned-letter.pdf", ended.document_id)
    client.delete_document(ended.document_id)
    client.delete_collection("uploaded")
    assert [one.name for one in client.collections()] == ["samples"]


def test_http_and_the_command_line_say_the_same(samples_server: str, samples: Cli) -> None:
    by_http = httpx2.post(
        f"{samples_server}/v1/search",
        json={"query": QUESTION, "collections": ["samples"], "k": 5},
        timeout=600,
    ).json()
    by_cli = samples("search", QUESTION, "-c", "samples", "-k", "5", "--json").json
    assert by_http.keys() == by_cli.keys()
    assert by_http["hits"] == by_cli["hits"]


def test_the_web_page_and_the_documentation_of_the_routes_are_served(samples_server: str) -> None:
    assert "<title>" in httpx2.get(samples_server).text
    assert httpx2.get(f"{samples_server}/openapi.json").json()["info"]["title"]


def test_an_unknown_collection_has_the_one_error_shape(client: Client) -> None:
    with pytest.raises(ServiceError) as refused:
        client.search("x", ["nothing"])
    assert (refused.value.status, refused.value.code) == (404, "collection_not_found")
