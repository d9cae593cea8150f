"""One collection of many kinds of files: a question on each finds its document and page, by CLI and REST."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import wire
from tests.acceptance.conftest import run_cli
from tests.builders import pdf_bytes, settings_of
from tests.support.kind_files import (
    docx_bytes,
    epub_bytes,
    image_bytes,
    mail_bytes,
    photograph_of,
    xlsx_bytes,
    zip_bytes,
)

FILES = {
    "lease.pdf": pdf_bytes(
        "The lease of the warehouse.", "The tenant gives notice six months before."
    ),
    "meter.jpg": image_bytes(
        photograph_of("Water meter reading\nNovember 2026\nThe counter shows 48213 litres"), "JPEG"
    ),
    "kitchen.txt": b"The kitchen door is locked at nine.\n\fThe canteen serves soup on Mondays.\n",
    "pump.html": b"<html><body><h1>Pump P-7</h1><p>The pump weighs 84 kilograms.</p></body></html>",
    "novel.epub": epub_bytes(
        "It rained in Lisbon all day.", "The captain sold his violin in Tangier."
    ),
    "offer.eml": mail_bytes(
        "Offer for chairs",
        "We offer forty oak chairs.",
        {
            "terms.pdf": pdf_bytes(
                "Terms of payment: the invoice of the chairs is due within 21 days."
            )
        },
    ),
    "old.zip": zip_bytes(
        {"2019/minutes.md": "# Minutes\n\nThe board elected Miriam as treasurer.\n"}
    ),
}
# Words of a question, and the document and page that answer it.
QUESTIONS = {
    "how many months before does the tenant give notice": ("lease.pdf", 2),
    "what does the counter of the water meter show": ("meter.jpg", 1),
    "when does the canteen serve soup": ("kitchen.txt", 2),
    "how heavy is the pump": ("pump.html", 1),
    "where did the captain sell his violin": ("novel.epub", 2),
    "how many oak chairs are offered": ("offer.eml", 1),
    "when is the invoice of the chairs due": ("terms.pdf", 1),
    "who was elected treasurer by the board": ("2019/minutes.md", 1),
}
_OFFICE = shutil.which("soffice") is not None
if _OFFICE:
    FILES["rota.docx"] = docx_bytes("The night shift of the gate begins at half past ten.")
    QUESTIONS["when does the night shift begin"] = ("rota.docx", 1)
    FILES["stock.xlsx"] = xlsx_bytes(
        [["Part", "Shelf"], ["Gasket", "B14"], ["Bearing", "C7"], ["Impeller", "D2"]]
    )
    QUESTIONS["on which shelf is the gasket"] = ("stock.xlsx", 1)


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "in").mkdir()
    for name, data in FILES.items():
        (folder / "in" / name).write_bytes(data)
    ran = run_cli(folder / "data", "ingest", folder / "in", "-c", "c", "--json")
    assert ran.code == 0, ran.err + ran.out
    assert {document["name"] for document in ran.json["documents"]} == FILES.keys()
    return folder / "data"


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_command_line_finds_the_page(data_dir: Path, question: str) -> None:
    hits = run_cli(data_dir, "search", question, "-c", "c", "--json").json["hits"]
    assert (hits[0]["document"], hits[0]["page_number"]) == QUESTIONS[question]


def test_rest_finds_the_pages_and_sends_the_files_as_they_came(data_dir: Path) -> None:
    services = wire(settings_of(data_dir))
    with TestClient(create_app(services)) as client:
        for question, (name, number) in QUESTIONS.items():
            body = {"query": question, "collections": ["c"]}
            hit = client.post("/v1/search", json=body).json()["hits"][0]
            assert (hit["document"], hit["page_number"]) == (name, number), question
        documents = client.get("/v1/collections/c/documents").json()["documents"]
        for document in documents:
            answer = client.get(f"/v1/documents/{document['id']}/file")
            assert answer.headers["content-type"].split(";")[0] == document["media_type"]
            assert answer.headers["content-disposition"].startswith("attachment")
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert answer.content == FILES.get(document["name"], answer.content)
        kinds = client.get("/v1/kinds").json()
        assert {document["media_type"] for document in documents} <= set(kinds["accept"].split(","))
    services.database.engine.dispose()
