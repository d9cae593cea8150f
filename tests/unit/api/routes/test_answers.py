"""Answers over HTTP, whole and streamed."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import Services
from generator.answering.answers import Answer, AnswerDone, AnswerEvent, PagesFound, Token
from generator.backends.fake import FakeAnswerModel
from generator.errors import GeneratorError
from indexer.base.errors import DamagedFile
from tests.builders import fake_services, pdf_bytes
from tests.support.small_library import written_by

ASK = {"question": "How tight are the housing bolts?", "collections": ["manuals"]}


class Scripted:
    """An answerer that plays a script and remembers whether it was closed."""

    def __init__(self, script: Callable[[], Iterator[AnswerEvent]]) -> None:
        self._script = script
        self.closed = threading.Event()

    def stream(self, *_: object, **__: object) -> Iterator[AnswerEvent]:
        try:
            yield from self._script()
        finally:
            self.closed.set()


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    data_dir = tmp_path_factory.mktemp("http") / "data"
    wired = fake_services(data_dir)
    wired.create_collection("manuals")
    data = pdf_bytes("Pump manual", "Tighten the housing bolts to 45 Nm.")
    with TestClient(create_app(wired)) as client:
        files = {"files": ("pump.pdf", data)}
        assert (
            client.post("/v1/collections/manuals/documents?wait=true", files=files).status_code
            == 201
        )
    return wired


@pytest.fixture
def client(services: Services) -> TestClient:
    return TestClient(create_app(services), raise_server_exceptions=False)


def scripted(services: Services, script: Callable[[], Iterator[AnswerEvent]]) -> Any:
    return create_app(replace(services, answerer=Scripted(script)))  # type: ignore[arg-type]


def events_of(text: str) -> list[tuple[str, Any]]:
    assert text.endswith("\n\n")
    found = []
    for frame in text[:-2].split("\n\n"):
        name, data = frame.split("\n")
        assert name.startswith("event: ") and data.startswith("data: ")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_is_one_json_body(client: TestClient) -> None:
    body = client.post("/v1/answers", json=ASK).json()
    assert body["question"] == ASK["question"]
    assert body["pages"][0]["page_number"] == 2
    fields = {"question", "answer", "grounded", "citations", "pages", "usage"}
    fields |= {"searched_question", "missing_words"}
    fields |= {"html", "values", "is_markdown", "removed_citations", "data", "refusal"}
    fields |= {"pointings", "steps", "nearest", "further", "parts"}
    assert set(body) == fields | {"unsupported_claims", "degraded", "missing_pages"}


def test_a_written_answer_is_html_that_shows_what_was_removed(services: Services) -> None:
    model = FakeAnswerModel(["They take **45 Nm** [2]", " [9]. Blue paint is used."])
    body = TestClient(create_app(written_by(services, model))).post("/v1/answers", json=ASK).json()
    assert body["is_markdown"] and body["values"] == []
    (number,) = body["removed_citations"]
    assert number["n"] == 9 and body["answer"][: number["at"]].endswith("[1]")
    assert "<strong>45 Nm</strong>" in body["html"]
    assert '<del class="removed">[9]</del>' in body["html"]
    assert '<span class="unproved" data-claim="1">Blue paint is used.</span>' in body["html"]


def test_a_quoted_answer_tells_its_value(client: TestClient) -> None:
    body = client.post("/v1/answers", json=ASK).json()
    assert body["values"] == ["45 Nm"] and not body["is_markdown"]
    assert body["html"].startswith('<p><strong class="value">45 Nm</strong></p>')


def test_a_stream_is_pages_then_tokens_with_their_citations_then_done(client: TestClient) -> None:
    answer = client.post("/v1/answers", json=ASK | {"stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert answer.headers["cache-control"] == "no-store"
    events = events_of(answer.text)
    names = [name for name, _ in events]
    assert (names[0], names[-1]) == ("pages", "done")
    assert set(names[1:-1]) <= {"token", "citation"}
    done = events[-1][1]
    assert "".join(data["text"] for name, data in events if name == "token") == done["answer"]
    assert [data for name, data in events if name == "citation"] == done["citations"]
    said = ""
    for name, data in events:
        said += data["text"] if name == "token" else ""
        assert name != "citation" or f"[{data['n']}]" in said
    whole = client.post("/v1/answers", json=ASK).json()
    assert done | {"usage": 0} == whole | {"usage": 0}


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"question": " "}, 422, "empty_query"),
        ({"collections": ["nowhere"]}, 404, "collection_not_found"),
        ({"k": 0}, 422, "invalid_query"),
        ({"filters": {"pages": "x"}}, 422, "invalid_filter"),
        ({"filters": {"documents": ["nowhere.pdf"]}}, 404, "document_not_found"),
    ],
)
def test_a_question_that_cannot_be_asked_has_its_status_before_any_event(
    client: TestClient, stream: bool, change: dict[str, Any], status: int, code: str
) -> None:
    answer = client.post("/v1/answers", json=ASK | change | {"stream": stream})
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_an_error_after_the_stream_began_is_an_event_of_the_same_shape(services: Services) -> None:
    def script() -> Iterator[AnswerEvent]:
        yield PagesFound(())
        yield Token("Some")
        raise GeneratorError("the model went away: ask again")

    client = TestClient(scripted(services, script))
    answer = client.post("/v1/answers", json=ASK | {"stream": True})
    assert answer.status_code == 200
    events = events_of(answer.text)
    assert [name for name, _ in events] == ["pages", "token", "error"]
    assert events[-1][1]["error"] == {
        "message": "the model went away: ask again",
        "type": "GeneratorError", "code": "generator_error", "param": None,
    }  # fmt: skip
    whole = client.post("/v1/answers", json=ASK)
    assert (whole.status_code, whole.json()) == (502, events[-1][1])


def test_an_error_event_tells_neither_traces_nor_folders(services: Services) -> None:
    root = services.stores.folder.root

    def unexpected() -> Iterator[AnswerEvent]:
        yield PagesFound(())
        raise KeyError("secret detail")

    def damaged() -> Iterator[AnswerEvent]:
        yield PagesFound(())
        raise DamagedFile(f"{root}/images/x.webp is missing")

    for script, said in ((unexpected, "something went wrong"), (damaged, "DATA/images/x.webp")):
        client = TestClient(scripted(services, script))
        text = client.post("/v1/answers", json=ASK | {"stream": True}).text
        assert said in text
        assert "secret" not in text and str(root) not in text


def test_text_of_any_kind_arrives_as_it_was(services: Services) -> None:
    told = "line\nline\r\n\n\nevent: done\ndata: {}\n\n\u2028 <script> \U0001f600"

    def script() -> Iterator[AnswerEvent]:
        yield PagesFound(())
        yield Token(told)
        yield AnswerDone(Answer("q", told, False, (), (), {}))

    answer = TestClient(scripted(services, script)).post("/v1/answers", json=ASK | {"stream": True})
    events = events_of(answer.text)
    assert [name for name, _ in events] == ["pages", "token", "done"]
    assert events[1][1]["text"] == events[2][1]["answer"] == told


def test_a_stream_ends_when_the_client_goes_away(services: Services) -> None:
    told = []

    def script() -> Iterator[AnswerEvent]:
        yield PagesFound(())
        for i in range(10_000):
            told.append(i)
            yield Token(f"{i} ")

    app = scripted(services, script)

    async def ask_and_leave() -> None:
        gone = anyio.Event()
        body = json.dumps(ASK | {"stream": True}).encode()
        incoming = [{"type": "http.request", "body": body, "more_body": False}]

        async def receive() -> Any:
            if incoming:
                return incoming.pop()
            await gone.wait()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if b"event: token" in message.get("body", b""):
                gone.set()

        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1", "method": "POST", "scheme": "http", "path": "/v1/answers",
            "raw_path": b"/v1/answers", "query_string": b"", "root_path": "",
            "headers": [(b"content-type", b"application/json"), (b"host", b"x")],
            "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
        }  # fmt: skip
        await app(scope, receive, send)

    anyio.run(ask_and_leave)
    assert app.state.running.services.answerer.closed.wait(600)
    assert len(told) < 10_000


def test_a_slow_answer_does_not_hold_up_other_requests(services: Services, tmp_path: Path) -> None:
    waiting = threading.Event()
    release = threading.Event()

    def script() -> Iterator[AnswerEvent]:
        yield PagesFound(())
        waiting.set()
        release.wait(600)
        yield AnswerDone(Answer("q", "", False, (), (), {}))

    with TestClient(scripted(services, script)) as client:
        asked = threading.Thread(
            target=lambda: client.post("/v1/answers", json=ASK | {"stream": True})
        )
        asked.start()
        assert waiting.wait(600)
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/collections").status_code == 200
        release.set()
        asked.join(600)
    assert not asked.is_alive()
