"""What stands beside an answer that is not sure: folded below it, marked lightly on its page."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.web.asking import ask, wait_for_start
from tests.integration.web.conftest import OpenPage, audit

# Nothing answers it, several passages are as near.
QUESTION = "What is said of pump and roses?"


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(filled=True)


def test_further_passages_are_folded_below_what_is_not_sure_and_open_beside_it(
    address: str, open_page: OpenPage
) -> None:
    page = open_page(address)
    wait_for_start(page)
    turn = ask(page, QUESTION)
    further = turn.locator("details.further")
    assert further.get_attribute("open") is None
    summary = further.locator("summary")
    assert summary.inner_text().startswith("If it is not that")
    summary.click()
    first = further.locator("a").first
    document = first.locator(".place").inner_text().split(",")[0]
    assert first.locator("q").inner_text() not in turn.locator(".answer").inner_text()
    first.click()
    page.wait_for_function(
        "name => document.querySelector('#pane .sheet').getAttribute('aria-label').startsWith(name)",
        arg=document.removesuffix(".pdf"),
    )
    page.wait_for_selector("#pane .box.light")
    assert page.locator("#pane .box.active").count() == 0
    assert audit(page) == []
