"""The web page in a real browser, over a real service with the real encoder."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from api.serve.app import create_app
from api.services.keys import Scope
from api.services.wiring import wire
from indexer.inputs.sources import Source
from tests.builders import BODY_TOP_PT, settings_of, write_pdf

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")

QUESTION = "How tight must the housing bolts be?"
SENTENCE = "The housing bolts must be tightened to 45 Nm."
XSS = "<img src=x onerror=alert(1)>.pdf"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip

OpenPage = Callable[..., Any]


def draw(path: Path, pages: list[str]) -> Path:
    return write_pdf(path, *pages, top_pt=BODY_TOP_PT)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """serve(filled) -> the address of a service, with one collection of two documents or empty.

    With a list as `keys`, an API key is needed, and appended to it.
    """
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(filled: bool, keys: list[str] | None = None) -> str:
        folder = tmp_path_factory.mktemp("web")
        services = wire(settings_of(folder / "data", ocr="never"))
        if filled:
            collection = services.create_collection("manuals")
            pump = draw(folder / "pump.pdf", ["Pump manual.", SENTENCE, "Spare parts are sold."])
            roses = draw(folder / "roses.pdf", ["Roses are pruned in March, above a bud."])
            for path in (pump, roses):
                outcome = services.pipeline.ingest(collection, Source(path, path.name))
                assert outcome.verdict.searchable, outcome.error
        if keys is not None:
            keys.append(services.keys.create("ann", Scope.READ)[1])
        config = uvicorn.Config(create_app(services), port=0, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        while not server.started:
            assert thread.is_alive()
            time.sleep(0.02)
        servers.append((server, thread))
        return f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"

    yield start
    for server, thread in servers:
        server.should_exit = True
        thread.join(30)


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[OpenPage]:
    """open_page(address, **context options); whatever the browser complains about fails the test."""
    complaints: list[str] = []
    contexts = []

    def failed(request: Any) -> None:
        # Chromium calls a stream aborted when its reader saw the end before the network did, and an
        # image when another one took its place.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"failed: {request.url} {request.failure}")

    def open_at(address: str, **options: Any) -> Any:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on(
            "console",
            lambda message: (
                message.type == "info" or complaints.append(f"{message.type}: {message.text}")
            ),
        )
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", failed)
        page.on(
            "request",
            lambda request: request.url.startswith(address) or complaints.append(request.url),
        )
        page.goto(f"{address}/")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


def ask(page: Any, question: str) -> None:
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector("#answer[aria-busy=false]:not([hidden])")


def wait_for_image(page: Any) -> None:
    page.wait_for_function(
        "() => { const i = document.querySelector('#image'); return i.complete && i.naturalWidth; }"
    )


def test_first_steps_upload_and_first_answer_with_markup_as_a_name(
    serve: Callable[..., str], open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(serve(False))
    page.wait_for_selector("#start:not([hidden])")
    assert page.is_visible("#start") and not page.is_visible("#ask")
    page.fill("#first-name", "mine")
    bad = tmp_path / "notes.pdf"
    bad.write_text("no PDF at all")
    page.set_input_files("#files", [draw(tmp_path / XSS, [SENTENCE]), bad])
    page.wait_for_selector("#uploads .good")
    page.wait_for_selector("#uploads .refused")
    page.wait_for_selector("#documents li:nth-child(2)")
    assert XSS in page.inner_text("#uploads .good")
    assert "is not a PDF" in page.inner_text("#uploads .refused")
    page.keyboard.press("Escape")
    assert page.is_visible("#ask") and not page.is_visible("#start")
    ask(page, QUESTION)
    assert "45 Nm" in page.inner_text("#text")
    assert XSS in page.inner_text("#citations")
    wait_for_image(page)
    assert XSS in page.inner_text("#place")
    assert page.locator("img[src='x']").count() == 0


def test_a_job_shows_its_progress_and_can_be_cancelled(
    serve: Callable[..., str], open_page: OpenPage, tmp_path: Path
) -> None:
    page = open_page(serve(False))
    page.fill("#first-name", "mine")
    long = draw(tmp_path / "long.pdf", [f"Page {n}. {SENTENCE * 9}" for n in range(400)])
    page.set_input_files("#files", [long, draw(tmp_path / "short.pdf", [SENTENCE])])
    page.wait_for_function(
        "() => / of 400 pages/.test(document.querySelector('#uploads').textContent)"
    )
    page.click("#uploads button[aria-label='Cancel long.pdf']")
    page.wait_for_function(
        "() => document.querySelector('#uploads li').textContent.includes('cancelled')"
    )
    page.wait_for_selector("#uploads .good")
    assert "short.pdf" in page.inner_text("#uploads .good")
    page.wait_for_function("() => document.querySelectorAll('#documents li').length === 1")
    assert page.locator("#uploads button").count() == 0


def test_the_heat_map_of_the_question_lies_on_the_page_and_comes_off_again(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    page.locator("#thumbs button").first.click()
    page.wait_for_selector("#bar:not([hidden])")
    assert not page.is_visible("#heat")  # nothing has been asked
    ask(page, QUESTION)
    page.wait_for_selector("#boxes .box.active")
    plain = page.get_attribute("#image", "src")
    page.click("#heat")
    wait_for_image(page)
    assert "/heatmap?query=How%20tight" in page.get_attribute("#image", "src")
    assert page.get_attribute("#heat", "aria-pressed") == "true"
    assert not page.is_visible("#boxes .box.active")
    page.click("#heat")
    wait_for_image(page)
    assert page.get_attribute("#image", "src") == plain
    assert page.is_visible("#boxes .box.active")


def test_the_docs_page_lists_every_route(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.goto(f"{address}/docs")
    page.locator("details").first.wait_for()
    routes = page.request.get(f"{address}/openapi.json").json()["paths"]
    assert page.locator("details").count() == sum(len(methods) for methods in routes.values())
    search = page.locator("details", has_text="POST /v1/search").first
    search.locator("summary").click()
    assert search.get_by_text("filters", exact=True).is_visible()
