"""The web application in a real browser, over a real service with the real encoder.

`serve` starts services, `open_page` opens pages that may not complain, `audit` is axe-core.
"""

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
from api.services.wiring import Services, wire
from generator.backends.base import AnswerModel
from indexer.inputs.sources import Source
from tests.builders import BODY_TOP_PT, settings_of, write_pdf
from tests.support.small_library import written_by

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

playwright.expect.set_options(timeout=300_000)  # as for all else that is waited for

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

QUESTION = "How tight must the housing bolts be?"
SENTENCE = "The housing bolts must be tightened to 45 Nm."
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
]  # fmt: skip
SIZES = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "laptop": {"viewport": {"width": 1280, "height": 720}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
# The narrowest and the usual one, in both schemes of colours; no size depends on the colours.
LOOKS = [("laptop", "dark"), ("phone", "light")]

OpenPage = Callable[..., Any]


def draw(path: Path, pages: list[str]) -> Path:
    return write_pdf(path, *pages, top_pt=BODY_TOP_PT)


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., str]]:
    """serve(filled) -> the address of a service, with one collection of two documents or empty.

    With a list as `keys`, an API key of `scope` is needed, and appended to it; the services behind the
    address are appended to `wired`. A `model` writes the answers; else they are quotations. Other
    arguments are settings.
    """
    servers: list[tuple[uvicorn.Server, threading.Thread]] = []

    def start(
        filled: bool,
        keys: list[str] | None = None,
        scope: Scope = Scope.READ,
        wired: list[Services] | None = None,
        model: AnswerModel | None = None,
        **settings: Any,
    ) -> str:
        folder = tmp_path_factory.mktemp("web")
        services = wire(
            settings_of(folder / "data", **{"ocr": "never", "layout": "never"} | settings)
        )
        if wired is not None:
            wired.append(services)
        if filled:
            collection = services.create_collection("manuals")
            pump = draw(folder / "pump.pdf", ["Pump manual.", SENTENCE, "Spare parts are sold."])
            roses = draw(folder / "roses.pdf", ["Roses are pruned in March, above a bud."])
            for path in (pump, roses):
                outcome = services.pipeline.ingest(collection, Source(path, path.name))
                assert outcome.verdict.searchable, outcome.error
        if keys is not None:
            keys.append(services.keys.create("ann", scope)[1])
        if model is not None:
            services = written_by(services, model)
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
        thread.join(600)


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no chromium on this machine")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[OpenPage]:
    """open_page(address, path="/", **context options); the browser's complaints fail the test."""
    complaints: list[str] = []
    contexts = []

    def failed(request: Any) -> None:
        # Chromium calls a stream aborted when its reader saw the end before the network did, and an
        # image when another one took its place.
        if request.failure != "net::ERR_ABORTED":
            complaints.append(f"failed: {request.url} {request.failure}")

    def open_at(address: str, path: str = "/", **options: Any) -> Any:
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options))
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(300_000)
        page.on(
            "console",
            lambda message: (
                message.type == "info" or complaints.append(f"{message.type}: {message.text}")
            ),
        )
        page.on("pageerror", lambda error: complaints.append(error.stack or str(error)))
        page.on("dialog", lambda dialog: complaints.append(f"dialog: {dialog.message}"))
        page.on("requestfailed", failed)
        page.on(
            "request",
            lambda request: request.url.startswith(address) or complaints.append(request.url),
        )
        page.goto(f"{address}{path}")
        return page

    yield open_at
    for context in contexts:
        context.close()
    assert complaints == []


def audit(page: Any) -> list[str]:
    """The serious and critical violations that axe-core finds in the page as it is, one line each."""
    from axe_playwright_python.sync_playwright import Axe

    violations = Axe().run(page).response["violations"]
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:120]}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
