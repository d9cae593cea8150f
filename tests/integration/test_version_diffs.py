"""Versions of a document: what has changed, in words and pictures, and the answers of a day of before."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli.main import app
from api.serve.app import create_app
from api.services.wiring import Services
from client.pagesight_client.routes import version_diffs as client_version_diffs
from indexer.inputs.sources import Source
from tests.builders import fake_services, write_pdf

DAYS = [datetime(2026, month, 1, 12, tzinfo=UTC) for month in (1, 3, 5)]
RENT = "The monthly rent of the flat is {} pounds, payable on the first day."
VERSIONS = [
    ["Lease of the flat.", RENT.format(800), "Pets are not allowed.", "Annex A: the keys."],
    ["Lease of the flat.", RENT.format(900), "Pets are not allowed.", "Annex A: the keys."],
    [
        "Lease of the flat.",
        "Annex A: the keys.",
        "The garden is shared with the neighbours.",
        RENT.format("1000 <b>"),
    ],
]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    root = tmp_path_factory.mktemp("versions")
    services = fake_services(root / "data")
    collection = services.create_collection("leases")
    for i, (day, pages) in enumerate(zip(DAYS, VERSIONS, strict=True)):
        path = write_pdf(root / f"{i}.pdf", *pages)
        services.pipeline.ingest(collection, Source(path, "lease.pdf", given_at=day))
    other = write_pdf(root / "other.pdf", "The monthly rent of the garage is 50 pounds.")
    services.pipeline.ingest(collection, Source(other, "garage.pdf", given_at=DAYS[2]))
    return services


@pytest.fixture(scope="module")
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services)) as client:
        yield client


def ids(services: Services) -> dict[int, str]:
    return {
        document.version.number: document.id
        for document in services.stores.catalog.snapshot("leases").documents
        if document.version is not None
    }


def test_a_diff_names_pages_that_changed_and_the_words_on_them(
    services: Services, client: TestClient
) -> None:
    by_number = ids(services)
    body = client.get(f"/v1/documents/{by_number[2]}/diff").json()
    assert (body["old"]["version"]["number"], body["new"]["version"]["number"]) == (1, 2)
    (page,) = body["pages"]
    assert body["same_pages"] == 3
    assert (page["change"], page["old"]["page_number"], page["new"]["page_number"]) == (
        "changed", 2, 2,
    )  # fmt: skip
    assert (page["removed_words"], page["added_words"]) == (1, 1)
    changed = {run["change"]: run for run in page["words"] if run["change"] != "same"}
    assert (changed["removed"]["text"], changed["added"]["text"]) == ("800", "900")
    (box,) = changed["added"]["boxes"]
    assert 0 < box[0] < box[2] < 1

    body = client.get(f"/v1/documents/{by_number[3]}/diff", params={"with": "1"}).json()
    changes = [
        (p["change"], p["old"] and p["old"]["page_number"], p["new"] and p["new"]["page_number"])
        for p in body["pages"]
    ]
    assert ("moved", 4, 2) in changes or ("moved", 2, 4) in changes or len(changes) > 1
    assert ("removed", 3, None) in changes and ("added", None, 3) in changes
    by_day = client.get(f"/v1/documents/{by_number[3]}/diff", params={"with": "2026-03-20"})
    assert by_day.json()["old"]["id"] == by_number[2]
    first = client.get(f"/v1/documents/{by_number[1]}/diff")
    assert first.status_code == 404 and "no version before" in first.json()["error"]["message"]
    wrong = client.get(f"/v1/documents/{by_number[1]}/diff", params={"with": "9"})
    assert wrong.status_code == 404 and "versions 1 to 3" in wrong.json()["error"]["message"]


def test_both_versions_are_shown_side_by_side_without_script(
    services: Services, client: TestClient
) -> None:
    answer = client.get(f"/v1/documents/{ids(services)[3]}/diff", params={"format": "html"})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "sandbox" in answer.headers["content-security-policy"]
    assert answer.text.count("data:image/jpeg;base64,") >= 2
    assert "<ins>" in answer.text and "&lt;b&gt;" in answer.text and "<b>" not in answer.text
    assert "lease.pdf (version 2 of 3, 2026-03-01)" in answer.text


def test_the_command_and_the_client_say_the_same(
    services: Services, client: TestClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.cli.diff.load_services", lambda: services)
    page = tmp_path / "diff.html"
    words = ["diff", "lease.pdf", "1", "2026-03-20", "-c", "leases"]
    shown = CliRunner().invoke(app, words).output
    assert "page 2: changed, -1 +1 words" in shown and "800 900" in shown
    printed = CliRunner().invoke(app, [*words, "--json", "--html", str(page)]).output
    assert page.read_text().startswith("<!doctype html>")
    body = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    call = client_version_diffs.diff(body["new"]["id"], "1")
    answer = client.get(call.request.path, params=call.request.params)
    diff = call.parse(httpx.Response(200, content=answer.content))
    assert (diff.same_pages, diff.pages[0].words[1].text) == (3, "800")
    assert diff.new.id == ids(services)[2] == body["new"]["id"]


def test_a_search_as_of_a_date_sees_the_version_of_then(
    services: Services, client: TestClient
) -> None:
    def rents(as_of: str | None, **more: object) -> set[str]:
        filters = {} if as_of is None else {"as_of": as_of}
        body = {"query": "monthly rent of the", "collections": ["leases"], "k": 9}
        answer = client.post("/v1/search", json=body | {"filters": filters | more})
        assert answer.status_code == 200, answer.text
        return {
            word
            for hit in answer.json()["hits"]
            for word in hit["snippet"].split()
            if word.isdigit() and "rent" in hit["snippet"]
        }

    assert rents(None) == rents("2026-05-01") == {"1000", "50"}
    assert rents("2026-04-30") == rents("2026-03-01T12:00:00Z") == {"900"}
    assert rents("2026-03-01T11:59:59Z") == {"800"}
    assert rents("2026-01-15", documents=["lease.pdf"]) == {"800"}
    assert rents("2025-12-31") == set()
    for nonsense in ("yesterday", "2026-13-01", "9999-12-31T99"):
        body = {"query": "rent", "collections": ["leases"], "filters": {"as_of": nonsense}}
        assert client.post("/v1/search", json=body).status_code == 422
    moment = (DAYS[1] + timedelta(days=1)).date().isoformat()
    body = {"question": "What is the monthly rent of the flat?", "collections": ["leases"]}
    answer = client.post("/v1/answers", json=body | {"filters": {"as_of": moment}}).json()
    assert "900" in answer["answer"]
    assert {c["version"]["number"] for c in answer["citations"]} == {2}
