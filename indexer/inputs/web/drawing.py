"""Draw a web page that was fetched: Chromium prints it to PDF, and we fetch what belongs to it.

No script runs: it would be code of a stranger, and what it draws depends on whom it takes us for. Frames,
videos and what a page would send are refused; pictures, styles and fonts come through the fetcher.
"""

from __future__ import annotations

import base64
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from io import BytesIO
from threading import Lock
from typing import Any

from indexer.base.errors import AddressRefused, WebPageUnavailable
from indexer.inputs.web.browser import Browser, BrowserFailed, running_browser
from indexer.inputs.web.fetching import FetchedFile, Fetcher

_PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
_DRAW_S = 90.0
_N_PARTS, _PART_BYTES = 300, 16 * 1024**2
_PARTS_BYTES = 128 * 1024**2
_SIDE_BY_SIDE = 6
_PART_S = 10.0
_PARTS = ("Image", "Stylesheet", "Font")
_PAPER = {"paperWidth": 8.27, "paperHeight": 11.69, "printBackground": True}  # A4, in inches
_MOMENT = re.compile(rb"(?<=/CreationDate \()[^)]*(?=\))|(?<=/ModDate \()[^)]*(?=\))")


def browser_program() -> str | None:
    """Return where Chromium is installed; None: nowhere."""
    return next(filter(None, map(shutil.which, _PROGRAMS)), None)


def draw(
    program: str, page: FetchedFile, content: bytes, fetcher: Fetcher, file_bytes: int
) -> bytes:
    """Return a page as PDF, the same for the same page. Raises BrowserFailed."""
    parts = _Parts(page, content, fetcher)
    with (
        running_browser(program, _DRAW_S, file_bytes) as browser,
        ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="web-parts") as threads,
        closing(parts),
    ):
        events: set[str] = set()

        def on_event(method: str, params: dict[str, Any]) -> None:
            events.add(method)
            if method == "Fetch.requestPaused":
                threads.submit(_answer, browser, parts, params)

        browser.on_event = on_event
        browser.call("Page.enable")
        browser.call("Emulation.setScriptExecutionDisabled", value=True)
        browser.call("Fetch.enable", patterns=[{"urlPattern": "*"}])
        browser.call("Page.navigate", url=page.url)
        browser.wait_for(lambda: "Page.loadEventFired" in events)
        pdf = base64.b64decode(browser.call("Page.printToPDF", **_PAPER).get("data", ""))
    if not pdf.startswith(b"%PDF-"):
        raise BrowserFailed("it gave no PDF")
    return _MOMENT.sub(lambda moment: b" " * len(moment[0]), pdf)


class _Parts:
    """What a page consists of: itself, and what it may ask for. Safe to use from several threads."""

    def __init__(self, page: FetchedFile, content: bytes, fetcher: Fetcher) -> None:
        self._page: tuple[str, bytes] | None = (page.content_type, content)
        self._fetcher = fetcher
        self._lock = Lock()
        self._n_left, self._bytes_left = _N_PARTS, _PARTS_BYTES

    def part(self, kind: str, url: str) -> tuple[str, bytes] | None:
        """Return media type and bytes of what the browser asks for; None: it does not get it."""
        with self._lock:
            if (
                kind == "Document"
            ):  # the first is the page; others are what it would send people on to
                page, self._page = self._page, None
                return page
            self._n_left -= 1
            most_bytes = min(_PART_BYTES, self._bytes_left)
            if kind not in _PARTS or self._n_left < 0 or most_bytes <= 0:
                return None
        content = BytesIO()
        try:
            file = self._fetcher.fetch(url, content, most_bytes, _PART_S, anywhere=True)
        except (AddressRefused, WebPageUnavailable):
            return None
        with self._lock:
            self._bytes_left -= content.tell()
        return file.content_type, content.getvalue()

    def close(self) -> None:
        """Fetch nothing any more."""
        with self._lock:
            self._n_left = 0


def _answer(browser: Browser, parts: _Parts, request: dict[str, Any]) -> None:
    number = request["requestId"]
    part = parts.part(request["resourceType"], request["request"]["url"])
    if part is None:
        # Any other reason for what it would go on to replaces the page by one of an error.
        browser.send("Fetch.failRequest", requestId=number, errorReason="Aborted")
        return
    headers = {"Content-Type": part[0], "Access-Control-Allow-Origin": "*"}
    browser.send(
        "Fetch.fulfillRequest",
        requestId=number,
        responseCode=200,
        responseHeaders=[{"name": name, "value": value} for name, value in headers.items()],
        body=base64.b64encode(part[1]).decode(),
    )
