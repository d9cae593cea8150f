"""The view of a search: pages as images, the places that match, filters, an image as a query."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import pymupdf
import pytest
from PIL import Image

from api.serve.app import create_app
from api.services.wiring import wire
from indexer.inputs.sources import Source
from tests.builders import settings_of
from tests.integration.web.conftest import LOOKS, SIZES, OpenPage, audit, draw
from tests.support.checkpoints import tiny_folder
from tests.support.real_server import serving

XSS = "<img src=x onerror=alert(1)>.pdf"
PUMP = [
    "Pump manual.",
    "The housing bolts must be tightened to 45 Nm.",
    "Spare parts of the pump are sold by the dozen.",
]
ROSES = [
    "Roses are pruned in March, above a bud.",
    "<script>alert(2)</script> [x](http://x.example)",
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with two collections: manuals (pump.pdf and a name with markup) and gardens."""
    folder = tmp_path_factory.mktemp("search")
    services = wire(settings_of(folder / "data", ocr="never"))
    for name, document, pages in (
        ("manuals", "pump.pdf", PUMP), ("manuals", XSS, ROSES), ("gardens", "roses.pdf", ROSES[:1]),
    ):  # fmt: skip
        collection = services.collection_for_ingest(name)
        outcome = services.pipeline.ingest(
            collection, Source(draw(folder / name / document, pages), document)
        )
        assert outcome.verdict.searchable, outcome.error
    with serving(create_app(services)) as base:
        yield base


def search(page: Any, words: str) -> None:
    page.fill("#search-q", words)
    page.keyboard.press("Enter")
    wait_for_hits(page)


def wait_for_hits(page: Any) -> None:
    page.wait_for_selector("#search-hits[aria-busy=false] .hit")


def open_hit(page: Any, n: int) -> None:
    page.locator(".hit").nth(n).click()
    page.wait_for_selector(".viewer .box.active")


def documents_of(page: Any) -> list[str]:
    return list(page.locator(".hit .name").all_inner_texts())


