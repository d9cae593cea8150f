"""One collection of many kinds of files: a question on each finds its page, sheet, attachment or second.

By the command line, by REST, and on the web page, which opens there.
"""

from __future__ import annotations

import shutil
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from api.serve.app import create_app
from api.services.wiring import wire
from tests.acceptance.conftest import run_cli
from tests.builders import pdf_bytes, settings_of
from tests.support.kind_files import (
    epub_bytes,
    image_bytes,
    mail_bytes,
    odp_bytes,
    photograph_of,
    video_bytes,
    xlsx_bytes,
    zip_bytes,
)
from tests.support.real_server import serving

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
_VIDEO = find_spec("av") is not None
if _OFFICE:
    QUESTIONS["when does the night shift begin"] = ("rota.odp", 2)
    QUESTIONS["on which shelf is the gasket"] = ("stock.xlsx", 2)
if _VIDEO:
    QUESTIONS["how much does the crane lift"] = ("tour.webm", 2)


@cache  # made where a test needs them: every test process imports this module
def files() -> dict[str, bytes]:
    """Return the files of the collection by name."""
    terms = pdf_bytes("Terms of payment: the invoice of the chairs is due within 21 days.")
    by_name = {
        "lease.pdf": pdf_bytes(
            "The lease of the warehouse.", "The tenant gives notice six months before."
        ),
        "meter.jpg": image_bytes(
            photograph_of("Water meter reading\nNovember 2026\nThe counter shows 48213 litres"),
            "JPEG",
        ),
        "kitchen.txt": b"The kitchen door is locked at nine.\n\fThe canteen serves soup on Mondays.\n",
        "pump.html": b"<html><body><h1>Pump P-7</h1><p>The pump weighs 84 kilograms.</p></body></html>",
        "novel.epub": epub_bytes(
            "It rained in Lisbon all day.", "The captain sold his violin in Tangier."
        ),
        "offer.eml": mail_bytes(
            "Offer for chairs", "We offer forty oak chairs.", {"terms.pdf": terms}
        ),
        "old.zip": zip_bytes(
            {"2019/minutes.md": "# Minutes\n\nThe board elected Miriam as treasurer.\n"}
        ),
    }
    if _OFFICE:
        by_name["rota.odp"] = odp_bytes(
            "The gate has two shifts.", "The night shift of the gate begins at half past ten."
        )
        by_name["stock.xlsx"] = xlsx_bytes(
            [["Supplier", "City"], ["Miller", "Bremen"]],
            [["Part", "Shelf"], ["Gasket", "B14"], ["Bearing", "C7"], ["Impeller", "D2"]],
        )
    if _VIDEO:
        by_name["tour.webm"] = video_bytes(
            ["Tour of the works", "The crane lifts 12 tonnes", "Helmets hang at door 5"],
            "webm", "libvpx", each_s=20, fps=1,
        )  # fmt: skip
    return by_name


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    (folder / "in").mkdir()
    for name, data in files().items():
        (folder / "in" / name).write_bytes(data)
    ran = run_cli(folder / "data", "ingest", folder / "in", "-c", "c", "--json")
    assert ran.code == 0, ran.err + ran.out
    assert {document["name"] for document in ran.json["documents"]} == files().keys()
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
            assert answer.content == files().get(document["name"], answer.content)
            shown = client.get(f"/v1/documents/{document['id']}/file", params={"inline": True})
            is_shown = document["media_type"] in ("application/pdf", "image/jpeg", "video/webm")
            how = "inline" if is_shown else "attachment"  # never what a browser would run
            assert shown.headers["content-disposition"].startswith(how)
        kinds = client.get("/v1/kinds").json()
        assert {document["media_type"] for document in documents} <= set(kinds["accept"].split(","))
    services.database.engine.dispose()


@pytest.mark.skipif(not _VIDEO, reason="PyAV, of the extra `video`, is not installed")
def test_a_video_is_cited_by_its_second_and_sent_in_parts(data_dir: Path) -> None:
    answer = run_cli(data_dir, "ask", "How much does the crane lift?", "-c", "c")
    assert "tour.webm 00:20" in answer.out
    services = wire(settings_of(data_dir))
    with TestClient(create_app(services)) as client:
        body = {"question": "How much does the crane lift?", "collections": ["c"]}
        (citation, *_) = client.post("/v1/answers", json=body).json()["citations"]
        assert (citation["page_label"], citation["time_s"]) == ("00:20", 20.0)
        assert "12 tonnes" in citation["quote"]
        message = {"role": "user", "content": body["question"]}
        chat = {"model": "c", "messages": [message]}
        text = client.post("/v1/chat/completions", json=chat).json()["choices"][0]["message"]
        assert "tour.webm 00:20" in str(text)
        page = client.get(f"/pages/{citation['page_id']}")
        address = f"/v1/pages/{citation['page_id']}/video"
        assert f'src="{address}#t=20"' in page.text
        assert "media-src 'self'" in page.headers["content-security-policy"]
        part = client.get(address, headers={"Range": "bytes=10-19"})
        assert (part.status_code, part.content) == (206, files()["tour.webm"][10:20])
        assert part.headers["content-type"] == "video/webm"
    services.database.engine.dispose()


def test_the_web_page_opens_each_at_its_place(data_dir: Path) -> None:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("no chromium on this machine")
    services = wire(settings_of(data_dir))
    with serving(create_app(services)) as address, playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(600_000)
        for question, (name, number) in QUESTIONS.items():
            page.goto(f"{address}/search?{urlencode({'c': 'c', 'q': question})}")
            page.locator("a.hit").first.click()
            page.wait_for_function(
                "([name, number]) => document.querySelector('.viewer .name')?.textContent === name"
                " && document.querySelector('.viewer .turning input').value === number",
                arg=[name, str(number)],
            )
            is_video = name == "tour.webm"
            if is_video:
                page.wait_for_function("() => document.querySelector('video').readyState >= 2")
                assert page.evaluate("() => document.querySelector('video').currentTime") == 20
                assert page.locator(".viewer .printed").text_content() == "00:20"
            assert page.locator("video").is_visible() == is_video
        browser.close()
    services.database.engine.dispose()
