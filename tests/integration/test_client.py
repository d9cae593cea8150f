"""Both clients over a real server: every method, so that each reply is what its record says."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pymupdf
import pytest
from PIL import Image

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import Services
from pagesight_client import (
    Answer,
    AsyncClient,
    Citation,
    Client,
    Conflict,
    InvalidRequest,
    Message,
    NotAllowed,
    NotFound,
    PagesRead,
    TokenRead,
)
from tests.support.real_server import serving
from tests.support.small_library import QUESTION, SENTENCE, library

PAGE = 2


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("client"))


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with serving(create_app(services)) as address:
        yield address


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    with Client(address, timeout_s=600) as client:
        yield client


def pdf(text: str) -> bytes:
    document = pymupdf.open()
    document.new_page().insert_text((72, 72), text)
    return bytes(document.tobytes(no_new_id=True))


def test_the_service_is_well(client: Client) -> None:
    assert client.health().status == "ok"
    readiness = client.readiness()
    assert readiness.status in ("ready", "degraded") and readiness.encoder == "fake"
    assert {"catalog", "disk"} <= {check.name for check in readiness.checks}


def test_a_file_goes_in_and_comes_back_and_is_gone(client: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(pdf("Ink is blue."))
    assert client.create_collection("new").documents == 0
    with pytest.raises(Conflict):
        client.create_collection("new")
    jobs = client.upload("new", [path, ("no.pdf", b"no PDF")], priority=1)
    assert [job.name for job in client.jobs("new")] == ["no.pdf", "a.pdf"]
    *_, good = client.follow_job(jobs[0].id)
    (bad,) = client.wait(jobs[1:], 60)
    assert (good.state, good.verdict, good.pages_done) == ("done", "indexed", 1)
    assert bad.state == "failed" and bad.error is not None and bad.error.code == "unsupported"
    assert client.job(good.id) == good and list(client.jobs(state="failed")) == [bad]
    with pytest.raises(Conflict):
        client.cancel_job(good.id)
    with pytest.raises(Conflict):
        client.retry_job(good.id)
    assert client.collection("new").rejected_files == 1
    assert [document.name for document in client.documents("new")] == ["a.pdf", "no.pdf"]
    assert good.document_id is not None
    assert client.document(good.document_id).pages == 1
    assert client.file(good.document_id) == path.read_bytes()
    client.delete_document(good.document_id)
    with pytest.raises(NotFound) as gone:
        client.document(good.document_id)
    assert (gone.value.code, gone.value.type) == ("document_not_found", "DocumentNotFound")
    client.delete_collection("new")
    assert [row.name for row in client.collections()] == ["garden", "manuals"]


def test_a_page_is_seen_read_and_heated(client: Client) -> None:
    page = client.page(PAGE)
    assert (page.page_id, page.document, page.page_number) == (PAGE, "pump.pdf", 2)
    text = client.page_text(PAGE)
    assert text.text == SENTENCE and [word.text for word in text.words] == SENTENCE.split()
    assert [block.text for block in text.blocks] == [SENTENCE]
    exported = client.export(page.document_id, page=2)
    assert exported == f"*page 2*\n\n{SENTENCE}\n"
    assert SENTENCE in client.export(page.document_id, "html")
    with Image.open(BytesIO(client.page_image(PAGE, width=100))) as image:
        assert (image.format, image.width) == ("WEBP", 100)
    heat = client.heat_map(PAGE, "housing bolts", token=0, combine="sum")
    assert heat.token == 0 and len(heat.grid) == heat.rows and len(heat.grid[0]) == heat.columns
    with Image.open(BytesIO(client.heat_map_image(PAGE, "bolts", width=100))) as image:
        assert (image.format, image.width) == ("PNG", 100)


def test_a_search_finds_pages_within_its_filters(client: Client) -> None:
    result = client.search(QUESTION, ["manuals"], 2)
    best = result.hits[0]
    assert (best.rank, best.page_id, best.document, best.page_label) == (1, PAGE, "pump.pdf", "2")
    assert best.evidence and len(best.evidence[0].box) == 4 and len(result.hits) == 2
    only = client.search(QUESTION, ["manuals"], documents=["pump.pdf"], pages="3")
    assert [hit.page_number for hit in only.hits] == [3]
    with pytest.raises(InvalidRequest) as refused:
        client.search(QUESTION, ["manuals"], image=client.page_image(PAGE))
    assert "encoder" in refused.value.message  # an image came, and this encoder reads words


def test_an_answer_comes_whole_or_in_events(client: Client) -> None:
    answer = client.answer(QUESTION, ["manuals"])
    assert answer.grounded and SENTENCE in answer.answer and answer.citations[0].page_id == PAGE
    events = list(client.stream(QUESTION, ["manuals"]))
    check_events(events, answer.answer)
    assert isinstance(events[-1], Answer) and events[-1].citations == answer.citations


def check_events(events: list[Any], text: str) -> None:
    assert isinstance(events[0], PagesRead) and events[0].pages[0].page_id == PAGE
    assert "".join(event.text for event in events if isinstance(event, TokenRead)) == text
    assert any(isinstance(event, Citation) for event in events)


def test_a_conversation_keeps_what_was_said(client: Client) -> None:
    conversation = client.create_conversation(["manuals"])
    first = client.add_message(conversation.id, QUESTION)
    assert first.answer is not None and first.answer.grounded and first.text == first.answer.answer
    events = list(client.stream_message(conversation.id, QUESTION, 3, documents=["pump.pdf"]))
    second = events[-1]
    assert isinstance(second, Message)
    check_events(events, second.text)
    feedback = client.give_feedback(conversation.id, second.id, "wrong_evidence", "page 3")
    whole = client.conversation(conversation.id)
    assert [message.role for message in whole.messages] == ["user", "assistant"] * 2
    assert whole.messages[-1].feedback == feedback and whole.messages[0].answer is None
    assert [row.id for row in client.conversations()] == [conversation.id]
    assert client.rename_conversation(conversation.id, "Bolts").title == "Bolts"
    read = [hit.page_id for hit in second.answer.pages] if second.answer else []
    other = client.add_message(conversation.id, QUESTION, without_page_ids=read).answer
    assert other is not None and not {hit.page_id for hit in other.pages} & set(read)
    client.delete_conversation(conversation.id)
    assert list(client.conversations()) == []


def test_the_async_client_does_the_same(address: str) -> None:
    async def use() -> None:
        async with AsyncClient(address, timeout_s=600) as client:
            names = [row.name async for row in client.collections()]
            assert names == ["garden", "manuals"]
            await client.create_collection("async")
            jobs = await client.upload("async", [("a.pdf", pdf("Ink is blue."))])
            states = [job.state async for job in client.follow_job(jobs[0].id)]
            assert states[-1] == "done"
            assert (await client.wait(jobs))[0].state == "done"
            await client.delete_collection("async")
            whole = await client.answer(QUESTION, ["manuals"])
            check_events(
                [event async for event in client.stream(QUESTION, ["manuals"])], whole.answer
            )
            with pytest.raises(NotFound):
                await client.search("x", ["nothing"])

    asyncio.run(use())


def test_keys_are_made_listed_and_revoked(tmp_path: Path) -> None:
    """In a service of its own: from the first key on, every request needs one."""
    services = library(tmp_path)
    _, admin_key = services.keys.create("admin", Scope.ADMIN, None, None)
    with serving(create_app(services)) as address:
        with Client(address) as stranger, pytest.raises(NotAllowed) as refused:
            list(stranger.collections())
        assert (refused.value.status, refused.value.code) == (401, "invalid_api_key")
        with Client(address, admin_key) as admin:
            new = admin.create_key("reader", "read", ["manuals"])
            assert new.key not in repr(new)
            with Client(address, new.key) as reader:
                assert [row.name for row in reader.collections()] == ["manuals"]
                with pytest.raises(NotAllowed):
                    reader.create_collection("more")
            admin.revoke_key(new.id)
            revoked = {key.name: key.revoked_at is not None for key in list(admin.keys())}
            assert revoked == {"reader": True, "admin": False}
