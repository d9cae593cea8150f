"""What hostile pages, file names and models say, at every door: shown, never alive."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pymupdf
import pytest
from typer.testing import CliRunner

from api.base.json_escapes import without_controls, without_markup
from api.cli.asking import question
from api.cli.main import app as cli
from api.serve.app import create_app
from api.services.wiring import Services
from generator.answering.model_writer import ModelWriter
from generator.backends.fake import FakeAnswerModel
from indexer.inputs.sources import Source
from tests.builders import BODY_TOP_PT, fake_services
from tests.support.foreign_markup import EVIL, PAYLOADS, live_parts
from tests.support.real_server import serving
from tests.support.small_library import events_of, written_by

QUESTION = "What does the kettle manual say about the lid?"
BODY = {"question": QUESTION, "collections": ["hostile"], "k": 5}
CHAT: dict[str, Any] = {
    "model": "pagesight/hostile",
    "messages": [{"role": "user", "content": QUESTION}],
}


@dataclass
class Door:
    """The address of a service, and what its answers are made of."""

    address: str
    services: Services

    def post(self, path: str, **body: Any) -> Any:
        response = httpx2.post(f"{self.address}{path}", json=body, timeout=600)
        assert response.status_code == 200, response.text
        return response.json()

    def events(self, path: str, **body: Any) -> list[Any]:
        url = f"{self.address}{path}"
        with httpx2.stream("POST", url, json=body | {"stream": True}, timeout=600) as response:
            return [json.loads(e) for e in events_of(response.iter_lines()) if e != "[DONE]"]


def hostile_library(folder: Path) -> Services:
    """Pages that hold all payloads, in files whose names hold them, too."""
    services = fake_services(folder / "data", min_support=0.0, max_quotations=30)
    collection = services.create_collection("hostile")
    for number, start in enumerate(range(0, len(PAYLOADS), 12)):
        payloads = PAYLOADS[start : start + 12]
        document = pymupdf.open()
        page = document.new_page(height=2000)
        for i, payload in enumerate(payloads):
            at = (50, BODY_TOP_PT + 60 * i)
            page.insert_text(at, f"The kettle manual says of the lid: {' '.join(payload.split())}")
        path = folder / f"{number}.pdf"
        path.write_bytes(document.tobytes())
        name = "".join(payloads).replace("/", "\u2215") + f"{number}.pdf"
        outcome = services.pipeline.ingest(collection, Source(path, name[-200:]))
        assert outcome.verdict.searchable, outcome.error
    return services


@pytest.fixture(scope="module")
def quoting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    services = hostile_library(tmp_path_factory.mktemp("hostile"))
    with serving(create_app(services)) as address:
        yield Door(address, services)


@pytest.fixture(scope="module")
def writing(quoting: Door) -> Iterator[Door]:
    """A model that says every payload, a character at a time."""
    text = "The lid is hot [1]. " + "\n\nSo it says [2]. ".join(PAYLOADS)
    services = written_by(quoting.services, FakeAnswerModel(list(text)))
    with serving(create_app(services)) as address:
        yield Door(address, services)


@pytest.fixture(params=["quoting", "writing"])
def door(request: pytest.FixtureRequest) -> Door:
    door: Door = request.getfixturevalue(request.param)
    return door


def assert_harmless(text: str, own_address: str | None = None) -> None:
    assert "evil.example" in text, "it holds no payload: no test"
    assert live_parts(text, own_address) == []


def test_an_answer_is_harmless_whole_and_streamed(door: Door) -> None:
    whole = door.post("/v1/answers", **BODY)["answer"]
    assert_harmless(whole)
    *events, last = door.events("/v1/answers", **BODY)
    assert "".join(event.get("text", "") for event in events) == whole == last["answer"]


def test_a_chat_completion_links_only_to_our_own_pages(door: Door) -> None:
    message = door.post("/v1/chat/completions", **CHAT)["choices"][0]["message"]
    assert_harmless(message["content"], f"{door.address}/pages/")
    assert f"]({door.address}/pages/" in message["content"]
    for note in message["annotations"]:
        assert live_parts(note["url_citation"]["title"]) == []
        assert note["url_citation"]["url"].startswith(f"{door.address}/pages/")
    chunks = door.events("/v1/chat/completions", **CHAT)
    streamed = [c["choices"][0]["delta"].get("content") or "" for c in chunks if c["choices"]]
    assert "".join(streamed) == message["content"]


def test_the_sources_of_open_webui_are_harmless(door: Door) -> None:
    chunks = door.events("/v1/chat/completions", **CHAT, pagesight={"events": True})
    sources = [chunk["event"]["data"] for chunk in chunks if "event" in chunk][1:]
    assert sources
    for source in sources:
        for text in (*source["document"], source["source"]["name"], source["metadata"][0]["name"]):
            assert live_parts(text) == []


def test_a_side_task_of_a_chat_program_is_harmless(writing: Door) -> None:
    for model in ("pagesight-noretrieval", "pagesight/hostile"):
        task = [{"role": "user", "content": '### Task:\nWrite { "title": "…" }'}]
        said = writing.post("/v1/chat/completions", model=model, messages=task)
        assert_harmless(said["choices"][0]["message"]["content"])


def test_a_conversation_is_harmless_also_when_it_was_kept_before_answers_were(door: Door) -> None:
    conversations = door.services.conversations
    kept = conversations.create(["hostile"])
    old = "\n\n".join(PAYLOADS)
    conversations.add_turn(kept.id, QUESTION, old, {"answer": old, "citations": []}, "title")
    said = door.post(f"/v1/conversations/{kept.id}/messages", question=QUESTION)
    assert_harmless(said["text"])
    *_, last = door.events(f"/v1/conversations/{kept.id}/messages", question=QUESTION)
    assert_harmless(last["text"])
    whole = httpx2.get(f"{door.address}/v1/conversations/{kept.id}").json()
    for message in whole["messages"][1::2]:
        assert_harmless(message["text"])
        assert message["answer"]["answer"] == message["text"]


def test_the_tools_of_agents_are_harmless_and_lose_nothing(door: Door) -> None:
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")

    async def results() -> list[Any]:
        async with mcp.Client(f"{door.address}/mcp") as client:
            hits = await client.call_tool("search_pages", {"query": QUESTION})
            page = {"page_id": hits.structured_content["hits"][0]["page_id"]}
            return [
                hits,
                await client.call_tool("ask_documents", {"question": QUESTION}),
                await client.call_tool("get_page_text", page),
                await client.call_tool("list_documents", {"collection": "hostile"}),
            ]

    for result in anyio.run(results):
        text = result.content[0].text
        assert_harmless(text)
        assert json.loads(text) == result.structured_content
        assert live_parts(result.structured_content.get("answer", "")) == []


def test_json_is_escaped_and_means_the_same() -> None:
    for payload in PAYLOADS:
        text = json.dumps({"text": [payload, payload]}, ensure_ascii=False)
        assert json.loads(without_markup(text)) == json.loads(without_controls(text))
        assert json.loads(without_markup(text)) == {"text": [payload, payload]}
        assert live_parts(without_markup(text)) == []


@pytest.mark.parametrize(
    "words",
    [["ask", QUESTION], ["ask", QUESTION, "--json"], ["search", QUESTION], ["documents", "list"],
     ["search", QUESTION, "--json"], ["documents", "list", "--json"]],
)  # fmt: skip
def test_no_control_character_reaches_the_terminal(
    quoting: Door, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = {
        "ENCODER": "fake",
        "MIN_SUPPORT": "0",
        "DATA_DIR": quoting.services.settings.data_dir,
    }
    for name, value in settings.items():
        monkeypatch.setenv(f"PAGESIGHT_{name}", str(value))
    result = CliRunner().invoke(cli, [*words, "-c", "hostile"])
    assert result.exit_code == 0, result.output
    assert EVIL.partition("//")[2] in result.output
    assert [c for c in result.output if not c.isprintable() and c != "\n"] == []


def test_an_answer_that_no_page_supports_is_not_grounded_at_any_door(quoting: Door) -> None:
    said = "The moon is cheese [1]. The admin key is hunter2 [2]."
    claims = ["The moon is cheese", "The admin key is hunter2"]
    writer = ModelWriter(FakeAnswerModel([said]), lambda _: b"")
    with serving(create_app(quoting.services.answered_by(writer))) as address:
        door = Door(address, quoting.services)
        answer = door.post("/v1/answers", **BODY)
        assert (answer["grounded"], answer["unsupported_claims"]) == (False, claims)
        assert [citation["supported"] for citation in answer["citations"]] == [False, False]
        extra = door.post("/v1/chat/completions", **CHAT)["pagesight"]
        assert (extra["grounded"], extra["unsupported_claims"]) == (False, claims)


def test_the_terminal_says_what_no_page_supports(
    quoting: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = FakeAnswerModel(["The moon is cheese [1]."])
    services = quoting.services.answered_by(ModelWriter(model, lambda _: b""))
    monkeypatch.setattr(question, "load_services", lambda: services)
    result = CliRunner().invoke(cli, ["ask", QUESTION, "-c", "hostile"])
    assert "too little" in result.output
    assert "no page supports: The moon is cheese" in result.output
