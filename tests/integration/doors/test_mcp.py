"""The tools for agents, used by the official SDK's own client over both transports."""

from __future__ import annotations

import base64
import json
import os
import sys
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from fastapi import FastAPI
from PIL import Image
from typer.testing import CliRunner

from api.cli.main import app as cli
from api.mcp.advice import for_agents
from api.serve.app import create_app
from api.services.wiring import Services, wire
from generator.backends.fake import FakeAnswerModel
from tests.conftest import ROOT
from tests.support.real_server import serving
from tests.support.small_library import QUESTION, SENTENCE, endless, written_by
from tests.support.waiting import wait_until

mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")

TOOLS = [
    "list_collections", "list_documents", "search_pages", "get_page", "get_page_text",
    "get_page_tables", "ask_documents",
]  # fmt: skip


@asynccontextmanager
async def over_http(address: str, **options: Any) -> AsyncIterator[Any]:
    async with mcp.Client(f"{address}/mcp", **options) as client:
        yield client


@asynccontextmanager
async def over_stdio(data_dir: Path, **environment: str) -> AsyncIterator[Any]:
    started = mcp.StdioServerParameters(
        command=sys.executable,
        args=["-m", "api.cli", "mcp"],
        cwd=ROOT,
        env=dict(os.environ)
        | {"PAGESIGHT_DATA_DIR": str(data_dir), "PAGESIGHT_ENCODER": "fake"}
        | environment,
    )
    async with mcp.Client(mcp.stdio_client(started)) as client:
        yield client


def call(address: str, name: str, **arguments: Any) -> Any:
    async def once() -> Any:
        async with over_http(address) as client:
            return await client.call_tool(name, arguments)

    return anyio.run(once)


def body(result: Any) -> Any:
    """What a result says, which is the same in both of its forms."""
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def images(result: Any) -> list[Image.Image]:
    shown = [one for one in result.content if one.type == "image"]
    assert {one.mime_type for one in shown} <= {"image/jpeg"}
    return [Image.open(BytesIO(base64.b64decode(one.data))) for one in shown]


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_the_tools_are_described_and_change_nothing(address: str, mode: str) -> None:
    async def listed() -> Any:
        async with over_http(address, mode=mode) as client:
            return (await client.list_tools()).tools

    tools = anyio.run(listed)
    assert [tool.name for tool in tools] == TOOLS
    for tool in tools:
        assert tool.title and tool.description
        assert tool.input_schema["type"] == tool.output_schema["type"] == "object"
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.open_world_hint is False


def test_ids_of_one_tool_are_taken_by_the_next(address: str) -> None:
    async def walk() -> None:
        async with over_http(address) as client:
            told = body(await client.call_tool("list_collections", {}))
            names = [one["name"] for one in told["collections"]]
            assert names == ["garden", "manuals"]
            assert [entry["title"] for entry in told["collections"]] == names
            listed = body(await client.call_tool("list_documents", {"collection": names[1]}))
            (document,) = listed["documents"]
            assert (document["name"], document["pages"]) == ("pump.pdf", 3)
            found = body(
                await client.call_tool(
                    "search_pages",
                    {"query": QUESTION, "documents": [document["id"]], "collections": [names[1]]},
                )
            )
            best = found["hits"][0]
            assert (best["document"], best["page_number"]) == ("pump.pdf", 2)
            page = await client.call_tool("get_page", {"page_id": best["page_id"]})
            assert body(page)["document_id"] == document["id"]
            text = body(await client.call_tool("get_page_text", {"page_id": best["page_id"]}))
            assert text["text"] == SENTENCE and text["source"] == "text"
            for url in (best["url"], best["image_url"], body(page)["url"]):
                assert httpx2.get(url).status_code == 200

    anyio.run(walk)


def test_a_question_is_answered_with_citations(address: str) -> None:
    told = body(call(address, "ask_documents", question=QUESTION))
    assert told["grounded"] and SENTENCE in told["answer"]
    first = told["citations"][0]
    assert (first["document"], first["page_number"], first["quote"]) == ("pump.pdf", 2, SENTENCE)
    assert "<rect " in httpx2.get(first["url"]).text
    assert told["pages"][0]["page_id"] == first["page_id"]


@pytest.mark.parametrize(
    ("tool", "argument"), [("search_pages", "query"), ("ask_documents", "question")]
)
def test_the_encoder_is_loaded_for_all_to_see_after_an_agents_first_question(
    services: Services, tool: str, argument: str
) -> None:
    def is_loaded() -> tuple[bool, bool]:
        gauge = "pagesight_encoder_loaded 1.0" in httpx2.get(f"{address}/metrics").text
        return gauge, httpx2.get(f"{address}/readyz").json()["encoder_loaded"]

    notes: list[str] = []
    fresh = wire(services.settings)
    fresh.encoder.when_loaded(lambda: notes.append("loaded"))
    with serving(create_app(fresh)) as address:
        assert is_loaded() == (False, False) and notes == []
        body(call(address, tool, **{argument: QUESTION}))
        assert is_loaded() == (True, True) and notes == ["loaded"]


