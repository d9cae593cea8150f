"""The same hit at every door: REST, chat, MCP and the command line speak of it in the same keys."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx2
import openai
import pytest
from typer.testing import CliRunner

from api.cli.main import app as cli
from api.services.wiring import Services
from tests.support.small_library import QUESTION

KEYS = {
    "rank", "page_id", "document_id", "document", "collection", "page_number", "page_label", "time_s",
    "score", "evidence", "snippet", "matches", "version", "attachment_of", "tags", "metadata",
}  # fmt: skip
LINKS = {"url", "image_url"}


@pytest.fixture(scope="module")
def hits(address: str) -> list[Any]:
    """As REST gives them."""
    body = {"query": QUESTION, "collections": ["manuals"], "k": 5}
    hits: list[Any] = httpx2.post(f"{address}/v1/search", json=body).json()["hits"]
    assert hits and all(hit.keys() == KEYS for hit in hits)
    assert all(region.keys() == {"box", "score"} for hit in hits for region in hit["evidence"])
    return hits


def unlinked(linked_hits: list[Any]) -> list[Any]:
    for hit in linked_hits:
        assert hit.keys() == KEYS | LINKS
        for name in LINKS:
            assert httpx2.get(hit[name]).status_code == 200
    return [{name: hit[name] for name in KEYS} for hit in linked_hits]


def test_an_answer_names_the_pages_that_were_read_as_a_search_does(
    address: str, hits: list[Any]
) -> None:
    body = {"question": QUESTION, "collections": ["manuals"]}
    assert httpx2.post(f"{address}/v1/answers", json=body).json()["pages"] == hits


def test_chat_adds_links_to_the_same_hit(client: openai.OpenAI, hits: list[Any]) -> None:
    ask: Any = [{"role": "user", "content": QUESTION}]
    answer = client.chat.completions.create(model="pagesight/manuals", messages=ask)
    assert unlinked((answer.model_extra or {})["pagesight"]["pages"]) == hits


def test_agents_are_given_links_with_the_same_hit(address: str, hits: list[Any]) -> None:
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")

    async def call(name: str, **arguments: Any) -> Any:
        async with mcp.Client(f"{address}/mcp") as agent:
            return (await agent.call_tool(name, arguments)).structured_content

    found = anyio.run(lambda: call("search_pages", query=QUESTION, collections=["manuals"]))
    assert unlinked(found["hits"]) == hits
    answer = anyio.run(lambda: call("ask_documents", question=QUESTION, collections=["manuals"]))
    assert unlinked(answer["pages"]) == hits


def test_the_command_line_prints_the_same_hit(
    services: Services, hits: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(services.settings.data_dir))
    monkeypatch.setenv("PAGESIGHT_ENCODER", "fake")
    run = CliRunner().invoke(cli, ["search", QUESTION, "-c", "manuals", "--json"])
    assert json.loads(run.output)["hits"] == hits


def test_a_page_is_named_by_the_same_keys_as_a_hit(address: str, hits: list[Any]) -> None:
    names = {"page_id", "document_id", "document", "page_number", "page_label"}
    page = f"{address}/v1/pages/{hits[0]['page_id']}"
    for path in (page, f"{page}/text", f"{page}/heatmap?format=json&query=bolts"):
        body = httpx2.get(path).json()
        assert {name: body[name] for name in names} == {name: hits[0][name] for name in names}
