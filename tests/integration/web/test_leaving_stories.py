"""A page that is left while it still waits for the service complains of nothing; Back brings it to life."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.integration.web.conftest import OpenPage, playwright


def test_what_a_page_waited_for_when_it_was_left_is_no_error(
    serve: Callable[..., str], open_page: OpenPage
) -> None:
    address = serve(filled=False)
    page = open_page(address, "/library")
    page.wait_for_selector("#view.library[aria-busy=false]")
    held: list[Any] = []
    page.route("**/v1/status", lambda route: held.append(route))  # no answer comes
    with page.expect_request("**/v1/status"):
        page.click("a[href='/status']")
    page.wait_for_selector("#view.status[aria-busy=false]")
    # What the browser does with a page that is left, in the order in which it does it.
    page.evaluate("dispatchEvent(new PageTransitionEvent('pagehide'))")
    held[0].abort("aborted")
    page.evaluate("fetch('/healthz')")
    assert page.is_hidden("#problem")
    page.evaluate("dispatchEvent(new PageTransitionEvent('pageshow'))")
    page.unroute("**/v1/status")
    page.click("a[href='/library']")
    page.click("a[href='/status']")
    playwright.expect(page.locator("#about")).not_to_be_empty()