def test_what_nothing_supports_is_told_as_such(address: str) -> None:
    told = body(call(address, "ask_documents", question="Who painted Guernica?"))
    assert told["grounded"] is False and told["citations"] == [] and told["pages"]


def test_images_come_as_asked(address: str) -> None:
    by_url = call(address, "search_pages", query=QUESTION, collections=["manuals"])
    assert images(by_url) == [] and body(by_url)["hits"][0]["image_url"]
    none = call(address, "search_pages", query=QUESTION, collections=["manuals"], images="none")
    assert images(none) == [] and body(none)["hits"][0]["image_url"] is None
    inside = call(address, "search_pages", query=QUESTION, collections=["manuals"], images="base64")
    assert len(images(inside)) == 3
    assert all(max(image.size) <= 1024 for image in images(inside))


def test_a_page_comes_with_its_neighbours_or_one_region_of_it(address: str) -> None:
    alone = call(address, "get_page", page_id=2, max_px=400)
    (whole,) = images(alone)
    assert max(whole.size) == 400
    assert body(alone)["region"] is None
    with_neighbours = call(address, "get_page", page_id=1, neighbours=2)
    assert len(images(with_neighbours)) == 3  # there is none before the first
    assert body(with_neighbours)["neighbours"] == [2, 3]
    last = call(address, "get_page", page_id=3, neighbours=1)
    assert body(last)["neighbours"] == [2]  # and none of the next document
    region = {"page_id": 2, "region": [0.0, 0.2, 0.1, 0.25]}
    (drawing,) = images(call(address, "get_page", **region))
    assert drawing.width == 1568 > drawing.height  # of a part that has 100 px on the stored image
    (small,) = images(call(address, "get_page", **region, max_px=64))
    assert small.width == 64


def test_documents_come_in_pages(address: str, services: Services, monkeypatch: Any) -> None:
    whole = body(call(address, "list_documents", collection="manuals"))
    assert whole["next_cursor"] is None and len(whole["documents"]) == 1
    monkeypatch.setattr("api.mcp.tools.PER_LISTING", 1)
    first = body(call(address, "list_documents", collection="manuals", query="PUMP"))
    assert first["documents"] == whole["documents"]
    cursor = first["next_cursor"]
    assert httpx2.get(
        f"{address}/v1/collections/manuals/documents", params={"cursor": cursor}
    ).json() == {"collection": "manuals", "documents": [], "next_cursor": None}
    rest = call(address, "list_documents", collection="manuals", cursor=cursor, query="PUMP")
    assert body(rest) == {"collection": "manuals", "documents": [], "next_cursor": None}


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("list_documents", {"collection": "nowhere"}, "no collection 'nowhere'"),
        ("list_documents", {"collection": "manuals", "cursor": "-1"}, "no cursor"),
        ("list_documents", {}, "collection: Field required"),
        ("get_page", {"page_id": 999}, "no page 999"),
        ("get_page", {"page_id": 2, "region": [0, 0, 2, 1]}, "region.2"),
        ("get_page", {"page_id": 2, "region": [0.9, 0.3, 0.6, 0.5]}, "x0 < x1"),
        ("get_page", {"page_id": 2, "region": [1, 1, 1, 1]}, "top left to the bottom right"),
        ("get_page_text", {"page_id": 0}, "page_id"),
        ("search_pages", {"query": " "}, "at least one word"),
        ("search_pages", {"query": "x", "top_k": 21}, "top_k"),
        ("search_pages", {"query": "x", "pages": "first"}, "page range"),
        ("ask_documents", {"question": "x", "documents": ["no.pdf"]}, "no.pdf"),
        ("ask_documents", {"question": "x", "dpi": 300}, "dpi"),
    ],
)
def test_a_failure_is_a_result_that_says_what_to_do(
    address: str, name: str, arguments: dict[str, Any], said: str
) -> None:
    result = call(address, name, **arguments)
    assert result.is_error and result.structured_content is None
    (text,) = result.content
    assert said in text.text and "\n" not in text.text


