"""The page of routes, and errors for people who followed a link."""

from __future__ import annotations

import json
import re
import shlex

import pytest

from tests.integration.web.conftest import OpenPage, audit


def test_the_docs_page_lists_every_route_and_finds_one(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/docs")
    page.locator("details").first.wait_for()
    routes = page.request.get(f"{address}/openapi.json").json()["paths"]
    assert page.locator("details").count() == sum(len(methods) for methods in routes.values())
    page.fill("#filter", "heat map")
    assert 0 < page.locator("details:visible").count() < 4
    page.fill("#filter", "POST /v1/search")
    search = page.locator("details:visible").first
    search.locator("summary").click()
    search.get_by_text("filters", exact=True).wait_for()
    assert audit(page) == []


def test_a_command_of_the_docs_page_works_as_it_stands(address: str, open_page: OpenPage) -> None:
    page = open_page(address, "/docs")
    page.fill("#filter", "POST /v1/answers")
    path = page.locator("summary code", has_text=re.compile(r"^/v1/answers$"))
    answers = page.locator("details:visible", has=path)
    answers.locator("summary").click()
    words = shlex.split(answers.locator("pre").inner_text().replace("\\\n", " "))
    body = json.loads(words[words.index("-d") + 1])
    target = next(word for word in words if word.startswith("http"))
    body["collections"] = ["manuals"]  # the example names the samples, which are not in here
    response = page.request.post(target, data=body)
    assert response.status == 200 and "answer" in response.json()


@pytest.mark.parametrize("path", ["/pages/999999", "/pages/1?box=9", "/nowhere", "/v1/pages/77777"])
def test_an_error_is_a_page_for_a_person_and_json_for_a_program(
    address: str, open_page: OpenPage, path: str
) -> None:
    page = open_page(address, "/docs")  # nothing of the application runs beside it
    page.locator("details").first.wait_for()
    told = page.request.get(f"{address}{path}", headers={"accept": "application/json"})
    assert 400 <= told.status < 500
    message = told.json()["error"]["message"]
    shown = page.request.get(f"{address}{path}", headers={"accept": "text/html,*/*;q=0.8"})
    assert shown.status == told.status
    assert shown.headers["content-type"].startswith("text/html")
    blank = page.context.new_page()
    blank.set_content(shown.text())
    assert message.lower() in blank.inner_text("main").lower()


def test_an_error_page_repeats_markup_as_text(address: str, open_page: OpenPage) -> None:
    page = open_page(address)
    shown = page.request.get(
        f"{address}/pages/1?box=<script>alert(1)</script>", headers={"accept": "text/html"}
    )
    assert "<script>alert" not in shown.text()
