"""The page viewer: every page of a document, its proofs, its words, what leaves it."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any

import pytest

from api.serve.app import create_app
from api.services.wiring import wire
from indexer.inputs.sources import Source
from tests.builders import settings_of
from tests.integration.web.conftest import LOOKS, SIZES, OpenPage, audit, draw
from tests.support.real_server import serving

N_PAGES = 14
BOX = "0.08,0.34,0.7,0.37"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service with two documents, one of fourteen pages."""
    folder = tmp_path_factory.mktemp("viewer")
    services = wire(settings_of(folder / "data", ocr="never"))
    collection = services.create_collection("manuals")
    pages = [f"Chapter {n}. The valve number {n} opens at {n} bar." for n in range(1, N_PAGES)]
    pages.append("The housing bolts must be tightened to 45 Nm. Spare parts are sold.")
    for name, texts in (("pump.pdf", pages), ("roses.pdf", ["Roses are pruned in March."])):
        outcome = services.pipeline.ingest(collection, Source(draw(folder / name, texts), name))
        assert outcome.verdict.searchable, outcome.error
    with serving(create_app(services)) as base:
        yield base


def pump(page: Any, address: str) -> dict[str, Any]:
    documents = page.request.get(f"{address}/v1/collections/manuals/documents").json()["documents"]
    return next(row for row in documents if row["name"] == "pump.pdf")


@pytest.fixture
def open_document(address: str, open_page: OpenPage) -> Any:
    """open_document(hash, **options) -> a browser's page with pump.pdf open, its image drawn."""

    def open_at(hash_: str = "", **options: Any) -> Any:
        page = open_page(address, "/status", **options)
        page.wait_for_selector("#view.status[aria-busy=false]")
        page.goto(f"{address}/doc/{pump(page, address)['id']}{hash_}")
        wait_for_page(page)
        return page

    return open_at


def wait_for_page(page: Any, number: int | None = None) -> None:
    """Wait until the page of that number is in view, with its image."""
    page.wait_for_function(
        "number => { const image = document.querySelector('.viewer .image');"
        " return image?.complete && image.naturalWidth > 0"
        " && !document.querySelector('.viewer .waiting')"
        " && (number === null || document.querySelector('.viewer .turning input').value === number)"
        " && document.querySelectorAll('.viewer .page-strip li').length > 0; }",
        arg=None if number is None else str(number),
    )


def number_of(page: Any) -> str:
    return str(page.input_value(".viewer .turning input"))


def test_ten_quick_clicks_turn_ten_pages(open_document: Any) -> None:
    page = open_document("#page=2")
    page.evaluate(
        "() => { const next = document.querySelector('.viewer [aria-label=\"Next page\"]');"
        " for (let i = 0; i < 10; i++) next.click(); }"
    )
    wait_for_page(page, 12)
    assert page.evaluate("location.hash") == "#page=12"


def test_pages_are_turned_by_field_strip_and_keys(open_document: Any) -> None:
    page = open_document("#page=3")
    field = page.locator(".viewer .turning input")
    field.fill("9")
    page.keyboard.press("Enter")
    wait_for_page(page, 9)
    field.fill("99")
    page.keyboard.press("Enter")
    assert number_of(page) == "9"  # there is no such page
    page.locator(".viewer .desk").focus()
    page.keyboard.press("ArrowRight")
    wait_for_page(page, 10)
    page.keyboard.press("ArrowLeft")
    wait_for_page(page, 9)
    current = page.locator(".viewer .page-strip [aria-current=page]")
    assert current.get_attribute("aria-label") == "page 9"
    current.focus()
    page.keyboard.press("ArrowUp")
    wait_for_page(page, 8)
    page.locator(".viewer .page-strip button[data-number='1']").click()
    wait_for_page(page, 1)
    assert page.locator(".viewer [aria-label='Previous page']").is_disabled()