def test_what_broke_inside_is_not_told(
    services: Services, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr(services.stores.catalog.collections.__class__, "all", broken)
    for mode in ("legacy", "auto"):

        async def once(mode: str = mode) -> Any:
            async with over_http(address, mode=mode) as client:
                return await client.call_tool("list_collections", {})

        result = anyio.run(once)
        assert result.is_error and "secret" not in result.content[0].text


@pytest.mark.parametrize("mode", ["legacy", "auto"])
def test_a_tool_that_does_not_exist_is_an_error_of_the_protocol(address: str, mode: str) -> None:
    async def once() -> None:
        async with over_http(address, mode=mode) as client:
            with pytest.raises(mcp.MCPError, match="no tool 'delete_everything'"):
                await client.call_tool("delete_everything", {})

    anyio.run(once)


def test_a_page_of_another_site_cannot_call_the_tools(address: str) -> None:
    call_it = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"sec-fetch-site": "cross-site", "accept": "application/json, text/event-stream"}
    answer = httpx2.post(f"{address}/mcp", json=call_it, headers=headers, timeout=600)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden")
    assert httpx2.get(f"{address}/mcp").status_code == 405


def test_an_agent_that_leaves_stops_the_answer(services: Services) -> None:
    model = endless()

    async def ask_and_leave(address: str) -> None:
        async with over_http(address) as client:
            with anyio.move_on_after(30) as scope:
                async with anyio.create_task_group() as tasks:
                    tasks.start_soon(client.call_tool, "ask_documents", {"question": QUESTION})
                    await anyio.to_thread.run_sync(wait_until, lambda: model.n_running == 1)
                    scope.cancel()

    with serving(create_app(written_by(services, model))) as address:
        anyio.run(ask_and_leave, address)
        assert model.prompts
        wait_until(lambda: model.n_running == 0)


def limited(services: Services, model: FakeAnswerModel, **limits: Any) -> FastAPI:
    settings = services.settings.model_copy(update={"embedded_worker": False, **limits})
    return create_app(written_by(wire(settings), model))


def working(address: str, of: str) -> float:
    """How many have a slot, as the metrics say."""
    metrics = httpx2.get(f"{address}/metrics").text
    line = f'pagesight_admission{{of="{of}",state="working"}} '
    return float(metrics.partition(line)[2].split()[0])


class OneAtATime(FakeAnswerModel):
    """Knows the most answers that it ever wrote at the same time."""

    most_running = 0

    def stream(self, prompt: Any, cancelled: Any) -> Any:
        for piece in super().stream(prompt, cancelled):
            self.most_running = max(self.most_running, self.n_running)
            yield piece


def test_agents_and_programs_share_one_limit_of_answers(services: Services) -> None:
    model = OneAtATime(["word "] * 5, pause_s=0.02)
    question = {"question": QUESTION, "collections": ["manuals"]}
    seen = set()

    def asks_as_an_agent() -> None:
        assert body(call(address, "ask_documents", **question))["answer"]

    def asks_as_a_program() -> None:
        httpx2.post(f"{address}/v1/answers", json=question, timeout=600).raise_for_status()

    with (
        serving(limited(services, model, max_answers=1, max_wait_s=60.0)) as address,
        ThreadPoolExecutor(9) as pool,
    ):
        asking = [pool.submit(asks_as_an_agent) for _ in range(6)]
        asking += [pool.submit(asks_as_a_program) for _ in range(3)]
        while not all(one.done() for one in asking):
            seen.add(working(address, "answers"))
        for one in asking:
            one.result()
        wait_until(lambda: working(address, "answers") == 0.0)
    assert len(model.prompts) == 9
    assert model.most_running == 1
    assert 1.0 in seen and max(seen) == 1.0


def test_beside_answers_over_mcp_a_plain_route_does_not_wait(services: Services) -> None:
    """More of them than the shared pool has threads: each has one of its own."""
    model = FakeAnswerModel(["on and "] * 100_000, pause_s=0.5)
    n = 45
    asking = {"name": "ask_documents", "arguments": {"question": QUESTION}}
    message = {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asking}
    headers = {"accept": "application/json, text/event-stream"}

    async def ask_all(address: str) -> None:
        async with (
            httpx2.AsyncClient(base_url=address, headers=headers, timeout=600) as client,
            anyio.create_task_group() as tasks,
        ):
            for _ in range(n):
                tasks.start_soon(lambda: client.post("/mcp", json=message))
            await anyio.to_thread.run_sync(wait_until, lambda: model.n_running == n)
            listed = await anyio.to_thread.run_sync(httpx2.get, f"{address}/v1/collections")
            assert listed.status_code == 200 and model.n_running == n
            text = await anyio.to_thread.run_sync(lambda: call(address, "list_collections"))
            assert not text.is_error and model.n_running == n
            tasks.cancel_scope.cancel()

    with serving(limited(services, model, max_answers=n)) as address:
        anyio.run(ask_all, address)
        wait_until(lambda: model.n_running == 0)
        wait_until(lambda: working(address, "answers") == 0.0)


