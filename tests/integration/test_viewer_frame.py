"""A cited page in the frame of another site, in a real browser: where the operator allows it only."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import httpx2
import numpy as np
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse
from PIL import Image

from api.serve.app import create_app
from api.services.keys import Scope
from tests.support.real_server import serving
from tests.support.small_library import QUESTION, events_of, library

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        yield browser
        browser.close()


# As Open WebUI shows a source in its side panel: the frame has no origin, all that it loads is foreign.
SANDBOX = ' sandbox="allow-scripts allow-forms allow-popups"'


@pytest.mark.parametrize("sandbox", ["", SANDBOX])
@pytest.mark.parametrize("has_keys", [False, True])
@pytest.mark.parametrize("allowed", [True, False])
def test_a_cited_page_is_framed_only_where_it_may_be(
    browser: Any,
    allowed: bool,
    has_keys: bool,
    sandbox: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    chat = FastAPI()
    framed: list[str] = []

    @chat.get("/")
    def show() -> HTMLResponse:
        return HTMLResponse(f'<!doctype html><iframe{sandbox} src="{framed[0]}"></iframe>')

    with ExitStack() as servers:
        chat_address = servers.enter_context(serving(chat))
        origins = chat_address if allowed else "https://chat.example.org"
        services = library(tmp_path_factory.mktemp("framed"), frame_origins=origins)
        address = servers.enter_context(serving(create_app(services)))
        key = services.keys.create("chat", Scope.READ)[1] if has_keys else "none"
        framed.append(embed_url(address, key))
        page = browser.new_page()
        page.goto(chat_address, wait_until="load")
        frame = page.frames[1]
        if allowed:
            assert frame.locator("svg rect").count() == 2  # the value, and the sentence
            assert "pump.pdf, page 2" in frame.title()
            assert frame.evaluate(LOOK) == {"image": True, "styled": True}
            assert (
                black_share(frame.locator(".close-up svg").screenshot()) < 0.2
            )  # no mark hides words
            whole = frame.locator("main svg").bounding_box()
            marked = frame.locator("svg rect:not(.light)").bounding_box()
            assert whole and marked and marked["y"] > whole["y"]
            if has_keys:  # the links are signed: one that has ended says so in its place
                page.evaluate(SHOW, f"{framed[0]}0")
                page.frames[1].wait_for_selector("h1:text-is('This link has ended')")
                assert "ask the question again" in page.frames[1].locator("main").inner_text()
                page.evaluate(SHOW, framed[0].partition("?")[0])  # nor does a page stay white
                page.frames[1].wait_for_selector("h1:text-is('Unauthorized')")
                assert page.frames[1].locator("a[target=_blank]").count() == 1
        else:
            assert frame.locator("svg").count() == 0
        page.close()


def black_share(png: bytes) -> float:
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return float((pixels < 16).mean())


SHOW = "address => { document.querySelector('iframe').src = address; }"

# The picture has come, and the style: without it the heading has the size of a browser's own.
LOOK = """async () => {
  const href = document.querySelector('svg image').getAttribute('href');
  const image = new Image();
  image.src = href;
  const loaded = await image.decode().then(() => image.naturalWidth > 100, () => false);
  return { image: loaded, styled: getComputedStyle(document.querySelector('h1')).fontSize === '16px' };
}"""


def embed_url(address: str, key: str) -> str:
    """What Open WebUI is given to show in its side panel."""
    body = {
        "model": "pagesight/manuals",
        "messages": [{"role": "user", "content": QUESTION}],
        "stream": True,
        "pagesight": {"events": True},
    }
    headers = {"Authorization": f"Bearer {key}"}
    with httpx2.stream(
        "POST", f"{address}/v1/chat/completions", json=body, timeout=600, headers=headers
    ) as response:
        *chunks, _ = events_of(response.iter_lines())
    found = [json.loads(chunk).get("event") for chunk in chunks]
    sources = [event["data"]["source"] for event in found if event and event["type"] == "source"]
    url: str = sources[0]["embed_url"]
    return url
