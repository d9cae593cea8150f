"""What a full service says, and how little it does for it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from prometheus_client import CollectorRegistry, Counter
from starlette.types import Message, Receive, Scope, Send

from api.base.settings import Settings
from api.http.limits.concurrency import Admission
from api.http.policy import RoutePolicies
from api.routes import questions
from api.serve import load_shedding
from api.serve.load_shedding import LoadShedder, ShedLoad

ROUTES = FastAPI()
ROUTES.include_router(questions.router, prefix="/v1")
POLICIES = RoutePolicies(ROUTES.routes)


@pytest.fixture
def admission(tmp_path: Path) -> Iterator[Admission]:
    yield Admission(Settings(data_dir=tmp_path, max_searches=1, max_waiting=0))


async def reads_nothing() -> Message:
    raise AssertionError("the body of a refused request was read")


def asked(path: str = "/v1/search", headers: tuple[tuple[bytes, bytes], ...] = ()) -> Scope:
    return {"type": "http", "method": "POST", "path": path, "headers": list(headers)}


def door(admission: Admission, let_in: list[Scope]) -> tuple[ShedLoad, Counter]:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        let_in.append(scope)

    requests = Counter("requests", "", ["method", "route", "status"], registry=CollectorRegistry())
    return ShedLoad(app, LoadShedder(admission, POLICIES, requests)), requests


def test_a_full_service_refuses_without_reading_and_counts(admission: Admission) -> None:
    let_in: list[Scope] = []
    refuse, requests = door(admission, let_in)

    async def work() -> list[Message]:
        sent: list[Message] = []

        async def send(message: Message) -> None:
            sent.append(message)

        with await admission.searches.take():
            await refuse(asked(headers=((b"x-request-id", b"mine"),)), reads_nothing, send)
            await refuse(asked("/v1/collections"), reads_nothing, send)
        await refuse(asked(), reads_nothing, send)
        return sent

    start, body = asyncio.run(work())
    headers = dict(start["headers"])
    assert start["status"] == 503
    assert headers[b"x-request-id"] == b"mine" and int(headers[b"retry-after"]) >= 1
    assert int(headers[b"content-length"]) == len(body["body"])
    assert [scope["path"] for scope in let_in] == ["/v1/collections", "/v1/search"]
    assert requests.labels("POST", "none", "503")._value.get() == 1


def test_the_log_has_one_line_for_all_refusals_of_a_moment(
    admission: Admission, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(load_shedding, "_LINE_EVERY_S", 0.02)
    refuse, _ = door(admission, [])

    async def nowhere(_: Any) -> None: ...

    async def work() -> None:
        with await admission.searches.take():
            for n in (3, 2):
                for _ in range(n):
                    await refuse(asked(), reads_nothing, nowhere)
                await asyncio.sleep(0.1)

    with caplog.at_level(logging.WARNING, "pagesight.http"):
        asyncio.run(work())
    told = [record.getMessage() for record in caplog.records]
    assert told == ["busy: refused 3 questions", "busy: refused 2 questions"]