def test_an_address_opens_its_page_with_its_boxes_and_reload_keeps_them(open_document: Any) -> None:
    page = open_document(f"#page=14&box={BOX}")
    page.wait_for_selector(".viewer .box.active")
    page.reload()
    wait_for_page(page, 14)
    page.wait_for_selector(".viewer .box.active")
    page.click(".viewer [aria-label='Previous page']")
    wait_for_page(page, 13)
    assert page.locator(".viewer .box").count() == 0
    page.click(".viewer [aria-label='Next page']")  # turning back shows the mark again
    wait_for_page(page, 14)
    assert page.locator(".viewer .box.active").count() == 1
    assert page.evaluate("location.hash") == f"#page=14&box={BOX}"
    assert page.locator(".viewer .page-strip .proof").count() == 1
    page.go_back()
    page.wait_for_selector("#view.status[aria-busy=false]")


PLACES = """() => ['.box', '.sheet', '.image'].map(name =>
  [...document.querySelectorAll(`.viewer ${name}`)].map(element => {
    const { x, y, width, height } = element.getBoundingClientRect();
    return [x, y, width, height];
  }))"""


@pytest.mark.parametrize("width", [1440, 1000, 390])
def test_boxes_are_drawn_where_the_service_says(
    address: str, open_document: Any, width: int
) -> None:
    page = open_document(viewport={"width": width, "height": 800}, reduced_motion="reduce")
    body = {"query": "valve number 7", "collections": ["manuals"], "k": 3}
    hits = page.request.post(f"{address}/v1/search", data=body).json()["hits"]
    hit = next(hit for hit in hits if hit["document"] == "pump.pdf")
    boxes = [evidence["box"] for evidence in hit["evidence"]]
    addresses = "&".join("box=" + ",".join(map(str, box)) for box in boxes)
    page.evaluate("hash => { location.hash = hash }", f"page={hit['page_number']}&{addresses}")
    wait_for_page(page, hit["page_number"])
    page.wait_for_selector(".viewer .box.active")
    for mode in ("fit", "width", "region"):
        button = page.locator(f".viewer .zoom .{mode}")
        if button.is_visible() and button.get_attribute("aria-pressed") != "true":
            button.click()
        drawn, (sheet,), (image,) = page.evaluate(PLACES)
        assert sheet == image  # the picture fills the sheet
        assert len(drawn) == len(boxes)
        (left, top, sheet_width, sheet_height) = sheet
        for place, (x0, y0, x1, y1) in zip(drawn, boxes, strict=True):
            expected = (
                left + x0 * sheet_width, top + y0 * sheet_height,
                (x1 - x0) * sheet_width, (y1 - y0) * sheet_height,
            )  # fmt: skip
            assert place == pytest.approx(expected, abs=0.5)


SHOW_MARKS = """async (marks) => {
  const { createViewer } = await import('/web/viewer/viewer.js');
  const view = document.querySelector('#view');
  view.className = 'view with-viewer';
  view.replaceChildren(document.createElement('div'), document.createElement('section'));
  window.proofs = [];
  window.viewer = createViewer(view.lastElementChild, { onProof: proof => window.proofs.push(proof) });
  await window.viewer.show(marks[0].pageId, { marks, question: 'valve', byHand: true });
}"""


@pytest.fixture
def show_marks(address: str, open_page: OpenPage) -> Any:
    """show_marks([(page number, top, name)], **options) -> a page with a viewer that shows the first."""

    def show(places: list[tuple[int, float, str]], **options: Any) -> Any:
        page = open_page(address, "/search", **options)  # a view that does nothing by itself
        page.wait_for_selector("#view.search[aria-busy=false]")
        first = pump(page, address)["first_page_id"]
        marks = [
            {"pageId": first + number - 1, "name": name, "box": [0.05, top, 0.9, top + 0.01]}
            for number, top, name in places
        ]
        page.evaluate(SHOW_MARKS, marks)
        wait_for_page(page, places[0][0])
        return page

    return show


def test_numbers_stand_in_the_margin_and_apart(show_marks: Any) -> None:
    page = show_marks([(3, 0.3 + n * 0.012, str(n + 1)) for n in range(6)])
    sheet = page.locator(".viewer .sheet").bounding_box()
    numbers = page.locator(".viewer .number").all()
    boxes = [number.bounding_box() for number in numbers]
    assert [number.inner_text() for number in numbers] == ["1", "2", "3", "4", "5", "6"]
    assert all(box["x"] + box["width"] <= sheet["x"] for box in boxes)
    for upper, lower in itertools.pairwise(boxes):
        assert upper["y"] + upper["height"] <= lower["y"]
    page.click(".viewer .region")  # enlarged, the numbers are still beside the page
    desk = page.locator(".viewer .desk").bounding_box()
    assert all(
        number.bounding_box()["x"] + number.bounding_box()["width"] <= desk["x"]
        for number in numbers
        if number.is_visible()
    )


