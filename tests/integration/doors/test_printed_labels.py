"""A page whose printed label differs from its number is named by both, at every door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import httpx2
import pytest
from typer.testing import CliRunner

from api.cli.main import app as cli
from api.serve.app import create_app
from api.services.wiring import Services
from indexer.inputs.sources import Source
from tests.builders import BODY_TOP_PT, document_of, fake_services
from tests.support.openai_client import client_of
from tests.support.real_server import serving

SENTENCE = "The housing bolts must be tightened to 45 Nm."
QUESTION = "How tight must the housing bolts be?"
NAME = 'page 2, printed "iv"'


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    folder = tmp_path_factory.mktemp("labels")
    services = fake_services(folder / "data")
    pdf = document_of("Pump manual.", SENTENCE, top_pt=BODY_TOP_PT)
    pdf.set_page_labels([{"startpage": 0, "prefix": "", "style": "r", "firstpagenum": 3}])
    path: Path = folder / "pump.pdf"
    pdf.save(path)
    services.pipeline.ingest(services.create_collection("manuals"), Source(path, "pump.pdf"))
    return services


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with serving(create_app(services)) as address:
        yield address


def test_rest_has_the_label_beside_the_number(address: str) -> None:
    body = {"question": QUESTION, "collections": ["manuals"]}
    (citation,) = httpx2.post(f"{address}/v1/answers", json=body).json()["citations"]
    assert (citation["page_number"], citation["page_label"]) == (2, "iv")


def test_a_conversation_keeps_the_label(address: str) -> None:
    body = {"collections": ["manuals"]}
    talk = httpx2.post(f"{address}/v1/conversations", json=body).json()
    path = f"{address}/v1/conversations/{talk['id']}"
    httpx2.post(f"{path}/messages", json={"question": QUESTION})
    answer = httpx2.get(path).json()["messages"][1]["answer"]
    assert answer["citations"][0]["page_label"] == "iv"


def test_chat_names_both_in_its_titles(address: str) -> None:
    ask: Any = [{"role": "user", "content": QUESTION}]
    answer = client_of(address).chat.completions.create(model="pagesight/manuals", messages=ask)
    message = answer.choices[0].message
    assert message.annotations
    assert message.annotations[0].url_citation.title == f"pump.pdf, {NAME}"
    assert NAME in (message.content or "")


def test_agents_are_given_the_label(address: str) -> None:
    mcp = pytest.importorskip("mcp", reason="the extra mcp is not installed")

    async def ask() -> Any:
        async with mcp.Client(f"{address}/mcp") as agent:
            arguments = {"question": QUESTION, "collections": ["manuals"]}
            return (await agent.call_tool("ask_documents", arguments)).structured_content

    assert anyio.run(ask)["citations"][0]["page_label"] == "iv"


@pytest.mark.parametrize("command", ["ask", "search"])
def test_the_command_line_names_both(services: Services, command: str) -> None:
    env = {"PAGESIGHT_DATA_DIR": str(services.settings.data_dir), "PAGESIGHT_ENCODER": "fake"}
    run = CliRunner().invoke(cli, [command, QUESTION, "-c", "manuals"], env=env)
    assert f"pump.pdf, {NAME}" in run.output


def test_the_viewer_names_both(address: str) -> None:
    page = httpx2.post(
        f"{address}/v1/search", json={"query": QUESTION, "collections": ["manuals"], "k": 1}
    ).json()["hits"][0]
    html = httpx2.get(f"{address}/pages/{page['page_id']}").text
    assert "page 2, printed &quot;iv&quot;" in html
    assert "page 2 of 2, printed &quot;iv&quot;" in html
