"""A link of an answer about a video plays it from the cited second, for who has no key."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.responses import HTMLResponse

from api.serve.app import create_app
from api.services.keys import Scope
from indexer.inputs.sources import Source
from tests.support.kind_files import video_bytes
from tests.support.real_server import serving
from tests.support.small_library import library

QUESTION = "How many tonnes does the crane lift?"
SPOKEN = [(1.0, 2.0, "Welcome to the works."), (5.0, 7.0, "The crane lifts twelve tonnes.")]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

# A frame as chat programs have it: without an origin, all that it loads is foreign, and no cookie is sent.
CHAT = '<!doctype html><iframe sandbox="allow-scripts" src="{}"></iframe>'


def test_the_link_of_a_citation_plays_the_video_from_its_second(tmp_path: Path) -> None:
    pytest.importorskip("av", reason="the extra `video` is not installed")
    path = tmp_path / "tour.mkv"
    path.write_bytes(
        video_bytes(["The gate", "The crane"], "matroska", "libvpx", each_s=4, spoken=SPOKEN)
    )
    chat = FastAPI()
    links: list[str] = []
    chat.get("/")(lambda: HTMLResponse(CHAT.format(links[0])))
    with ExitStack() as servers:
        chat_address = servers.enter_context(serving(chat))
        services = library(
            tmp_path / "data", frame_origins=chat_address, ocr="never", layout="never"
        )
        services.pipeline.ingest(services.create_collection("tours"), Source(path, path.name))
        address = servers.enter_context(serving(create_app(services)))
        headers = {"Authorization": f"Bearer {services.keys.create('chat', Scope.READ)[1]}"}
        body = {"question": QUESTION, "collections": ["tours"]}
        reply = httpx2.post(f"{address}/v1/answers", json=body, headers=headers, timeout=600)
        assert reply.json()["citations"], reply.text
        citation = next(c for c in reply.json()["citations"] if c["time_s"] == 4.0)
        links.append(citation["url"])
        shown = httpx2.get(citation["url"], timeout=600).text
        source = shown.partition('<video controls preload="metadata" src="')[2].partition('"')[0]
        video, _, moment = source.replace("&amp;", "&").partition("#")
        assert moment == "t=4"
        part = httpx2.get(f"{address}{video}", headers={"Range": "bytes=10-19"}, timeout=600)
        assert (part.status_code, part.content) == (206, path.read_bytes()[10:20])
        assert part.headers["cross-origin-resource-policy"] == "cross-origin"
        file = f"/v1/documents/{citation['document_id']}/file?{urlsplit(video).query}"
        assert (
            httpx2.get(f"{address}{file}", timeout=600).status_code == 404
        )  # for the player alone
        if CHROMIUM is not None:
            assert played_second(chat_address) == 4.0


def played_second(address: str) -> float:
    """Return the second at which the video in the frame stands once it can be seen."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(600_000)
        page.goto(address)
        frame = page.frames[1]
        frame.wait_for_function("() => document.querySelector('video')?.readyState >= 2")
        second: float = frame.evaluate("() => document.querySelector('video').currentTime")
        browser.close()
        return second
