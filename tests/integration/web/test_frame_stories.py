"""The frame of the web application: addresses, languages, files."""

from __future__ import annotations

import gzip
from typing import Any

import pytest

from tests.integration.web.conftest import SIZES, OpenPage, audit

VIEWS = {
    "/": "ask", "/ask": "ask", "/search": "search", "/library": "library", "/status": "status",
}  # fmt: skip


def wait_for_view(page: Any, name: str) -> None:
    page.wait_for_selector(f"#view.{name}[aria-busy=false]")


@pytest.mark.parametrize("path", VIEWS)
def test_every_view_has_an_address_that_reload_keeps(
    address: str, open_page: OpenPage, path: str
) -> None:
    page = open_page(address, path)
    wait_for_view(page, VIEWS[path])
    page.reload()
    wait_for_view(page, VIEWS[path])
    assert page.locator("#places [aria-current=page]").get_attribute("data-view") == VIEWS[path]


def test_the_rail_leads_to_views_and_back_leads_back(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/ask")
    wait_for_view(page, "ask")
    page.click("#places [data-view=library]")
    wait_for_view(page, "library")
    page.click("#places [data-view=status]")
    wait_for_view(page, "status")
    page.go_back()
    wait_for_view(page, "library")
    page.go_back()
    wait_for_view(page, "ask")
    assert page.url == f"{address}/ask"


@pytest.mark.parametrize("path", ["/library/%E0%A4%A", "/search?q=%E0%A4%A"])
def test_an_address_that_cannot_be_read_leaves_a_page_that_works(
    address: str, open_page: OpenPage, path: str
) -> None:
    page = open_page(address, "/library")
    wait_for_view(page, "library")
    page.evaluate("path => history.pushState(null, '', path)", path)
    page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
    page.wait_for_selector("#view[aria-busy=false]")
    page.click("#places [data-view=status]")
    wait_for_view(page, "status")


@pytest.mark.parametrize(
    ("locale", "library"), [("en-GB", "Library"), ("de-AT", "Bibliothek"), ("ja-JP", "Library")]
)
def test_the_page_speaks_the_language_of_its_reader(
    address: str, open_page: OpenPage, locale: str, library: str
) -> None:
    page = open_page(address, locale=locale)
    wait_for_view(page, "ask")
    assert page.inner_text("#places [data-view=library]").strip().endswith(library)
    assert page.get_attribute("html", "lang") == ("de" if locale.startswith("de") else "en")


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
def test_the_frame_stays_within_the_window(
    address: str, open_page: OpenPage, size: str, direction: str
) -> None:
    page = open_page(address, **SIZES[size])
    wait_for_view(page, "ask")
    page.evaluate("direction => { document.documentElement.dir = direction }", direction)
    width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width[0] <= width[1]


@pytest.mark.parametrize("path", ["/ask", "/search", "/library", "/status", "/docs", "/nowhere"])
def test_no_view_is_hard_to_use_for_anybody(address: str, open_page: OpenPage, path: str) -> None:
    page = open_page(address, "/docs" if path == "/docs" else "/")
    if path != "/docs":
        wait_for_view(page, "ask")
        page.evaluate("path => history.pushState(null, '', path)", path)
        page.evaluate("dispatchEvent(new PopStateEvent('popstate'))")
        page.wait_for_selector(f"#view.{path[1:]}[aria-busy=false]")
    else:
        page.locator("details").first.wait_for()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        assert audit(page) == []


def test_files_come_compressed_once_and_then_not_at_all(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    plain = page.request.get(f"{address}/web/style.css", headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    zipped = page.request.get(f"{address}/web/style.css", headers={"accept-encoding": "gzip"})
    assert zipped.headers["content-encoding"] == "gzip"
    assert zipped.body() in (plain.body(), gzip.compress(plain.body(), mtime=0))
    known = page.request.get(
        f"{address}/web/style.css", headers={"if-none-match": plain.headers["etag"]}
    )
    assert (known.status, known.body()) == (304, b"")
    assert page.request.get(f"{address}/web/../app.py").status == 404
    assert page.request.get(f"{address}/web/__init__.py").status == 404