def test_pages_are_found_with_the_places_that_match(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/search?c=manuals")
    search(page, "tightened bolts")
    assert page.locator(".hit").first.locator("b").all_inner_texts() == ["bolts", "tightened"]
    assert page.inner_text("#search-count").startswith("5 pages · ")
    body = {"query": "tightened bolts", "collections": ["manuals"], "k": 12}
    hits = page.request.post(f"{address}/v1/search", data=body).json()["hits"]
    assert documents_of(page) == [hit["document"] for hit in hits]
    page.wait_for_function("() => document.querySelectorAll('.hit img.loaded').length >= 2")
    for hit, card in zip(hits[:2], page.locator(".hit").all(), strict=False):
        image = card.locator("img").bounding_box()
        boxes = [box.bounding_box() for box in card.locator(".box").all()]
        assert len(boxes) == len(hit["evidence"])
        for drawn, evidence in zip(boxes, hit["evidence"], strict=True):
            x0, y0, x1, y1 = evidence["box"]
            expected = (image["x"] + x0 * image["width"], image["y"] + y0 * image["height"])
            assert (drawn["x"], drawn["y"]) == pytest.approx(expected, abs=1)
            expected = ((x1 - x0) * image["width"], (y1 - y0) * image["height"])
            assert (drawn["width"], drawn["height"]) == pytest.approx(expected, abs=1)


def test_a_search_has_an_address_that_reload_and_back_keep(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals")
    search(page, "bolts")
    search(page, "spare parts")
    best = documents_of(page)
    page.reload()
    wait_for_hits(page)
    assert (page.input_value("#search-q"), documents_of(page)) == ("spare parts", best)
    page.go_back()
    page.wait_for_function("() => document.querySelector('.hit b')?.textContent === 'bolts'")
    assert page.input_value("#search-q") == "bolts"
    page.go_back()
    page.wait_for_selector("#search-covers:not([hidden]) a")
    assert page.locator(".hit").count() == 0


def test_words_alone_find_what_has_them_and_nothing_else(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/search?c=manuals&q=bolts")
    wait_for_hits(page)
    page.click("#search-mode label:has-text('Words')")
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 1")
    assert "mode=words" in page.url
    page.fill("#search-q", "giraffe")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 0")
    page.wait_for_selector("text=Search by meaning instead?")
    page.click("#search-mode label:has-text('Meaning')")
    wait_for_hits(page)
    assert "mode=vectors" in page.url


def test_filters_hold_a_search_to_documents_pages_and_collections(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals&q=roses")
    wait_for_hits(page)
    page.click("#search-filters summary")
    page.select_option("#search-document", "pump.pdf")
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 3")
    page.fill("#search-pages", "2 - 3")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 2")
    query = parse_qs(urlsplit(page.url).query)
    assert (query["document"], query["pages"]) == (["pump.pdf"], ["2-3"])
    page.reload()
    wait_for_hits(page)
    assert page.input_value("#search-document") == "pump.pdf"
    page.fill("#search-pages", "")
    page.click("#search-collections label:has-text('gardens')")
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 6")
    assert parse_qs(urlsplit(page.url).query)["c"] == ["gardens", "manuals"]


def test_a_search_is_held_to_documents_with_tags(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/search?c=manuals&q=pump")
    wait_for_hits(page)
    documents = page.request.get(f"{address}/v1/collections/manuals/documents").json()["documents"]
    pump = next(row for row in documents if row["name"] == "pump.pdf")
    path = f"{address}/v1/documents/{pump['id']}"
    assert page.request.patch(path, data={"tags": ["drawing", "2026"]}).ok
    page.click("#search-filters summary")
    page.fill("#search-tags", "drawing, 2026")
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelectorAll('.hit').length === 3")
    assert parse_qs(urlsplit(page.url).query)["tag"] == ["drawing", "2026"]
    page.goto(f"{address}/doc/{pump['id']}")
    page.click("#doc-tags a:text-is('drawing')")
    page.wait_for_selector("#view.search #search-filters[open]")
    assert page.input_value("#search-tags") == "drawing"


def test_a_hit_opens_beside_the_others_and_leads_to_the_next(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals&q=bolts")
    wait_for_hits(page)
    open_hit(page, 0)
    assert page.locator(".hit[aria-current]").count() == 1
    assert page.input_value(".viewer .turning input") == "2"
    first = page.inner_text(".viewer .place")
    page.keyboard.press("j")
    page.wait_for_function(
        "() => document.querySelectorAll('.hit')[1].getAttribute('aria-current') === 'true'"
    )
    page.reload()
    page.wait_for_selector(".viewer .box.active")
    assert page.inner_text(".viewer .place") == first
    page.click(".viewer .close")
    page.wait_for_selector("#search-viewer", state="hidden")
    page.go_back()
    page.wait_for_selector(".viewer .box.active")


def test_a_question_is_asked_about_the_pages_that_were_found(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals&q=bolts&document=pump.pdf")
    wait_for_hits(page)
    target = urlsplit(page.get_attribute("#search-ask", "href"))
    assert target.path == "/ask"
    page_ids = page.locator("a.hit").evaluate_all("hits => hits.map(hit => hit.dataset.page)")
    assert parse_qs(target.query) == {
        "c": ["manuals"], "pages": [",".join(page_ids)], "q": ["bolts"],
    }  # fmt: skip


def test_covers_lead_into_documents_before_anything_is_searched(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals")
    page.wait_for_selector("#search-covers a >> nth=1")
    names = page.locator("#search-covers .name").all_inner_texts()
    assert sorted(names) == sorted(["pump.pdf", XSS])
    page.locator("#search-covers a", has_text="pump.pdf").click()
    page.wait_for_selector("#view.doc[aria-busy=false]")
    page.wait_for_selector("#doc-name:text-is('pump.pdf')")


def test_what_another_tab_deletes_is_shown_no_more(tmp_path: Path, browser: Any) -> None:
    services = wire(settings_of(tmp_path / "data", ocr="never"))
    collection = services.create_collection("manuals")
    for name, pages in (("pump.pdf", PUMP), ("roses.pdf", ROSES)):
        services.pipeline.ingest(collection, Source(draw(tmp_path / name, pages), name))
    with serving(create_app(services)) as base:
        context = browser.new_context()  # the browser itself complains of a 404
        searching, reading = context.new_page(), context.new_page()
        searching.goto(f"{base}/search?c=manuals&q=bolts&document=roses.pdf")
        wait_for_hits(searching)
        searching.goto(f"{base}/search?c=manuals&q=bolts")
        wait_for_hits(searching)
        documents = reading.request.get(f"{base}/v1/collections/manuals/documents").json()
        pump = next(row for row in documents["documents"] if row["name"] == "pump.pdf")
        reading.goto(f"{base}/doc/{pump['id']}#page=2")
        reading.wait_for_selector(".viewer .word")
        assert searching.request.delete(f"{base}/v1/documents/{pump['id']}").ok
        searching.evaluate(
            "import('/web/frame/store.js').then(store => store.announce('documents'))"
        )
        searching.wait_for_function("() => document.querySelectorAll('.hit').length === 2")
        assert set(documents_of(searching)) == {"roses.pdf"}
        reading.wait_for_selector("#doc-problem:not([hidden])")
        assert reading.locator(".viewer .sheet").is_hidden()
        context.close()


def test_markup_of_names_and_pages_stays_text(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/search?c=manuals&q=script+alert")
    wait_for_hits(page)
    card = page.locator(".hit", has_text="<script>")
    assert XSS in card.inner_text()
    card.click()
    page.wait_for_selector(".viewer .word")
    assert XSS in page.inner_text(".viewer .place")
    assert page.locator("img[src='x']").count() == 0
    page.evaluate("() => { document.documentElement.dir = 'rtl' }")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_on_a_phone_a_hit_opens_from_below_and_closes_back_to_its_card(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals&q=bolts", **SIZES["phone"])
    wait_for_hits(page)
    page.locator(".hit").nth(1).focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".viewer-dialog:modal .box.active")
    page.keyboard.press("Escape")
    page.wait_for_selector(".viewer-dialog", state="hidden")
    focused = page.evaluate("document.activeElement.dataset.page")
    assert focused == page.locator(".hit").nth(1).get_attribute("data-page")
    assert "#" not in page.url


def test_a_search_needs_no_scrolling_sideways_in_the_narrowest_window(
    address: str, open_page: OpenPage
) -> None:
    narrowest = {"width": 320, "height": 640}  # CSS pixels: WCAG 2.2, criterion 1.4.10
    page = open_page(address, "/search?c=manuals&q=bolts", viewport=narrowest)
    wait_for_hits(page)
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    page.click(".search-filters summary")
    assert page.evaluate("document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_search_is_easy_to_use_for_everybody(
    address: str, open_page: OpenPage, size: str, scheme: str
) -> None:
    page = open_page(address, "/search?c=manuals&q=bolts", color_scheme=scheme, **SIZES[size])
    wait_for_hits(page)
    assert audit(page) == []
    open_hit(page, 0)
    page.click(".viewer .heat-button")
    page.wait_for_selector(".viewer .heat-word")
    assert audit(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_empty_library_leads_to_where_documents_are_added(
    tmp_path: Path, open_page: OpenPage
) -> None:
    with serving(create_app(wire(settings_of(tmp_path / "data")))) as base:
        page = open_page(base, "/search")
        page.wait_for_selector("#search-library:not([hidden])")
        assert page.is_hidden("#search-form")
        page.close()


def test_an_image_is_searched_with_where_the_encoder_takes_one(
    tmp_path: Path, open_page: OpenPage
) -> None:
    checkpoint = str(tiny_folder("colqwen2"))
    services = wire(
        settings_of(
            tmp_path / "data", encoder="colqwen2", encoder_checkpoint=checkpoint, device="cpu"
        )
    )
    document = pymupdf.open()
    for colour in ((1, 0, 0), (0, 0, 1)):
        page = document.new_page(width=200, height=260)
        page.draw_rect(pymupdf.Rect(20, 20, 120, 200), color=colour, fill=colour)
    document.save(tmp_path / "shapes.pdf")
    collection = services.create_collection("shapes")
    outcome = services.pipeline.ingest(collection, Source(tmp_path / "shapes.pdf", "shapes.pdf"))
    assert outcome.verdict.searchable, outcome.error
    with serving(create_app(services)) as base:
        (row,) = services.stores.catalog.documents.of_collection(collection.id)
        first = row.first_page_id
        image = Image.open(BytesIO(httpx2.get(f"{base}/v1/pages/{first}/image").content))
        image.save(tmp_path / "red.png")
        page = open_page(base, "/search")
        page.wait_for_selector("#search-with-image:not([hidden])")
        assert page.inner_text("#search-vectors") == "Looks"
        page.set_input_files("#search-file", tmp_path / "red.png")
        wait_for_hits(page)
        assert page.locator(".hit").first.get_attribute("data-page") == str(first)
        assert page.is_visible("#search-picture")
        page.click("#search-no-image")
        page.wait_for_selector("#search-covers:not([hidden])")
        page.close()


def test_no_image_is_offered_where_the_encoder_reads_words(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, "/search?c=manuals")
    page.wait_for_selector("#search-covers a")
    assert page.is_hidden("#search-with-image")
    assert page.inner_text("#search-vectors") == "Meaning"
