"""What is not whole yet: an answer under way, files that did not arrive, a view left while it opens."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from api.services.wiring import Services
from tests.builders import pdf_bytes
from tests.integration.web.asking import MarkdownModel, ask, wait_for_start
from tests.integration.web.conftest import QUESTION, OpenPage

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
expect = sync_api.expect

NOTE_TEXTS = """() => {
    window.texts = [];
    const list = document.querySelector('#turns');
    const note = () => window.texts.push(list.querySelector('.turn:last-child .answer')?.innerText ?? '');
    new MutationObserver(note).observe(list, { childList: true, subtree: true, characterData: true });
}"""


@pytest.fixture(scope="module")
def model() -> MarkdownModel:
    return MarkdownModel(pause_s=0.05)


@pytest.fixture(scope="module")
def model_address(serve: Callable[..., str], model: MarkdownModel) -> str:
    return serve(True, model=model)


def test_an_answer_under_way_shows_no_signs_of_markdown(
    model_address: str, open_page: OpenPage
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    page.evaluate(NOTE_TEXTS)
    ask(page, QUESTION)
    texts = page.evaluate("window.texts")
    assert len({len(text) for text in texts}) > 5  # it came in parts
    assert not [text for text in texts if "**" in text or "|" in text]
    assert any("45 Nm" in text and "flap" not in text for text in texts)


def test_a_stopped_answer_marks_what_nothing_proves(
    model: MarkdownModel, model_address: str, open_page: OpenPage
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    model.hold_next(before="flap")
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_function("() => document.querySelector('.answer')?.innerText.includes('Torque')")
    page.keyboard.press("Escape")
    page.wait_for_selector(".turn .answer.whole")
    assert page.inner_text(".turn .steps").startswith("Stopped")
    unproved = " ".join(" ".join(page.locator(".unproved").all_inner_texts()).split())
    assert "painted blue" in unproved and "45 Nm" not in unproved


def test_small_talk_leaves_no_page_of_another_question_beside_it(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    ask(page, QUESTION)
    page.wait_for_selector("#pane .box.active")
    thanks = ask(page, "Thank you!")
    expect(page.locator("#pane .box")).to_have_count(0)
    assert "nothing" not in thanks.get_attribute("class")


def test_a_view_that_is_left_while_it_opens_leaves_nothing_behind(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    for first, then in (("search?q=bolts", "library"), ("doc/x", "ask"), ("ask?q=x", "status")):
        page.evaluate(
            """async ([first, then]) => {
                const { navigate } = await import("/web/frame/router.js");
                await Promise.allSettled([navigate("/" + first), navigate("/" + then)]);
                const left = navigate("/" + first);
                await new Promise((resolve) => setTimeout(resolve)); // it is open, its data is on the way
                await Promise.allSettled([left, navigate("/" + then)]);
            }""",
            [first, then],
        )
        page.wait_for_selector(f"#view.{then}[aria-busy=false]")
        page.wait_for_function(
            """view => [...document.querySelectorAll('link[href^="/web/views/"]')]
                .map(link => link.getAttribute('href')).join() === `/web/views/${view}/${view}.css`""",
            arg=then,
        )
        assert page.locator("#view .problem:visible").count() == 0


def test_a_link_with_a_question_asks_it_once(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/ask?c=manuals&q=How+tight+must+the+housing+bolts+be%3F")
    page.wait_for_selector(".turn .answer.whole")
    assert page.locator(".turn").count() == 1
    page.wait_for_load_state("networkidle")
    page.reload()
    page.wait_for_selector(".turn .answer.whole")
    assert page.locator(".turn").count() == 1


def test_a_file_that_did_not_arrive_says_so_and_is_sent_again(
    serve: Callable[..., str], browser: Any
) -> None:
    wired: list[Services] = []
    address = serve(False, wired=wired, encoder="fake", embedded_worker=False)
    name = wired[0].create_collection(None, "Post").name
    page = browser.new_context().new_page()  # which complains of the answers below
    page.goto(f"{address}/library/{name}")
    page.wait_for_selector("#view.library[aria-busy=false]")
    full = {"error": {"message": "the disk is full", "type": "disk", "code": "disk_full"}}
    page.route("**/documents", lambda route: route.fulfill(status=507, json=full), times=2)
    files = [
        {"name": f"{n}.pdf", "mimeType": "application/pdf", "buffer": pdf_bytes(n)} for n in "ab"
    ]
    page.locator("#files").set_input_files(files)
    expect(page.locator("#unsent h2")).to_have_text("2 files were not added")
    expect(page.locator("#unsent li")).to_have_text(
        ["a.pdfthe disk is full", "b.pdfthe disk is full"]
    )
    page.click("#places a[data-view=status]")  # another view, and back: it is still known
    page.go_back()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("#unsent")).to_be_hidden()
    expect(page.locator("#queue-summary")).to_have_text("2 files waiting")
    page.context.close()
