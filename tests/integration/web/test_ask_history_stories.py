"""Past conversations, several tabs, and the phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.web.asking import ask, wait_for_crops, wait_for_start
from tests.integration.web.conftest import QUESTION, SIZES, OpenPage, audit, draw

XSS = "<img src=x onerror=alert(1)> [a](javascript:alert(1)).pdf"


def row(page: Any, title: str) -> Any:
    return page.locator("#history li", has=page.get_by_role("link", name=title, exact=True))


def test_conversations_are_listed_by_day_renamed_and_deleted(
    serve: Callable[..., str], open_page: OpenPage
) -> None:
    page = open_page(serve(True))
    wait_for_start(page)
    ask(page, QUESTION)
    title = "How tight must the housing bolts…"
    row(page, title).wait_for()
    assert page.locator("#history .day").all_inner_texts() == ["Today"]
    assert row(page, title).locator("a").get_attribute("aria-current") == "page"
    row(page, title).locator(".options").click()
    page.get_by_role("button", name="Rename").click()
    assert audit(page) == []
    page.get_by_role("textbox", name="Title").fill("Bolts")
    page.keyboard.press("Enter")
    row(page, "Bolts").wait_for()
    page.click("#places [data-view=ask]")
    page.wait_for_selector("#view.ask:not(.begun)")
    row(page, "Bolts").locator("a").click()
    page.wait_for_selector(".turn .answer.whole")
    row(page, "Bolts").locator(".options").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Keep").click()
    assert page.locator("#history .menu").count() == 0
    row(page, "Bolts").locator(".options").click()
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete").click()
    page.wait_for_function("() => document.querySelectorAll('#history li').length === 0")
    page.wait_for_selector("#view.ask:not(.begun)")
    assert page.url.endswith("/ask")


def test_a_second_tab_sees_what_is_asked_in_the_first(
    serve: Callable[..., str], open_page: OpenPage
) -> None:
    page = open_page(serve(True))
    wait_for_start(page)
    ask(page, QUESTION)
    second = page.context.new_page()
    second.goto(page.url)
    second.wait_for_selector(".turn .answer.whole")
    ask(page, "And what is sold by the maker?")
    second.wait_for_selector(".turn:nth-child(2) .answer.whole")
    ask(second, "Where are spare parts sold?")
    page.wait_for_selector(".turn:nth-child(3) .answer.whole")
    assert (
        page.locator(".turn h2").all_inner_texts() == second.locator(".turn h2").all_inner_texts()
    )


@pytest.mark.parametrize("way", ["button", "Back"])
def test_on_a_phone_the_proof_is_a_sheet_that_closes_back_to_the_sentence(
    address: str, open_page: OpenPage, way: str
) -> None:
    page = open_page(address, **SIZES["phone"])
    wait_for_start(page)
    turn = ask(page, QUESTION)
    wait_for_crops(turn)
    assert not page.is_visible("#pane dialog")
    marker = turn.locator(".marker").first
    box = marker.bounding_box()
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    for dx, dy in ((0, 0), (-21, 0), (21, 0), (0, -21), (0, 21)):  # 44 px for a finger
        assert page.evaluate(
            "([x, y]) => document.elementFromPoint(x, y).closest('.marker') !== null",
            [middle[0] + dx, middle[1] + dy],
        )
    marker.tap()
    page.wait_for_selector("#pane dialog:modal .box.active")
    assert audit(page) == []
    if way == "Back":
        page.go_back()
    else:
        page.locator("#pane .close").tap()
    page.wait_for_selector("#pane dialog:modal", state="hidden")
    page.wait_for_function("() => document.activeElement.matches('.marker')")
    page.wait_for_function("() => location.hash === ''")
    box = marker.bounding_box()
    assert 0 <= box["y"] <= 844


def test_earlier_questions_are_found_on_a_phone(address: str, open_page: OpenPage) -> None:
    page = open_page(address, **SIZES["phone"])
    wait_for_start(page)
    ask(page, QUESTION)
    page.tap("#places [data-view=ask]")
    page.locator("#recent-list a").first.tap()
    page.wait_for_selector(".turn .answer.whole")


def test_the_name_of_a_document_is_never_markup(
    serve: Callable[..., str], open_page: OpenPage, tmp_path: Any
) -> None:
    address = serve(False)
    page = open_page(address)
    wait_for_start(page)
    page.request.post(f"{address}/v1/collections", data={"name": "odd"})
    sentence = (
        "The housing bolts must be tightened to 45 Nm. ![x](https://evil.example/x.png) <b>bold</b>"
    )
    path = draw(tmp_path / "odd.pdf", [sentence])
    page.request.post(
        f"{address}/v1/collections/odd/documents",
        multipart={
            "files": {"name": XSS, "mimeType": "application/pdf", "buffer": path.read_bytes()}
        },
    )
    page.wait_for_function(
        "() => fetch('/v1/collections/odd').then(reply => reply.json()).then(found => found.pages === 1)"
    )
    page.goto(f"{address}/ask?c=odd")
    page.wait_for_selector("#choices [aria-pressed=true]")
    turn = ask(page, QUESTION)
    assert XSS in turn.locator(".proof-card").first.inner_text()
    assert page.locator("img[src='x'], .answer b, .answer img").count() == 0


def test_the_view_speaks_german(address: str, open_page: OpenPage) -> None:
    page = open_page(address, locale="de-DE")
    wait_for_start(page)
    turn = ask(page, QUESTION)
    assert turn.locator(".steps").inner_text().startswith("Gesucht in")
    turn.get_by_role("button", name="Hilfreich").click()
    turn.get_by_text("Danke.").wait_for()
