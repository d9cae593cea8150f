"""What a model writes: shown as it is meant, and never surer than the pages are."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.integration.web.asking import MarkdownModel, ask, wait_for_start
from tests.integration.web.conftest import QUESTION, OpenPage, audit


@pytest.fixture(scope="module")
def model() -> MarkdownModel:
    return MarkdownModel(pause_s=0.03)


@pytest.fixture(scope="module")
def model_address(serve: Callable[..., str], model: MarkdownModel) -> str:
    return serve(True, model=model)


def begin(page: Any, question: str = QUESTION) -> None:
    """Ask, and return while the answer is being written."""
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn:last-child.writing")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_markdown_is_shown_as_meant_and_what_is_not_proved_looks_different(
    model_address: str, open_page: OpenPage, scheme: str
) -> None:
    page = open_page(model_address, color_scheme=scheme)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    answer = turn.locator(".answer")
    assert answer.locator("p strong").first.inner_text() == "45 Nm"
    assert "45 Nm" in answer.locator("table td").all_inner_texts()[1]
    assert "**" not in answer.inner_text() and "|" not in answer.inner_text()
    unproved = " ".join(answer.locator(".unproved").all_inner_texts())
    assert "The pump was painted" in unproved and "45 Nm" not in unproved
    assert "Part" not in unproved  # heads claim nothing
    assert "dotted" in answer.locator(".unproved").first.evaluate(
        "element => getComputedStyle(element).textDecorationStyle"
    )
    assert "not proved by these pages" in turn.locator(".notes").inner_text()
    assert "[not proved]" in answer.locator(".unproved").last.evaluate("part => part.textContent")
    assert answer.locator("del.removed").inner_text() == "[77]"
    assert "struck out" in turn.locator(".notes").inner_text()
    assert audit(page) == []


def test_a_weak_citation_names_its_page_and_marks_nothing(
    model_address: str, open_page: OpenPage
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    page.wait_for_selector("#pane .box.active")
    weak = turn.locator(".proof-card", has_text="roses.pdf")
    assert weak.locator(".strength").inner_text() == "weak" and weak.locator(".crop").count() == 0
    assert "box=" not in weak.get_attribute("href")
    mark = turn.locator(".marker.weak").first
    strong = turn.locator(".marker:not(.weak)").first
    background = "element => getComputedStyle(element).backgroundColor"
    assert strong.evaluate(background) != mark.evaluate(background) == "rgba(0, 0, 0, 0)"
    weak.click()
    page.wait_for_function(
        "() => document.querySelector('#pane .sheet').getAttribute('aria-label').startsWith('roses')"
    )
    assert page.locator("#pane .box").count() == 0


def test_nothing_in_an_answer_acts(model_address: str, open_page: OpenPage) -> None:
    page = open_page(model_address)  # a dialog, an error or a foreign address fails the story
    wait_for_start(page)
    turn = ask(page, QUESTION)
    answer = turn.locator(".answer")
    assert "alert(1)" in answer.inner_text()
    assert answer.locator("img, script, iframe, svg").count() == 0
    addresses = answer.locator("a").evaluate_all(
        "links => links.map(link => link.getAttribute('href'))"
    )
    assert addresses and all(address.startswith("/doc/") for address in addresses)


def test_steps_are_named_and_timed_and_the_old_proof_is_dimmed(
    model_address: str, open_page: OpenPage
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    ask(page, QUESTION)
    page.wait_for_selector("#pane .box.active")
    page.evaluate("""() => {
        window.steps = [];
        const note = () => {
            const step = document.querySelector('.turn:last-child .steps.running');
            const isOld = document.querySelector('#pane.old') !== null;
            if (step) window.steps.push([step.querySelector('.step').textContent, isOld]);
        };
        const turns = document.querySelector('#turns');
        new MutationObserver(note).observe(turns, { childList: true, subtree: true });
    }""")
    ask(page, "Is it the same in winter?")
    steps = page.evaluate("window.steps")
    names = list(dict.fromkeys(name for name, _ in steps))
    assert [name.split()[0].rstrip("…") for name in names] == ["Searching", "Reading", "Writing"]
    assert all(is_old for name, is_old in steps if name.startswith("Searching"))
    assert page.locator("#pane.old").count() == 0


@pytest.mark.parametrize("way", ["Escape", "button"])
def test_a_stopped_answer_says_so_also_after_a_reload(
    model: MarkdownModel, model_address: str, open_page: OpenPage, way: str
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    model.hold_next(before="flap")
    begin(page)
    page.wait_for_function(
        "() => document.querySelector('.answer').textContent.includes('tightened')"
    )
    if way == "Escape":
        page.keyboard.press("Escape")
    else:
        page.click("#submit")
    page.wait_for_selector(".turn .answer.whole")
    assert page.inner_text(".turn .steps").startswith("Stopped")
    text = page.inner_text(".turn .answer")
    assert "tightened" in text and "flap" not in text
    page.reload()
    page.wait_for_selector(".turn .answer.whole")
    assert page.inner_text(".turn .steps").startswith("Stopped")
    assert "this answer is not whole" in page.inner_text(".turn .notes")
    assert page.inner_text(".turn .answer") == text


def test_a_question_during_an_answer_stops_it_and_is_asked(
    model: MarkdownModel, model_address: str, open_page: OpenPage
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    model.hold_next(before="flap")
    begin(page)
    turn = ask(page, "And in winter?")
    assert "flap" in turn.locator(".answer").inner_text()
    assert page.locator(".turn").first.locator(".steps").inner_text().startswith("Stopped")
    assert page.locator("#submit").inner_text() == "Ask"


def test_an_error_is_told_in_one_line_and_the_question_can_be_asked_again(
    model_address: str, open_page: OpenPage
) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    page.route("**/messages", lambda route: route.fulfill(
        content_type="text/event-stream",
        body=': the answer is being written\n\n'
             'event: token\ndata: {"text": "Half"}\n\n'
             'event: error\ndata: {"error": {"message": "the model went away"}}\n\n',
    ))  # fmt: skip
    page.fill("#question", QUESTION)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn .problem:not([hidden])")
    assert page.inner_text(".turn .problem") == "the model went away"
    assert page.inner_text(".turn .answer") == "Half"
    page.unroute("**/messages")
    page.get_by_role("button", name="Ask again").click()
    page.wait_for_selector(".turn .answer.whole")
    assert page.locator(".turn").count() == 1 and not page.is_visible(".turn .problem")


def test_an_answer_shows_while_the_model_writes(model_address: str, open_page: OpenPage) -> None:
    page = open_page(model_address)
    wait_for_start(page)
    begin(page)
    early = page.inner_text(".turn .answer")
    page.wait_for_selector(".turn .answer.whole")
    assert early and len(early) < len(page.inner_text(".turn .answer"))
