"""Stored talks over HTTP, and what becomes of the feedback."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.chat.conversation_turns import NewQuestion, ask_in_conversation, turns_of
from api.cli.main import app as cli
from api.diagnostics.evaluation.questions import read_questions
from api.serve.app import create_app
from api.services.authorization import Caller
from api.services.conversation_records import Message
from api.services.wiring import Services
from generator.answering.answers import Token
from generator.backends.fake import FakeAnswerModel
from generator.errors import BackendCut
from generator.prompts import Turn
from retriever.query.filters import SearchFilter
from tests.support.small_library import QUESTION, SENTENCE, endless, library, written_by

TALKS = "/v1/conversations"


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("talks"))


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    for talk in services.conversations.latest(100):
        services.conversations.delete(talk.id)
    return TestClient(create_app(services))


def begin(client: TestClient, **fields: Any) -> str:
    made = client.post(TALKS, json={"collections": ["manuals"]} | fields)
    assert made.status_code == 201
    talk_id: str = made.json()["id"]
    return talk_id


def ask(client: TestClient, talk: str, question: str = QUESTION, **fields: Any) -> Any:
    return client.post(f"{TALKS}/{talk}/messages", json={"question": question} | fields)


def test_an_answer_is_kept_with_its_question(client: TestClient) -> None:
    talk = begin(client)
    answer = ask(client, talk).json()
    assert answer["role"] == "assistant" and SENTENCE in answer["text"]
    assert answer["answer"]["citations"][0]["page_number"] == 2
    whole = client.get(f"{TALKS}/{talk}").json()
    assert whole["title"] == "How tight must the housing bolts…"
    assert [one["role"] for one in whole["messages"]] == ["user", "assistant"]
    assert whole["messages"][0]["text"] == QUESTION
    assert whole["messages"][1] == answer
    (listed,) = client.get(TALKS).json()["conversations"]
    assert (listed["id"], listed["messages"]) == (talk, 2)


def test_a_streamed_answer_ends_with_the_message_that_was_kept(client: TestClient) -> None:
    talk = begin(client)
    streamed = ask(client, talk, stream=True)
    parts = streamed.text.strip().split("\n\n")
    frames = [part.split("\n") for part in parts if not part.startswith(":")]  # a sign of life
    names = [name.removeprefix("event: ") for name, _ in frames]
    assert (names[0], names[-1]) == ("pages", "done") and "citation" in names
    done = json.loads(frames[-1][1].removeprefix("data: "))
    assert done == client.get(f"{TALKS}/{talk}").json()["messages"][1]


def test_what_was_said_before_reaches_the_model(services: Services) -> None:
    model = FakeAnswerModel(["It is 45 Nm [1]."])
    client = TestClient(create_app(written_by(services, model)))
    talk = begin(client)
    ask(client, talk)
    ask(client, talk, "And in bar?")
    assert model.prompts[-1].history == (Turn(QUESTION, "It is 45 Nm."),)
    assert model.prompts[-1].question == "And in bar?"


def test_an_answer_that_fails_is_not_kept(services: Services) -> None:
    model = FakeAnswerModel(["It is"], BackendCut("the model went away: ask again"))
    client = TestClient(create_app(written_by(services, model)))
    talk = begin(client)
    assert ask(client, talk).status_code == 502
    assert "event: error" in ask(client, talk, stream=True).text
    assert client.get(f"{TALKS}/{talk}").json()["messages"] == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "code"),
    [
        ("POST", "", {"collections": ["nowhere"]}, 404, "collection_not_found"),
        ("POST", "", {"collections": ["manuals"], "title": "x" * 201}, 422, "invalid_request"),
        ("GET", "/unknown", None, 404, "conversation_not_found"),
        ("DELETE", "/unknown", None, 404, "conversation_not_found"),
        ("GET", "?limit=0", None, 422, "invalid_request"),
        ("POST", "/unknown/messages", {"question": "?"}, 404, "conversation_not_found"),
        (
            "PUT",
            "/unknown/messages/x/feedback",
            {"verdict": "wrong"},
            404,
            "conversation_not_found",
        ),
    ],
)
def test_what_cannot_be_done_says_why(
    client: TestClient, method: str, path: str, body: Any, status: int, code: str
) -> None:
    answer = client.request(method, TALKS + path, json=body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)


def test_a_question_that_cannot_be_asked_has_its_status_and_is_not_kept(client: TestClient) -> None:
    talk = begin(client)
    for stream in (True, False):
        assert ask(client, talk, " ", stream=stream).status_code == 422
        assert ask(client, talk, k=0, stream=stream).status_code == 422
    assert client.get(f"{TALKS}/{talk}").json()["messages"] == []


def test_a_deleted_talk_is_gone(client: TestClient) -> None:
    talk = begin(client)
    assert client.delete(f"{TALKS}/{talk}").status_code == 204
    assert client.get(f"{TALKS}/{talk}").status_code == 404


def test_a_talk_outlives_a_collection_that_it_was_about(client: TestClient) -> None:
    client.post("/v1/collections", json={"name": "short-lived"})
    talk = begin(client, collections=["short-lived"])
    ask(client, talk)
    client.delete("/v1/collections/short-lived")
    assert len(client.get(f"{TALKS}/{talk}").json()["messages"]) == 2
    assert ask(client, talk).json()["error"]["code"] == "collection_not_found"


def judge(client: TestClient, talk: str, message: str, **body: str) -> Any:
    return client.put(f"{TALKS}/{talk}/messages/{message}/feedback", json=body)


def test_feedback_is_kept_and_exported(
    client: TestClient, services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(services.settings.data_dir))
    talk = begin(client)
    right, wrong = ask(client, talk).json()["id"], ask(client, talk, "Who sells?").json()["id"]
    assert judge(client, talk, right, verdict="helpful").status_code == 200
    said = judge(client, talk, wrong, verdict="wrong_evidence", comment="see page 3").json()
    assert (said["verdict"], said["comment"]) == ("wrong_evidence", "see page 3")
    assert judge(client, talk, wrong, verdict="so-so").status_code == 422
    assert client.get(f"{TALKS}/{talk}").json()["messages"][3]["feedback"] == said

    exported = CliRunner().invoke(cli, ["conversations", "feedback", "--json"])
    first, second = json.loads(exported.stdout)["feedback"]
    assert (first["verdict"], first["question"], first["message_id"]) == (
        "helpful",
        QUESTION,
        right,
    )
    assert first["citations"][0]["quote"] == SENTENCE and first["collections"] == ["manuals"]
    assert second["comment"] == "see page 3"

    lines = CliRunner().invoke(cli, ["conversations", "feedback", "--questions"]).stdout
    (tmp_path / "questions.jsonl").write_text(lines)
    (question,) = read_questions(tmp_path / "questions.jsonl")
    assert question.question == QUESTION and ("pump.pdf", 2) in question.gold


def test_talks_are_listed_and_deleted_from_the_command_line(
    client: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(services.settings.data_dir))
    talk = begin(client, title="Bolts [M8]")
    listed = CliRunner().invoke(cli, ["conversations", "list", "--json"]).stdout
    (told,) = json.loads(listed)["conversations"]
    assert (told["id"], told["title"], told["messages"]) == (talk, "Bolts [M8]", 0)
    assert "Bolts [M8]" in CliRunner().invoke(cli, ["conversations", "list"]).stdout
    assert CliRunner().invoke(cli, ["conversations", "delete", talk]).exit_code == 0
    assert client.get(TALKS).json()["conversations"] == []
    assert "no feedback yet" in CliRunner().invoke(cli, ["conversations", "feedback"]).stdout


def test_a_conversation_is_renamed_and_keeps_its_place(client: TestClient) -> None:
    older, newer = begin(client, title="Bolts"), begin(client, title="Pumps")
    renamed = client.patch(f"{TALKS}/{older}", json={"title": " Torques "})
    assert (renamed.status_code, renamed.json()["title"]) == (200, "Torques")
    listed = client.get(TALKS).json()["conversations"]
    assert [(row["id"], row["title"]) for row in listed] == [(newer, "Pumps"), (older, "Torques")]
    for title in ("", "  ", "x" * 201):
        assert client.patch(f"{TALKS}/{older}", json={"title": title}).status_code == 422
    refusal = client.patch(f"{TALKS}/{older}", json={"title": " "})
    assert refusal.json()["error"]["message"] == "title: it must hold more than blanks"
    assert client.patch(f"{TALKS}/unknown", json={"title": "x"}).status_code == 404


def test_a_question_is_asked_again_with_other_pages(client: TestClient) -> None:
    talk = begin(client)
    read = {hit["page_id"] for hit in ask(client, talk, k=1).json()["answer"]["pages"]}
    again = ask(client, talk, k=1, filters={"without_page_ids": sorted(read)}).json()
    pages = {hit["page_id"] for hit in again["answer"]["pages"]}
    assert pages and not pages & read
    only = ask(client, talk, filters={"page_ids": sorted(pages)}).json()
    assert {hit["page_id"] for hit in only["answer"]["pages"]} == pages
    assert ask(client, talk, filters={"page_ids": [0]}).status_code == 422


def test_a_stored_answer_comes_as_html(client: TestClient) -> None:
    talk = begin(client)
    done = ask(client, talk).json()["answer"]
    assert SENTENCE in done["html"] and 'class="marker" data-n="1"' in done["html"]
    stored = client.get(f"{TALKS}/{talk}").json()["messages"][1]
    assert stored["answer"] == done and stored["stopped"] is False


def test_an_answer_of_before_comes_as_html(client: TestClient, services: Services) -> None:
    talk = begin(client)
    citations = [{"n": 1, "page_id": 2, "box": [0, 0, 1, 1]}]
    old = {"citations": citations, "usage": {"first_token_ms": 3.0}}
    services.conversations.add_turn(talk, QUESTION, "It is **45 Nm** [1].", old, "")
    services.conversations.add_turn(talk, QUESTION, "“a * b * c” [1]", {"citations": citations}, "")
    messages = client.get(f"{TALKS}/{talk}").json()["messages"]
    assert "<strong>45 Nm</strong>" in messages[1]["answer"]["html"]
    assert "a * b * c" in messages[3]["answer"]["html"]


def stop_after(events: Generator[Any], n: int) -> list[Any]:
    """Read `n` events, then leave as a reader does who stops the answer."""
    read = [next(events) for _ in range(n)]
    events.close()
    return read


@pytest.mark.parametrize("streamed", [True, False])
def test_a_stopped_answer_is_kept_as_far_as_it_was_written(
    client: TestClient, services: Services, streamed: bool
) -> None:
    talk = begin(client)
    model = FakeAnswerModel(["It is **45 Nm** [1].", " And", " more"])
    caller = Caller(written_by(services, model))
    question = NewQuestion(QUESTION, 3, SearchFilter(), keeps_stopped=streamed)
    conversation = services.conversations.get(talk)
    events = ask_in_conversation(caller, conversation, question, lambda: False)
    stop_after(events, 5)
    messages = client.get(f"{TALKS}/{talk}").json()["messages"]
    assert len(messages) == (2 if streamed else 0)
    if streamed:
        answer = messages[1]
        assert answer["stopped"] and answer["answer"]["grounded"] is False
        assert answer["text"].startswith("It is **45 Nm** [1].") and "more" not in answer["text"]
        assert "<strong>" in answer["answer"]["html"]
        assert answer["answer"]["unsupported_claims"] == ["It is **45 Nm**"]  # by page 1 of three
        assert 'class="unproved"' in answer["answer"]["html"]
        assert answer["answer"]["pages"] and answer["answer"]["citations"]


def test_an_answer_that_is_cancelled_while_the_model_writes_is_kept(
    client: TestClient, services: Services
) -> None:
    talk = begin(client)
    is_stopped = Event()
    caller = Caller(written_by(services, endless()))
    question = NewQuestion(QUESTION, 3, SearchFilter(), keeps_stopped=True)
    conversation = services.conversations.get(talk)
    for event in ask_in_conversation(caller, conversation, question, is_stopped.is_set):
        if isinstance(event, Token):
            is_stopped.set()
    (asked, told) = client.get(f"{TALKS}/{talk}").json()["messages"]
    assert asked["text"] == QUESTION and told["stopped"] and told["text"].startswith("on and")


def test_what_a_stopped_answer_did_not_say_is_no_part_of_the_talk() -> None:
    now = datetime.now(UTC)
    kept = [
        Message("1", "user", "First?", None, now), Message("2", "assistant", "", {}, now),
        Message("3", "user", "Second?", None, now), Message("4", "assistant", "Yes.", {}, now),
    ]  # fmt: skip
    assert turns_of(kept) == (Turn("Second?", "Yes."),)


def test_a_whole_answer_whose_reader_leaves_at_its_end_is_kept_once(
    client: TestClient, services: Services
) -> None:
    talk = begin(client)
    caller = Caller(services)
    question = NewQuestion(QUESTION, 3, SearchFilter(), keeps_stopped=True)
    conversation = services.conversations.get(talk)
    events = ask_in_conversation(caller, conversation, question, lambda: False)
    while not isinstance(next(events), Message):
        pass
    events.close()
    (_, told) = client.get(f"{TALKS}/{talk}").json()["messages"]
    assert not told["stopped"]


def test_a_conversation_about_no_collection_is_about_all(client: TestClient) -> None:
    talk = begin(client, collections=[])
    assert set(client.get(f"{TALKS}/{talk}").json()["collections"]) == {"garden", "manuals"}