def test_a_call_that_finds_no_slot_reads_when_to_come_back(services: Services) -> None:
    model = endless()
    app = limited(services, model, max_answers=1, max_searches=1, max_waiting=0)
    question = {"question": QUESTION, "collections": ["manuals"], "stream": True}
    with (
        serving(app) as address,
        httpx2.stream("POST", f"{address}/v1/answers", json=question, timeout=600),
    ):
        wait_until(lambda: model.n_running == 1)
        result = call(address, "ask_documents", question=QUESTION)
        assert result.is_error and result.structured_content is None
        assert "pagesight is busy with other questions" in result.content[0].text
        assert "(retry after 1 s)" in result.content[0].text
        assert result.meta["retry_after_s"] == 1
        # Whatever takes nothing of it is served on, and so is a search.
        assert body(call(address, "list_collections"))["collections"]
        assert body(call(address, "search_pages", query=QUESTION))["hits"]


def test_the_same_tools_answer_over_standard_input_and_output(services: Services) -> None:
    async def ask() -> None:
        async with over_stdio(services.settings.data_dir) as client:
            assert [tool.name for tool in (await client.list_tools()).tools] == TOOLS
            told = body(await client.call_tool("ask_documents", {"question": QUESTION}))
            assert told["citations"][0]["page_number"] == 2
            assert told["citations"][0]["url"] is None  # nobody said where the service is
            (image,) = images(await client.call_tool("get_page", {"page_id": 2}))
            assert max(image.size) <= 1568

    anyio.run(ask)


def test_links_over_standard_output_begin_with_the_public_address(services: Services) -> None:
    async def ask() -> Any:
        public = {"PAGESIGHT_PUBLIC_URL": "https://pages.example.org/"}
        async with over_stdio(services.settings.data_dir, **public) as client:
            return body(await client.call_tool("get_page_text", {"page_id": 2}))

    assert anyio.run(ask)["url"] == "https://pages.example.org/pages/2"


def test_without_the_sdk_the_service_says_what_to_install(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [one for one in sys.modules if one == "mcp" or one.startswith("mcp.")]:
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(services.settings.data_dir))
    with serving(create_app(services)) as address:
        answer = httpx2.post(f"{address}/mcp", json={}, timeout=600)
        assert httpx2.get(f"{address}/healthz").status_code == 200
    assert answer.status_code == 501
    assert "pip install 'pagesight[mcp]'" in answer.json()["error"]["message"]
    ran = CliRunner().invoke(cli, ["mcp"])
    assert ran.exit_code != 0 and "pagesight[mcp]" in str(ran.exception)


def test_pages_are_resources_with_an_image_and_a_text(address: str) -> None:
    async def read() -> Any:
        async with over_http(address) as client:
            templates = await client.list_resource_templates()
            picture = await client.read_resource("pagesight://pages/2/image")
            text = await client.read_resource("pagesight://pages/2/text")
            return templates, picture.contents[0], text.contents[0]

    templates, picture, text = anyio.run(read)
    assert [row.uri_template for row in templates.resource_templates] == [
        "pagesight://pages/{page_id}/image", "pagesight://pages/{page_id}/text",
    ]  # fmt: skip
    assert Image.open(BytesIO(base64.b64decode(picture.blob))).format == "JPEG"
    assert (picture.mime_type, text.mime_type) == ("image/jpeg", "text/markdown")
    assert SENTENCE.rstrip(".") in text.text


@pytest.mark.parametrize(
    "uri", ["pagesight://pages/999/image", "pagesight://pages/x/text", "file:///etc/passwd"]
)
def test_a_resource_that_is_not_there_is_an_error_that_says_so(address: str, uri: str) -> None:
    async def read() -> str:
        async with over_http(address) as client:
            with pytest.raises(mcp.MCPError) as failure:
                await client.read_resource(uri)
        return str(failure.value)

    assert anyio.run(read).startswith(("no page", "no resource"))


def test_advice_names_tools_and_people_and_no_commands(address: str) -> None:
    result = call(address, "search_pages", query="x", collections=["manuals"], documents=["no.pdf"])
    text = result.content[0].text
    assert result.is_error and "`list_documents` shows what it holds" in text
    assert "pagesight documents" not in text
    assert for_agents("damaged: run `pagesight verify --repair`") == (
        "damaged: ask whoever runs this service"
    )
    assert for_agents("none; `pagesight ingest PATH -c NAME` makes one") == (
        "none; whoever runs this service makes one"
    )


@pytest.mark.parametrize(
    "path", ["protected-resource", "protected-resource/mcp", "authorization-server"]
)
def test_programs_that_look_for_oauth_are_told_that_there_is_none(address: str, path: str) -> None:
    answer = httpx2.get(f"{address}/.well-known/oauth-{path}")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert "API key" in answer.json()["error"]["message"]
