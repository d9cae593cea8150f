"""Quotas of API keys: what they let through, in what order things are counted, and who shares the count."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.base.errors import QuotaReached
from api.serve.app import create_app
from api.services.keys import Keys, Quota, Scope
from api.services.quotas import Quotas
from api.services.wiring import Services
from indexer.base.errors import InvalidKey
from indexer.catalog.database import Database
from tests.builders import fake_services, pdf_bytes

NOON = datetime(2026, 11, 27, 12, tzinfo=UTC)
DOCUMENTS = "/v1/collections/c/documents"
SEARCH = {"query": "alpha", "collections": ["c"]}


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'catalog.sqlite3'}")


def test_questions_are_counted_over_processes_to_the_last_one(database: Database) -> None:
    key, _ = Keys(database).create("ann", Scope.READ, quota=Quota(max_questions_per_day=230))
    processes = [Quotas(database, lambda: NOON) for _ in range(3)]
    n_asked = 0
    for process in processes * 200:
        try:
            process.take_question(key)
            n_asked += 1
        except QuotaReached as error:
            assert "230 questions a day" in str(error) and error.retry_after_s == 12 * 3600
    assert n_asked == 230


def test_the_count_begins_anew_at_midnight_and_outlives_a_restart(database: Database) -> None:
    key, _ = Keys(database).create("ann", Scope.READ, quota=Quota(max_questions_per_day=1))
    moment = NOON
    quotas = Quotas(database, lambda: moment)
    quotas.take_question(key)
    for again in (quotas, Quotas(database, lambda: moment)):
        with pytest.raises(QuotaReached):
            again.take_question(key)
    moment += timedelta(hours=12)
    quotas.take_question(key)
    assert quotas.used_today(key.id).n_questions == 1


def test_a_catalog_that_is_locked_keeps_nobody_from_asking_and_forgets_nothing(
    database: Database, tmp_path: Path
) -> None:
    key, _ = Keys(database).create("ann", Scope.READ, quota=Quota(max_questions_per_day=3))
    quotas = Quotas(database, lambda: NOON)
    other = sqlite3.connect(tmp_path / "catalog.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    quotas.take_question(key)
    quotas.take_question(key)
    other.execute("ROLLBACK")
    other.close()
    quotas.take_question(key)
    with pytest.raises(QuotaReached):
        for _ in range(3):
            quotas.take_question(key)
    assert quotas.used_today(key.id).n_questions == 3


def test_a_key_without_a_quota_writes_nothing(database: Database) -> None:
    key, _ = Keys(database).create("ann", Scope.WRITE)
    quotas = Quotas(database)
    quotas.take_question(key)
    quotas.take_upload(key, 10, 1)
    assert quotas.bytes_left(key) is None
    with database.reading() as transaction:
        assert transaction.exec_driver_sql("SELECT count(*) FROM api_key_usage").scalar() == 0


@pytest.mark.parametrize("limit", [-1, 2**60])
def test_a_quota_that_is_no_amount_is_refused(database: Database, limit: int) -> None:
    with pytest.raises(InvalidKey, match="max_documents_per_day"):
        Keys(database).create("ann", Scope.READ, quota=Quota(max_documents_per_day=limit))


@pytest.fixture
def services(tmp_path: Path) -> Services:
    made = fake_services(tmp_path / "data", embedded_worker=False)
    made.create_collection("c")
    return made


def client_of(services: Services, **quota: int) -> TestClient:
    _, text = services.keys.create("ann", Scope.ADMIN, quota=Quota(**quota))
    return TestClient(create_app(services), headers={"Authorization": f"Bearer {text}"})


def test_uploads_beyond_a_quota_are_429_and_nothing_of_them_is_kept(services: Services) -> None:
    file = pdf_bytes("alpha")
    client = client_of(services, max_bytes_per_day=2 * len(file), max_documents_per_day=3)
    first = client.post(DOCUMENTS, files={"a": ("a.pdf", file)})
    assert first.status_code == 202
    too_much = [("f", (f"{n}.pdf", pdf_bytes(f"beta {n}"))) for n in range(2)]
    refused = client.post(DOCUMENTS, files=too_much)
    assert refused.status_code == 429 and refused.json()["error"]["code"] == "quota_reached"
    assert int(refused.headers["retry-after"]) > 0
    large = client.post(DOCUMENTS, files={"a": ("a.pdf", file + b"%" * 2_000_000)})
    assert large.status_code == 429
    assert len(client.get("/v1/jobs").json()["jobs"]) == 1
    assert client.post(DOCUMENTS, files={"a": ("b.pdf", file)}).status_code == 202
    assert client.post(DOCUMENTS, files={"a": ("b.pdf", file)}).status_code == 429
    (told,) = client.get("/v1/keys").json()["keys"]
    assert told["used_today"] == {"bytes": 2 * len(file), "documents": 2, "questions": 0}
    assert told["max_bytes_per_day"] == 2 * len(file) and told["max_questions_per_day"] is None


def test_questions_beyond_a_quota_are_429_at_every_door(services: Services) -> None:
    client = client_of(services, max_questions_per_day=2)
    for _ in range(2):
        assert client.post("/v1/search", json=SEARCH).status_code == 200
    chat = {"model": "pagesight/c", "messages": [{"role": "user", "content": "alpha?"}]}
    asked = (
        client.post("/v1/search", json=SEARCH),
        client.post("/v1/answers", json={"question": "alpha?", "collections": ["c"]}),
        client.post("/v1/chat/completions", json=chat),
    )
    assert [answer.status_code for answer in asked] == [429] * 3
    assert client.get("/v1/collections").status_code == 200


def test_an_agent_beyond_its_quota_is_told_so(services: Services) -> None:
    client = client_of(services, max_questions_per_day=0)
    call = {
        "jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "search_pages", "arguments": {"query": "alpha"}},
    }  # fmt: skip
    headers = {"accept": "application/json, text/event-stream"}
    assert (
        "the quota of this key is 0 questions"
        in client.post("/mcp", json=call, headers=headers).text
    )


def test_a_quota_can_be_given_over_http(services: Services) -> None:
    client = client_of(services)
    body = {"name": "bob", "max_documents_per_day": 5}
    made = client.post("/v1/keys", json=body)
    assert made.status_code == 201 and made.json()["max_documents_per_day"] == 5
    assert client.post("/v1/keys", json=body | {"max_bytes_per_day": -1}).status_code == 422
    assert client.post("/v1/keys", json=body | {"max_bytes_per_day": 2**60}).status_code == 422
