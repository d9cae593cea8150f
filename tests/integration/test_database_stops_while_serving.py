"""While the database is away every request is answered as always, or with a typed 503 and nothing else."""

from __future__ import annotations

import itertools
import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx2
import pytest

from api.serve.app import create_app
from indexer.inputs.sources import Source
from tests.builders import fake_services, pdf_bytes, write_pdf
from tests.support.postgres import new_database, restart, stopped
from tests.support.real_server import serving

Request = Callable[[httpx2.Client, int], httpx2.Response]
UNAVAILABLE = {"catalog_unavailable"}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, postgres_server: str) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("service")
    services = fake_services(
        folder / "data", page_dpi=48, database_url=new_database(postgres_server)
    )
    collection = services.create_collection("c")
    path = write_pdf(folder / "a.pdf", "Tighten the bolts to 45 Nm", "the price of the pump")
    services.pipeline.ingest(collection, Source(path, "a.pdf"))
    with serving(create_app(services), idle_s=600) as address:
        yield address


def _requests(address: str) -> dict[str, Request]:
    """Every kind of request that a person makes, each of them anew every time."""
    search = {"query": "bolts", "collections": ["c"]}
    hit = httpx2.post(f"{address}/v1/search", json=search).json()["hits"][0]
    question = {"question": "How tight are the bolts?", "collections": ["c"]}
    messages = [{"role": "user", "content": "How tight are the bolts?"}]
    page = f"/v1/pages/{hit['page_id']}"

    def get(path: str) -> Request:
        return lambda client, n: client.get(path)

    def post(path: str, body: Callable[[int], dict[str, Any]]) -> Request:
        return lambda client, n: client.post(path, json=body(n))

    def upload(client: httpx2.Client, n: int) -> httpx2.Response:
        file = {"files": (f"{n}.pdf", pdf_bytes(f"page of number{n}"))}
        return client.post("/v1/collections/c/documents", files=file)

    return {
        "search": post("/v1/search", lambda n: {"query": f"bolts {n}", "collections": ["c"]}),
        "answer": post("/v1/answers", lambda n: question),
        "stream": post("/v1/answers", lambda n: question | {"stream": True}),
        "chat": post("/v1/chat/completions", lambda n: {"model": "c", "messages": messages}),
        "conversation": post("/v1/conversations", lambda n: {"title": f"talk {n}"}),
        "image": get(f"{page}/image"),
        "page": get(page),
        "documents": get("/v1/collections/c/documents"),
        "jobs": get("/v1/jobs"),
        "viewer": get(f"/pages/{hit['page_id']}"),
        "upload": upload,
    }


@contextmanager
def asked_all_the_time(address: str) -> Iterator[tuple[Counter[str], list[str]]]:
    """Ask every kind of request again and again; yields how they ended, and what was wrong."""
    ends: Counter[str] = Counter()
    faults: list[str] = []
    end = threading.Event()

    def ask(name: str, request: Request) -> None:
        with httpx2.Client(base_url=address, timeout=600) as client:
            for n in itertools.count():
                if end.is_set():
                    return
                try:
                    outcome, fault = outcome_of(request(client, n))
                except httpx2.TransportError as error:
                    outcome, fault = "cut", repr(error)
                ends[f"{name} {outcome}"] += 1
                if fault:
                    faults.append(f"{name}: {fault}")

    threads = [threading.Thread(target=ask, args=entry) for entry in _requests(address).items()]
    for thread in threads:
        thread.start()
    try:
        yield ends, faults
    finally:
        end.set()
        for thread in threads:
            thread.join(600)


def outcome_of(response: httpx2.Response) -> tuple[str, str]:
    """Return `answered` or `503`, and what is wrong with the response where something is."""
    if response.status_code in (200, 201, 202):
        if not response.headers["content-type"].startswith("text/event-stream"):
            return "answered", ""
        events = [line for line in response.text.splitlines() if line.startswith("event: error")]
        codes = set(_codes_in(response.text))
        return ("503", "") if events and codes <= UNAVAILABLE else ("answered", "".join(events))
    is_typed = (
        response.status_code == 503
        and _is_unavailable(response)
        and int(response.headers.get("Retry-After", 0)) >= 1
    )
    return "503", "" if is_typed else f"{response.status_code} {response.text[:300]}"


def _is_unavailable(response: httpx2.Response) -> bool:
    if response.headers["content-type"].startswith("text/html"):
        return "catalog_unavailable" in response.text
    return response.json()["error"]["code"] in UNAVAILABLE


def _codes_in(stream: str) -> Iterator[str]:
    for line in stream.splitlines():
        if line.startswith("data: {") and "code" in (body := json.loads(line[6:])).get("error", {}):
            yield body["error"]["code"]


def test_no_request_fails_otherwise_while_the_database_stops_and_comes_back(
    service: str, postgres_server: str
) -> None:
    with asked_all_the_time(service) as (ends, faults):
        for _ in range(2):
            restart(postgres_server)
            _wait_for_more(ends, 30)
        with stopped(postgres_server):
            _wait_for_more(ends, 30, "503")
        _wait_for_more(ends, 50)
    assert not faults, (faults[:5], ends)
    with asked_all_the_time(service) as (ends, faults):
        while len(ends) < len(_requests(service)):
            _wait_for_more(ends, 1)
    assert not faults and all(name.endswith("answered") for name in ends), (faults[:5], ends)


def _wait_for_more(ends: Counter[str], n: int, ending: str = "") -> None:
    """Return when `n` more requests have ended so."""

    def n_ended() -> int:
        return sum(count for name, count in list(ends.items()) if name.endswith(ending))

    pause, n_before = threading.Event(), n_ended()
    while n_ended() < n_before + n:
        pause.wait(0.02)
