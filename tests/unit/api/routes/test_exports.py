"""What was read of a document leaves as Markdown, HTML and JSON, by REST and by the command line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import delete, update
from typer.testing import CliRunner

from api.cli.main import app as cli
from api.serve.app import create_app
from api.services.wiring import Services
from indexer.base.errors import StorageError
from indexer.base.layout import BlockKind
from indexer.catalog.document_records import Document
from indexer.catalog.tables import page_words, pages
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf
from tests.support.laid_out import block, field, page_of, plain_table

LAID_OUT = page_of(
    block(BlockKind.PAGE_HEADER, "ACME"),
    block(BlockKind.HEADING, "Prices"),
    plain_table(("Part", "Net"), ("<b>Bolt|M8", "1.00")),
    field("Paid", "", True),
    block(BlockKind.NOTE, "why?", author="Ida"),
)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    """A document of three pages: the first with a layout, the second of before, the third left out."""
    folder = tmp_path_factory.mktemp("exports")
    services = fake_services(folder / "data")
    for name in ("manuals", "others"):
        collection = services.create_collection(name)
        path = write_pdf(folder / "pump.pdf", "Prices", "Tighten the bolts", "Lost")
        services.pipeline.ingest(collection, Source(path, "pump.pdf"))
    (folder / "bad.pdf").write_bytes(b"no PDF at all")
    services.pipeline.ingest(collection, Source(folder / "bad.pdf", "bad.pdf"))
    first = pump(services).first_page_id
    with services.database.writing() as transaction:
        transaction.execute(
            update(page_words)
            .where(page_words.c.page_id == first)
            .values(words=LAID_OUT.to_bytes())
        )
        transaction.execute(update(pages).where(pages.c.id == first).values(label="iv"))
        transaction.execute(delete(page_words).where(page_words.c.page_id == first + 2))
        transaction.execute(delete(pages).where(pages.c.id == first + 2))
    return services


def pump(services: Services) -> Any:
    catalog = services.stores.catalog
    return catalog.documents.of_collection(catalog.collections.get("manuals").id)[0]


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


@pytest.fixture
def document(services: Services) -> Document:
    return pump(services)


def test_markdown_has_every_page_with_its_printed_label(
    client: TestClient, document: Document
) -> None:
    reply = client.get(f"/v1/documents/{document.id}/export")
    assert reply.status_code == 200
    assert reply.headers["content-type"].startswith("text/markdown")
    assert reply.headers["content-disposition"] == "attachment; filename*=utf-8''pump.md"
    assert reply.text == (
        '*page 1, printed "iv"*\n\n### Prices\n\n| Part | Net |\n| --- | --- |\n'
        "| &lt;b>Bolt\\|M8 | 1.00 |\n\n- ☑ Paid\n\n> **Note by Ida:** why?\n"
        "\n---\n\n*page 2*\n\nTighten the bolts\n"
        "\n---\n\n*page 3*\n\n*This page could not be read.*\n"
    )


def test_json_is_what_the_page_text_says(client: TestClient, document: Document) -> None:
    body = client.get(f"/v1/documents/{document.id}/export?format=json").json()
    assert body["missing_pages"] == [3]
    text = client.get(f"/v1/pages/{document.first_page_id}/text").json()
    for name in ("layout", "blocks", "tables", "fields", "notes", "source", "page_label"):
        assert body["pages"][0][name] == text[name]
    assert text["tables"][0]["cells"][2]["text"] == "<b>Bolt|M8"
    assert text["text"].startswith("ACME\nPrices\n")
    assert [word["text"] for word in text["words"]][:2] == ["ACME", "Prices"]


def test_html_of_one_page_is_a_download_without_markup_of_the_page(
    client: TestClient, document: Document
) -> None:
    reply = client.get(f"/v1/documents/{document.id}/export?format=html&page=1")
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.text.count("<section") == 1
    assert "<b>Bolt" not in reply.text
    assert "&lt;b&gt;Bolt|M8" in reply.text


@pytest.mark.parametrize(
    ("page", "said"), [(4, "it has the pages 1 to 3"), (3, "could not be read when it was indexed")]
)
def test_a_page_that_is_not_there_is_told_before_anything_is_sent(
    client: TestClient, document: Document, page: int, said: str
) -> None:
    reply = client.get(f"/v1/documents/{document.id}/export?page={page}")
    assert reply.status_code == 404
    assert reply.json()["error"]["code"] == "page_not_found"
    assert said in reply.json()["error"]["message"]


def test_an_unknown_format_or_document_is_refused(client: TestClient, document: Document) -> None:
    assert client.get(f"/v1/documents/{document.id}/export?format=docx").status_code == 422
    assert client.get(f"/v1/documents/{'0' * 32}/export").status_code == 404


def run(services: Services, *arguments: str) -> Any:
    env = {"PAGESIGHT_DATA_DIR": str(services.settings.data_dir), "PAGESIGHT_ENCODER": "fake"}
    return CliRunner().invoke(cli, ["export", *arguments], env=env)


def test_the_command_line_writes_the_same(
    services: Services, client: TestClient, document: Document, tmp_path: Path
) -> None:
    for format_ in ("markdown", "html", "json"):
        sent = client.get(f"/v1/documents/{document.id}/export?format={format_}").text
        output = tmp_path / format_
        arguments = ("pump.pdf", "-c", "manuals", "--format", format_)
        assert run(services, *arguments).stdout == sent
        assert run(services, *arguments, "--output", str(output)).exit_code == 0
        assert output.read_text(encoding="utf-8") == sent
        assert json.loads(sent) if format_ == "json" else sent
    assert run(services, document.id, "--page", "2").stdout == "*page 2*\n\nTighten the bolts\n"
    assert {path.name for path in tmp_path.iterdir()} == {"markdown", "html", "json"}


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nothing.pdf"], "no document 'nothing.pdf'"),
        (["pump.pdf"], "is the name of several documents"),
        (["pump.pdf", "-c", "nowhere"], "no collection 'nowhere'"),
        (["bad.pdf"], "'bad.pdf' has no pages: "),
        (["pump.pdf", "-c", "manuals", "--page", "0"], "it has the pages 1 to 3"),
        (["pump.pdf", "-c", "manuals", "--page", "9"], "it has the pages 1 to 3"),
        (["pump.pdf", "-c", "manuals", "--page", "3"], "could not be read"),
    ],
)
def test_what_cannot_be_exported_is_said_in_one_line(
    services: Services, arguments: list[str], said: str
) -> None:
    outcome = run(services, *arguments)
    assert outcome.stdout == ""
    assert said in str(outcome.exception)


def test_a_file_that_cannot_be_written_is_said(services: Services, tmp_path: Path) -> None:
    outcome = run(services, "pump.pdf", "-c", "manuals", "-o", str(tmp_path / "no" / "file.md"))
    assert outcome.exit_code == 1
    assert isinstance(outcome.exception, StorageError)  # of which `main` prints one line
    assert str(outcome.exception).endswith("file.md: No such file or directory")