def test_proofs_are_stepped_through_over_pages_in_their_order(show_marks: Any) -> None:
    page = show_marks([(3, 0.3, "1"), (9, 0.4, "2"), (3, 0.6, "3")])
    active = page.locator(".viewer .number.active")
    assert (active.inner_text(), page.locator(".viewer .page-strip .proof").count()) == ("1", 2)
    page.keyboard.press("j")
    wait_for_page(page, 9)
    assert active.inner_text() == "2"
    page.keyboard.press("j")
    wait_for_page(page, 3)
    assert active.inner_text() == "3"
    assert page.locator(".viewer [aria-label^='Next proof']").is_disabled()
    page.keyboard.press("k")
    wait_for_page(page, 9)
    assert [proof["name"] for proof in page.evaluate("window.proofs")] == ["2", "3", "2"]
    assert "2 of 3" in page.inner_text(".viewer .stepper")


def test_another_question_takes_the_marks_with_it(show_marks: Any) -> None:
    page = show_marks([(3, 0.3, "1"), (5, 0.4, "2")])
    page.evaluate("() => window.viewer.show(3, { question: 'other' })")
    page.wait_for_function("() => !document.querySelector('.viewer .box')")
    assert page.locator(".viewer .stepper").is_hidden()
    page.evaluate("() => window.viewer.dim(true)")
    assert page.locator(".viewer.old").count() == 1


def test_the_heat_lies_under_the_boxes_and_shows_single_words(show_marks: Any) -> None:
    page = show_marks([(3, 0.3, "1")])
    page.evaluate("id => window.viewer.show(id, { question: 'valve pressure' })", 3)
    page.wait_for_selector(".viewer .heat-button:not([hidden])")
    page.click(".viewer .heat-button")
    page.wait_for_selector(".viewer .heat-word >> nth=2")
    words = page.locator(".viewer .heat-word").all_inner_texts()
    assert words == ["All words", "valve", "pressure"]
    whole = page.evaluate("() => document.querySelector('.viewer canvas').toDataURL()")
    page.locator(".viewer .heat-word", has_text="pressure").click()
    page.wait_for_function(
        "before => document.querySelector('.viewer canvas').toDataURL() !== before", arg=whole
    )
    pressed = page.locator(".viewer .heat-word[aria-pressed=true]")
    assert pressed.inner_text() == "pressure"
    page.locator(".viewer .opacity input").fill("0.2")
    assert page.evaluate("() => document.querySelector('.viewer canvas').style.opacity") == "0.2"
    page.evaluate(
        "() => window.viewer.show(3, { marks: [{ box: [0.1, 0.3, 0.6, 0.4], name: '1' }] })"
    )
    page.wait_for_selector(".viewer .box.active")
    page.click(".viewer .heat-button")
    assert page.locator(".viewer canvas").is_hidden()
    assert page.locator(".viewer .box.active").is_visible()


def test_words_are_selected_and_copied_as_they_are_read(open_document: Any) -> None:
    page = open_document("#page=5")
    page.wait_for_selector(".viewer .word")
    texts = page.locator(".viewer .word").all_inner_texts()
    assert " ".join(texts) == "Chapter 5. The valve number 5 opens at 5 bar."
    page.evaluate(
        "() => { const words = document.querySelectorAll('.viewer .word');"
        " getSelection().setBaseAndExtent(words[2].firstChild, 0, words[4].firstChild, 6); }"
    )
    text = page.evaluate(
        "() => { const event = new ClipboardEvent('copy', { bubbles: true, cancelable: true,"
        " clipboardData: new DataTransfer() });"
        " document.querySelector('.viewer .word').dispatchEvent(event);"
        " return event.clipboardData.getData('text/plain'); }"
    )
    assert text == "The valve number"


