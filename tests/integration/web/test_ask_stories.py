"""Questions, and the conversation that becomes of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.web.asking import ask, wait_for_crops, wait_for_start
from tests.integration.web.conftest import LOOKS, QUESTION, SENTENCE, SIZES, OpenPage, audit

FOLLOW_UP = "And what is sold by the maker?"


def stored(page: Any) -> Any:
    """The conversation that the address names, as the service keeps it."""
    conversation_id = page.url.split("/ask/")[1].split("#")[0].split("?")[0]
    origin = page.url.split("/ask/")[0]
    return page.request.get(f"{origin}/v1/conversations/{conversation_id}").json()


def test_a_question_is_answered_value_first_with_its_proof_beside_it(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    assert page.evaluate("document.activeElement.id") == "question"
    turn = ask(page, QUESTION)
    assert turn.locator("h2").inner_text() == QUESTION
    lines = turn.locator(".answer").inner_text().split("\n")
    assert lines[0] == "45 Nm"
    assert re.match(
        r"Searched in [\d.]+ s · read \d pages · answered in", turn.locator(".steps").inner_text()
    )
    card = turn.locator(".proof-card").first
    assert "pump.pdf" in card.inner_text() and "page 2" in card.inner_text()
    assert card.locator(".strength").inner_text() in ("clear", "partial")
    assert "%" not in turn.inner_text()
    page.wait_for_selector("#pane .box.active")
    assert page.locator("#pane .box.light").count() >= 1


def test_the_cut_shows_the_region_where_it_stands(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    wait_for_crops(turn)
    citation = stored(page)["messages"][1]["answer"]["citations"][0]
    image = turn.locator(".cut.main img:not(.sharp)").first.bounding_box()
    mark = turn.locator(".cut.main .mark:not(.light)").first.bounding_box()
    x0, y0, x1, y1 = citation["value_box"] or citation["box"]
    drawn = [mark["x"], mark["y"], mark["x"] + mark["width"], mark["y"] + mark["height"]]
    right = [
        image["x"] + x0 * image["width"], image["y"] + y0 * image["height"],
        image["x"] + x1 * image["width"], image["y"] + y1 * image["height"],
    ]  # fmt: skip
    assert max(abs(a - b) for a, b in zip(drawn, right, strict=True)) < 1
    strip = turn.locator(".cut.main").first.bounding_box()
    assert strip["y"] <= drawn[1] and drawn[3] <= strip["y"] + strip["height"]


def test_the_cut_is_drawn_anew_where_the_screen_is_finer_than_the_stored_image(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address, device_scale_factor=2)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    wait_for_crops(turn)
    cut = turn.locator(".cut.main").first
    width = cut.locator(".sharp").evaluate("image => image.naturalWidth")
    assert abs(width - 1120) <= 2
    strip, drawing = (part.bounding_box() for part in (cut, cut.locator(".sharp")))
    assert all(abs(strip[side] - drawing[side]) < 1 for side in strip)


def test_a_conversation_has_an_address_that_reload_and_back_keep(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    ask(page, QUESTION)
    assert re.fullmatch(rf"{address}/ask/\w+", page.url)
    first = page.locator(".turn .answer").first.inner_text()
    ask(page, FOLLOW_UP)
    assert page.locator(".turn").count() == 2
    assert page.locator(".turn .answer").first.inner_text() == first
    page.reload()
    page.wait_for_selector(".turn:nth-child(2) .answer.whole")
    assert page.locator(".turn h2").all_inner_texts() == [QUESTION, FOLLOW_UP]
    assert page.locator(".turn .answer").first.inner_text() == first
    page.wait_for_selector("#pane .box.active")
    page.go_back()
    page.wait_for_selector("#view.ask:not(.begun) #choices button")
    page.go_forward()
    page.wait_for_selector(".turn:nth-child(2) .answer.whole")


def test_a_marker_shows_its_proof_to_pointer_and_focus_and_opens_the_page(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    page.wait_for_selector("#pane .box.active")
    marker = turn.locator(".marker").first
    assert re.match(
        r"Citation 1: pump\.pdf, page 2, (clear|partial)", marker.get_attribute("aria-label")
    )
    assert re.match(r"/doc/\w+#page=2&box=", marker.get_attribute("href"))
    marker.hover()
    page.wait_for_selector("#hover-card:popover-open .proof-card")
    page.mouse.move(5, 5)
    page.wait_for_selector("#hover-card:popover-open", state="hidden")
    page.locator("#question").focus()
    while page.evaluate("!document.activeElement.matches('.marker')"):
        page.keyboard.press("Shift+Tab")
    page.wait_for_selector("#hover-card:popover-open .proof-card")
    page.keyboard.press("Escape")
    page.wait_for_selector("#hover-card:popover-open", state="hidden")
    page.locator(".pages-read summary").click()
    page.locator(".pages-read a", has_text="page 1").first.click()
    page.wait_for_function("() => !document.querySelector('.proof-card.open')")
    marker.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#pane .box.active")
    assert page.locator(".proof-card.open").count() == 1
    assert "/ask/" in page.url


def test_what_is_not_found_names_the_nearest_pages_and_marks_no_proof(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    turn = ask(page, "Who won the chess championship of 1972?")
    assert turn.locator(".answer").inner_text().startswith("Not found")
    assert turn.locator(".marker, .proof-card").count() == 0
    assert turn.locator(".pages-read a").count() >= 1 and turn.locator("details[open]").count() == 1
    page.wait_for_selector("#pane .sheet")
    assert page.locator("#pane .box").count() == 0
    turn = ask(page, "How tall is the lighthouse?")
    assert turn.locator(".answer p").nth(1).inner_text().startswith("The nearest is page")
    page.wait_for_selector("#pane .box.light")
    assert page.locator("#pane .box:not(.light)").count() == 0


def test_an_answer_is_copied_with_its_sources(address: str, open_page: OpenPage) -> None:
    page = open_page(address, permissions=["clipboard-read", "clipboard-write"])
    wait_for_start(page)
    turn = ask(page, QUESTION)
    turn.get_by_role("button", name="Copy with sources").click()
    turn.get_by_role("button", name="Copied").wait_for()
    text = page.evaluate("navigator.clipboard.readText()")
    assert text.startswith(f"{QUESTION}\n\n45 Nm") and f"[1] pump.pdf, page 2: “{SENTENCE}”" in text
    assert f"{address}/doc/" in text
    turn.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")
    page.goto(link)
    page.wait_for_selector(".turn .answer.whole")
    selected = page.evaluate(
        "() => { getSelection().selectAllChildren(document.querySelector('.answer'));"
        " return getSelection().toString(); }"
    )
    assert "[1]" in selected


def test_an_answer_is_judged_and_the_judgement_stays(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    turn.get_by_role("button", name="Wrong evidence").click()
    turn.get_by_role("textbox", name="What would be right?").fill("page 3 says it")
    turn.get_by_role("button", name="Send").click()
    turn.get_by_text("Thank you.").wait_for()
    feedback = stored(page)["messages"][1]["feedback"]
    assert (feedback["verdict"], feedback["comment"]) == ("wrong_evidence", "page 3 says it")
    page.reload()
    page.locator(".verdicts [aria-pressed=true]").wait_for()
    assert page.locator(".verdicts [aria-pressed=true]").inner_text() == "Wrong evidence"


def test_a_question_is_asked_again_with_other_pages(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/ask?c=manuals&document=pump.pdf")
    page.wait_for_selector("#scope:not([hidden])")
    assert "pump.pdf" in page.inner_text("#scope")
    ask(page, QUESTION)
    assert page.url.endswith("?document=pump.pdf")
    page.get_by_role("button", name="Ask everything").click()
    page.wait_for_selector("#scope", state="hidden")
    page.get_by_role("button", name="Ask with other pages").click()
    page.wait_for_selector(".turn:nth-child(2) .answer.whole")
    answers = [m["answer"] for m in stored(page)["messages"] if m["role"] == "assistant"]
    first, second = ({hit["page_id"] for hit in answer["pages"]} for answer in answers)
    assert first and second and not first & second
    assert {hit["document"] for hit in answers[0]["pages"]} == {"pump.pdf"}


def test_a_link_brings_a_question_and_several_collections(
    serve: Callable[..., str], open_page: OpenPage
) -> None:
    address = serve(True)
    page = open_page(address)
    wait_for_start(page)
    page.request.post(f"{address}/v1/collections", data={"name": "garden"})
    page.goto(f"{address}/ask?q={QUESTION}&c=manuals&c=garden")
    page.wait_for_selector(".turn .answer.whole")
    assert stored(page)["collections"] == ["manuals", "garden"]
    page.go_back()  # the question is not asked a second time
    page.wait_for_selector("#view.ask:not(.begun)")
    assert len(page.request.get(f"{address}/v1/conversations").json()["conversations"]) == 1


def test_a_conversation_that_is_gone_says_so(address: str, browser: Any) -> None:
    page = browser.new_context().new_page()  # the browser itself complains of what is not there
    page.goto(f"{address}/ask/gone")
    wait_for_start(page)
    assert page.inner_text("#ask-problem") == "This conversation is not there any more."
    page.locator("#places [data-view=ask]").click()
    page.wait_for_selector("#choices button")
    assert not page.is_visible("#ask-problem")
    page.context.close()


@pytest.mark.parametrize(("size", "scheme"), LOOKS)
def test_asking_is_for_everybody_at_every_size(
    address: str, open_page: OpenPage, size: str, scheme: str
) -> None:
    page = open_page(address, color_scheme=scheme, **SIZES[size])
    wait_for_start(page)
    assert audit(page) == []
    turn = ask(page, QUESTION)
    wait_for_crops(turn)
    turn.locator(".pages-read summary").click()
    turn.get_by_role("button", name="Wrong", exact=True).click()
    assert audit(page) == []
    ask(page, "Who won the chess championship of 1972?")
    assert audit(page) == []
    for direction in ("ltr", "rtl"):
        page.evaluate("direction => { document.documentElement.dir = direction }", direction)
        width = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1]
