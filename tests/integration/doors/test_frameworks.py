"""The retrievers of the client and its example agent, under the frameworks' own classes."""

from __future__ import annotations

import asyncio
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from api.serve.app import create_app
from pagesight_client import AsyncClient, Client
from tests.builders import fake_services, pdf_bytes
from tests.conftest import ROOT
from tests.support.real_server import serving

QUERY = "the housing bolts"
LANGCHAIN = "langchain-core is not installed: pip install 'pagesight-client[langchain]'"
LLAMAINDEX = "llama-index-core is not installed: pip install 'pagesight-client[llamaindex]'"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with a manual, tagged, and a lease."""
    services = fake_services(tmp_path_factory.mktemp("frameworks") / "data")
    with serving(create_app(services)) as address, Client(address) as client:
        client.create_collection("a")
        pump = ("pump.pdf", pdf_bytes("Pump manual", "Tighten the housing bolts to 45 Nm"))
        client.wait(client.upload("a", [pump], tags=["manual"], metadata={"year": "2026"}))
        client.wait(client.upload("a", [("lease.pdf", pdf_bytes("The lease ends in June"))]))
        yield address


def check_pages(pages: list[tuple[str, dict[str, Any]]]) -> None:
    text, metadata = pages[0]
    assert "housing bolts to 45 Nm" in text
    assert (metadata["source"], metadata["page_number"], metadata["year"]) == (
        "pump.pdf",
        2,
        "2026",
    )
    assert metadata["tags"] == ["manual"] and len(metadata["boxes"][0]) == 4
    assert {metadata["source"] for _, metadata in pages} == {"pump.pdf"}


def test_langchain_gets_pages_as_documents_sync_and_async(address: str) -> None:
    pytest.importorskip("langchain_core", reason=LANGCHAIN)
    from langchain_core.runnables import RunnableLambda

    from pagesight_client.langchain import PagesightRetriever

    def rows(documents: list[Any]) -> list[tuple[str, dict[str, Any]]]:
        return [(row.page_content, row.metadata) for row in documents]

    async def ask() -> list[Any]:
        async with AsyncClient(address) as async_client:
            own = retriever.model_copy(update={"async_client": async_client})
            return [*(await own.ainvoke(QUERY))]

    with Client(address) as client:
        retriever = PagesightRetriever(
            client=client, collections=("a",), k=2, filters={"tags": ["manual"]}
        )
        check_pages(rows(retriever.invoke(QUERY)))
        check_pages(rows(asyncio.run(ask())))
        check_pages(rows(asyncio.run(retriever.ainvoke(QUERY))))
        chain = retriever | RunnableLambda(lambda documents: len(documents))
        assert chain.invoke(QUERY) == 2


def test_llamaindex_gets_pages_as_nodes_sync_and_async(address: str) -> None:
    pytest.importorskip("llama_index.core", reason=LLAMAINDEX)
    from pagesight_client.llamaindex import PagesightRetriever

    def rows(nodes: list[Any]) -> list[tuple[str, dict[str, Any]]]:
        assert [node.score for node in nodes] == sorted((n.score for n in nodes), reverse=True)
        return [(node.node.get_content(), node.node.metadata) for node in nodes]

    async def ask() -> list[Any]:
        async with AsyncClient(address) as async_client:
            own = PagesightRetriever(client, ["a"], 2, async_client=async_client, tags=["manual"])
            return [*(await own.aretrieve(QUERY))]

    with Client(address) as client:
        retriever = PagesightRetriever(client, ["a"], 2, metadata={"year": "2026"})
        check_pages(rows(retriever.retrieve(QUERY)))
        check_pages(rows(asyncio.run(ask())))


def example() -> ModuleType:
    path = ROOT / "client" / "examples" / "agent.py"
    spec = importlib.util.spec_from_file_location("example_agent", Path(path))
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def test_the_example_agent_searches_reads_and_answers_with_its_proof(
    address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("langchain_core", reason=LANGCHAIN)
    agent = example()
    with Client(address) as client:
        by_name = {row.name: row for row in agent.tools(client, ["a"])}
        assert all(row.description and row.args for row in by_name.values())
        found = by_name["search_pages"].invoke({"query": QUERY})
        assert "45 Nm" in by_name["read_page"].invoke({"page_id": found[0]["page_id"]})
        answer = by_name["ask_documents"].invoke({"question": "How tight are the housing bolts?"})
        assert answer["citations"] == ["pump.pdf, page 2"]
    monkeypatch.setattr(agent, "Client", lambda _: Client(address))
    agent.main("How tight must the housing bolts be?", "a")
    assert "45 Nm" in capsys.readouterr().out
