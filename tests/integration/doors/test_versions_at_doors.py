"""Names, versions and attachments at every door: HTTP, conversations, chat, agents, the client."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from api.mcp.shapes import AskDocuments, ListDocuments, SearchPages
from api.mcp.tools import Tools
from api.serve.app import create_app
from api.services.authorization import Caller
from api.services.wiring import Services
from pagesight_client import Client
from tests.builders import BODY_TOP_PT, document_of, fake_services, pdf_bytes
from tests.support.real_server import serving

QUESTION = "What does a sack of cement cost?"


def price(euros: str) -> bytes:
    return pdf_bytes(f"A sack of cement costs {euros} euros.", top_pt=BODY_TOP_PT)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return fake_services(tmp_path_factory.mktemp("versions") / "data")


@pytest.fixture(scope="module")
def address(services: Services) -> Iterator[str]:
    with serving(create_app(services)) as address:
        yield address


@pytest.fixture(scope="module")
def http(address: str) -> Iterator[httpx2.Client]:
    """A service with two versions of one list, one of them under a second name, and a mail with a bill."""
    with httpx2.Client(base_url=address, timeout=600) as client:
        client.post("/v1/collections", json={"name": "c"})
        upload(client, "list.pdf", price("7.20"))
        upload(client, "old.pdf", price("7.20"))
        upload(client, "list.pdf", price("9.80"))
        mail = document_of("Dear reader")
        mail.embfile_add("bill.pdf", pdf_bytes("Bill of crane"), filename="bill.pdf")
        upload(client, "mail.pdf", bytes(mail.tobytes()))
        yield client


def upload(client: httpx2.Client, *files: str | bytes) -> list[dict]:
    pairs = list(zip(files[::2], files[1::2], strict=True))
    parts = [("files", (name, data, "application/pdf")) for name, data in pairs]
    reply = client.post("/v1/collections/c/documents?wait=true", files=parts)
    assert reply.is_success, reply.text
    return reply.json()["documents"]


def listing(client: httpx2.Client) -> dict[str, list[dict]]:
    rows: dict[str, list[dict]] = {}
    for row in client.get("/v1/collections/c/documents").json()["documents"]:
        rows.setdefault(row["name"], []).append(row)
    return rows


def asked(**more: object) -> dict:
    names = {"documents": ["list.pdf"]}
    return {"question": QUESTION, "collections": ["c"], "filters": names} | more


def versions_of(citations: list[dict]) -> set[int]:
    return {citation["version"]["number"] for citation in citations}


def test_the_listing_shows_versions_aliases_and_parents(http: httpx2.Client) -> None:
    rows = listing(http)
    numbers = {row["version"]["number"]: row for row in rows["list.pdf"]}
    assert sorted(numbers) == [1, 2] and numbers[2]["current"]
    assert numbers[1]["aliases"] == ["old.pdf"] and numbers[1]["current"]  # as old.pdf
    assert rows["bill.pdf"][0]["attachment_of"] == "mail.pdf"
    one = http.get(f"/v1/documents/{numbers[2]['id']}").json()
    assert one["version"]["n_versions"] == 2 and one["version"]["ingested_at"]


def test_searches_and_answers_take_the_newest_unless_asked(http: httpx2.Client) -> None:
    answer = http.post("/v1/answers", json=asked()).json()
    assert "9.80" in answer["answer"] and "7.20" not in answer["answer"]
    assert versions_of(answer["citations"]) == {2} == versions_of(answer["pages"])
    both = http.post("/v1/answers", json=asked(versions="all")).json()
    assert versions_of(both["pages"]) == {1, 2}
    body = {"query": "cement", "collections": ["c"], "versions": "all"}
    body["filters"] = {"documents": ["list.pdf"]}
    assert versions_of(http.post("/v1/search", json=body).json()["hits"]) == {1, 2}
    assert http.post("/v1/search", json=body | {"versions": "old"}).status_code == 422
    attached = body | {"query": "crane", "filters": {"documents": ["mail.pdf"]}}
    hits = http.post("/v1/search", json=attached).json()["hits"]
    assert {(hit["document"], hit["attachment_of"]) for hit in hits} == {
        ("mail.pdf", None),
        ("bill.pdf", "mail.pdf"),
    }


def test_conversations_and_chat_take_them_too(http: httpx2.Client) -> None:
    conversation = http.post("/v1/conversations", json={"collections": ["c"]}).json()["id"]
    body = asked(versions="all")
    del body["collections"]
    message = http.post(f"/v1/conversations/{conversation}/messages", json=body).json()
    assert versions_of(message["answer"]["pages"]) == {1, 2}
    stored = http.get(f"/v1/conversations/{conversation}").json()
    assert versions_of(stored["messages"][-1]["answer"]["pages"]) == {1, 2}
    options = {"versions": "all", "filters": {"documents": ["list.pdf"]}}
    chat = {"model": "pagesight/c", "messages": [{"role": "user", "content": QUESTION}]}
    whole = http.post("/v1/chat/completions", json=chat | {"pagesight": options}).json()
    assert versions_of(whole["pagesight"]["pages"]) == {1, 2}
    assert "version 2 of 2" in whole["choices"][0]["message"]["content"]


def test_agents_ask_for_versions(http: httpx2.Client, services: Services) -> None:
    tools = Tools(Caller(services), None)
    scope = {"collections": ["c"], "documents": ["list.pdf"], "versions": "all"}
    hits = tools.search_pages(SearchPages(query="cement", images="none", **scope)).body
    assert versions_of(hits.model_dump()["hits"]) == {1, 2}
    (outcome,) = tools.ask_documents(AskDocuments(question=QUESTION, **scope))
    assert versions_of(outcome.body.model_dump()["pages"]) == {1, 2}
    documents = tools.list_documents(ListDocuments(collection="c", query="bill")).body.model_dump()
    assert documents["documents"][0]["attachment_of"] == "mail.pdf"


def test_the_client_reads_and_asks_for_them(http: httpx2.Client, address: str) -> None:
    with Client(address) as client:
        hits = client.search("cement", ["c"], documents=["list.pdf"], versions="all").hits
        assert {hit.version.number for hit in hits if hit.version} == {1, 2}
        (citation, *_) = client.answer(QUESTION, ["c"], documents=["list.pdf"]).citations
        assert citation.version is not None and citation.version.number == 2
        by_name = {document.name: document for document in client.documents("c")}
        assert by_name["bill.pdf"].attachment_of == "mail.pdf"


def test_files_of_one_name_in_one_upload_are_no_versions(http: httpx2.Client) -> None:
    rows = upload(http, "twin.pdf", pdf_bytes("first twin"), "twin.pdf", pdf_bytes("second twin"))
    assert [row["name"] for row in rows] == ["twin.pdf", "twin (2).pdf"]


def test_one_name_is_deleted_and_then_the_rest(http: httpx2.Client, address: str) -> None:
    upload(http, "a.pdf", pdf_bytes("spare words"))
    (row,) = upload(http, "b.pdf", pdf_bytes("spare words"))
    path = f"/v1/documents/{row['id']}"
    assert http.delete(path, params={"name": "c.pdf"}).status_code == 404
    with Client(address) as client:
        client.delete_document(row["id"], name="a.pdf")
    assert (http.get(path).json()["name"], http.get(path).json()["aliases"]) == ("b.pdf", [])
    assert http.delete(path).status_code == 204 and http.get(path).status_code == 404


def test_the_command_line_shows_and_takes_versions(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from typer.testing import CliRunner

    from api.cli.main import app

    monkeypatch.setenv("PAGESIGHT_DATA_DIR", str(tmp_path / "data"))
    runner = CliRunner()
    for folder in ("same-name-v1", "same-name-v2"):
        path = shared_data / "reports" / folder / "price-list.pdf"
        assert runner.invoke(app, ["ingest", str(path), "-c", "p"]).exit_code == 0
    words = ["ask", "What is the price of a sack of cement?", "-c", "p"]
    newest = runner.invoke(app, words).stdout
    assert "9.80 euros" in newest and "7.20" not in newest and "version 2 of 2" in newest
    both = runner.invoke(app, [*words, "--versions", "all"]).stdout
    assert all(part in both for part in ("9.80", "7.20", "version 1 of 2", "version 2 of 2"))
    shown = runner.invoke(app, ["documents", "list", "-c", "p", "--json"]).stdout
    assert '"number": 1' in shown and '"number": 2' in shown