def test_a_word_lies_over_the_word_of_the_image(address: str, open_document: Any) -> None:
    page = open_document("#page=5")
    page.wait_for_selector(".viewer .word")
    page_id = pump(page, address)["first_page_id"] + 4
    words = page.request.get(f"{address}/v1/pages/{page_id}/text").json()["words"]
    sheet = page.locator(".viewer .sheet").bounding_box()
    for word, span in zip(words, page.locator(".viewer .word").all(), strict=True):
        drawn, (x0, y0, x1, y1) = span.bounding_box(), word["box"]
        assert drawn["x"] == pytest.approx(sheet["x"] + x0 * sheet["width"], abs=1)
        assert drawn["width"] == pytest.approx((x1 - x0) * sheet["width"], abs=1.5)
        assert drawn["y"] == pytest.approx(sheet["y"] + y0 * sheet["height"], abs=1)
        assert drawn["height"] == pytest.approx((y1 - y0) * sheet["height"], abs=1.5)


def test_links_and_quotations_leave_with_their_place(address: str, open_document: Any) -> None:
    page = open_document("#page=14")
    page.wait_for_selector(".viewer .word")
    page_id = pump(page, address)["first_page_id"] + 13
    words = page.request.get(f"{address}/v1/pages/{page_id}/text").json()["words"][:8]
    box = [min(word["box"][0] for word in words), words[0]["box"][1], 1, words[0]["box"][3]]
    page.evaluate("hash => { location.hash = hash }", f"page=14&box={','.join(map(str, box))}")
    page.wait_for_selector(".viewer .box.active")
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.click(".viewer .page-menu summary")
    page.click("text=Copy a link to this page")
    page.wait_for_selector("text=The link is copied.")
    link = page.evaluate("navigator.clipboard.readText()")
    assert link == page.url.replace("%2C", ",")
    page.click(".viewer .page-menu summary")
    page.click("text=Copy the quotation with its source")
    page.wait_for_selector("text=The quotation is copied.")
    quotation = page.evaluate("navigator.clipboard.readText()")
    assert quotation.startswith("“The housing bolts must be tightened to 45")
    assert quotation.endswith("(pump.pdf, page 14)")
    pdf = page.locator(".viewer .page-menu a")
    assert pdf.get_attribute("target") == "_blank"
    assert pdf.get_attribute("href").endswith("/file?inline=true#page=14")


def test_an_image_that_does_not_come_says_so_and_is_tried_again(open_document: Any) -> None:
    page = open_document("#page=1")
    page.route("**/image?width=*", lambda route: route.fulfill(content_type="image/webp", body="x"))
    page.evaluate("hash => { location.hash = hash }", f"page=11&box={BOX}")
    page.wait_for_selector(".viewer .broken:not([hidden])")
    assert page.locator(".viewer .box").is_hidden()  # no proof on white paper
    page.unroute("**/image?width=*")
    page.click("text=Try again")
    wait_for_page(page, 11)
    assert page.locator(".viewer .box").is_visible()


def test_a_larger_image_is_fetched_when_the_page_is_enlarged(open_document: Any) -> None:
    page = open_document("#page=2", viewport={"width": 900, "height": 700})
    width = "() => document.querySelector('.viewer .image').naturalWidth"
    before = page.evaluate(width)
    for _ in range(3):
        page.keyboard.press("+")
    page.wait_for_function(f"before => ({width})() > before", arg=before)


@pytest.mark.parametrize("size", ["desktop", "laptop"])
def test_a_whole_page_is_whole_and_its_region_stays_in_sight(show_marks: Any, size: str) -> None:
    page = show_marks([(3, 0.8, "1")], reduced_motion="reduce", **SIZES[size])
    page.click(".viewer .zoom .fit")
    desk, sheet = (page.locator(f".viewer .{name}").bounding_box() for name in ("desk", "sheet"))
    assert desk["y"] <= sheet["y"]
    assert sheet["y"] + sheet["height"] <= desk["y"] + desk["height"]
    for mode in ("width", "region"):
        page.click(f".viewer .zoom .{mode}")
        box = page.locator(".viewer .box").bounding_box()
        assert desk["y"] <= box["y"] <= desk["y"] + desk["height"] - box["height"]


