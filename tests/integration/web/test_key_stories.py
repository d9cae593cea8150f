"""A service that asks for a key."""

from __future__ import annotations

from collections.abc import Callable

from tests.integration.web.asking import ask, wait_for_crops, wait_for_start
from tests.integration.web.conftest import QUESTION, OpenPage


def test_a_key_is_asked_for_once_and_reaches_images_and_links(
    serve: Callable[..., str], open_page: OpenPage
) -> None:
    keys: list[str] = []
    address = serve(True, keys)
    (key,) = keys
    page = open_page(address)
    page.wait_for_selector("#key-dialog[open]")
    page.keyboard.press("Escape")
    assert page.is_visible("#key-dialog")
    page.fill("#key", key)
    page.keyboard.press("Enter")
    turn = ask(page, QUESTION)
    wait_for_crops(turn)
    assert page.evaluate("document.cookie") == ""  # no script can read it
    page.goto(f"{address}/pages/2")
    assert page.evaluate("document.querySelector('image').getBBox().width") > 0
    page.goto(f"{address}/")
    wait_for_start(page)
    page.click("#leave")
    page.wait_for_selector("#key-dialog[open]")
    page.goto(f"{address}/pages/2?box=0,0,1,1")  # comes back after the key was given
    page.fill("#key", key)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/pages/2?box=0,0,1,1")
    assert page.locator("rect").count() == 1