def test_f_fills_the_screen_and_leaves_it(show_marks: Any) -> None:
    page = show_marks([(3, 0.3, "1")])
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement?.classList.contains('viewer-body')")
    page.keyboard.press("f")
    page.wait_for_function("() => document.fullscreenElement === null")


def test_on_a_phone_the_viewer_is_a_sheet_on_the_region(show_marks: Any) -> None:
    page = show_marks([(3, 0.3, "1"), (9, 0.4, "2")], **SIZES["phone"])
    assert page.locator(".viewer-dialog:modal").count() == 1
    assert page.locator(".viewer .region").get_attribute("aria-pressed") == "true"
    sheet = page.locator(".viewer .sheet").bounding_box()
    assert sheet["width"] > 390  # its small print can be read
    swipe(page, 300, 60)
    wait_for_page(page, 9)
    swipe(page, 60, 300)
    wait_for_page(page, 3)
    page.click(".viewer .close")
    assert page.locator(".viewer-dialog").is_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def swipe(page: Any, start: int, end: int) -> None:
    page.evaluate(
        """([from, to]) => {
          const dialog = document.querySelector('.viewer-dialog');
          const touch = x => new Touch({ identifier: 1, target: dialog, clientX: x, clientY: 300 });
          const fire = (type, x, touches) => dialog.dispatchEvent(
            new TouchEvent(type, { bubbles: true, touches, changedTouches: [touch(x)] }));
          fire('touchstart', from, [touch(from)]);
          fire('touchend', to, []);
        }""",
        [start, end],
    )


def test_the_pane_is_resized_by_keys_and_stays_so(show_marks: Any) -> None:
    page = show_marks([(3, 0.3, "1")])
    before = page.locator(".viewer").bounding_box()["width"]
    page.locator(".viewer .handle").focus()
    page.keyboard.press("ArrowRight")
    after = page.locator(".viewer").bounding_box()["width"]
    assert after < before
    assert float(page.evaluate("localStorage.getItem('pagesight.pane')")) == pytest.approx(
        after / 1280, abs=0.02
    )


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_a_document_is_easy_to_use_for_everybody(
    open_document: Any, size: str, scheme: str
) -> None:
    page = open_document(f"#page=14&box={BOX}", color_scheme=scheme, **SIZES[size])
    page.fill("#doc-words", "valve")
    page.keyboard.press("Enter")
    page.wait_for_selector("#doc-results a")
    wait_for_page(page, 1)
    assert audit(page) == []
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_words_are_looked_for_in_the_document(open_document: Any) -> None:
    page = open_document("#page=1")
    page.fill("#doc-words", "bolt")
    page.keyboard.press("Enter")
    wait_for_page(page, 14)
    assert page.inner_text("#doc-count") == "1 page with these words"
    assert "bolts" in page.inner_text("#doc-results b")
    page.wait_for_selector(".viewer .word.sought")
    assert page.locator(".viewer .word.sought").all_inner_texts() == ["bolts"]
    page.fill("#doc-words", "giraffe")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "() => document.querySelector('#doc-count').textContent === 'No page has these words.'"
    )
    assert page.locator("#doc-results a").count() == 0


def test_a_document_that_is_not_there_is_said(address: str, browser: Any) -> None:
    page = browser.new_page()  # the browser itself complains of a 404
    page.goto(f"{address}/doc/{'0' * 32}")
    page.wait_for_selector("#doc-problem:not([hidden])")
    assert page.inner_text("#doc-problem") == f"no document {'0' * 32!r}"
    page.close()


def test_the_address_that_a_document_was_fetched_from_is_a_link(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    documents = page.request.get(f"{address}/v1/collections/manuals/documents").json()["documents"]
    (roses,) = (row["id"] for row in documents if row["name"] == "roses.pdf")
    for source, n_links in (("https://garden.example/roses", 1), ("javascript:alert(1)", 0)):
        body = {"metadata": {"source": source}}
        page.request.patch(f"{address}/v1/documents/{roses}", data=body)
        page.goto(f"{address}/doc/{roses}")
        page.wait_for_selector("#doc-line:has-text('1 page')")
        links = page.locator("#doc-line a").all()
        assert [link.get_attribute("href") for link in links] == [source] * n_links
