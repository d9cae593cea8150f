"""Request ids, metrics, readiness and spans, over real services with the fake encoder."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from types import SimpleNamespace
from typing import Any

import pymupdf
import pytest
from fastapi.testclient import TestClient
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from sqlalchemy import text

from api.diagnostics import readiness
from api.serve.app import create_app
from api.services.wiring import Services, wire
from api.telemetry.metrics import Metrics
from api.telemetry.traces import Traces, exporting_provider
from api.worker.worker import Worker
from generator.backends.fake import FakeAnswerModel
from generator.errors import BackendUnreachable
from indexer.base.errors import CatalogUnavailable, EncoderUnavailable
from indexer.catalog.jobs.records import JobDraft
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from tests.support.small_library import QUESTION, library, written_by
from tests.support.waiting import wait_until

pytestmark = pytest.mark.usefixtures("kernels_built")
ASK = {"question": QUESTION, "collections": ["manuals"]}


@pytest.fixture
def services(tmp_path: Path) -> Services:
    return library(tmp_path, upkeep_interval_s=0)


@pytest.fixture
def client(services: Services) -> Iterator[TestClient]:
    with TestClient(create_app(services), raise_server_exceptions=False) as client:
        yield client


def figures(client: TestClient) -> dict[str, float]:
    told = client.get("/metrics").text
    lines = (line.rpartition(" ") for line in told.splitlines() if not line.startswith("#"))
    return {name: float(value) for name, _, value in lines}


def test_a_response_carries_the_requests_id_also_when_all_goes_wrong(client: TestClient) -> None:
    assert (
        client.get("/healthz", headers={"X-Request-ID": "mine"}).headers["x-request-id"] == "mine"
    )
    ids = [client.get(path).headers["x-request-id"] for path in ("/healthz", "/v1/nowhere", "/")]
    assert len({*ids}) == 3 and all(re.fullmatch(r"[0-9a-f]{32}", one) for one in ids)


def test_an_unexpected_error_carries_the_id_too(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = TestClient(create_app(services), raise_server_exceptions=False)
    with monkeypatch.context() as broken:
        broken.setattr(services.stores.catalog.collections, "all", lambda **_: 1 / 0)
        answer = client.get("/v1/collections", headers={"X-Request-ID": "mine"})
    assert (answer.status_code, answer.headers["x-request-id"]) == (500, "mine")
    told = figures(client)
    assert (
        told['pagesight_http_requests_total{method="GET",route="/v1/collections",status="500"}']
        == 1
    )


def test_a_request_is_one_line_without_its_query(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "pagesight.http"):
        client.get("/v1/pages/1/heatmap", params={"query": "secret words"})
        client.post("/v1/answers", json=ASK)
        client.get("/healthz")
    heat, answer = (vars(record) for record in caplog.records)
    assert (heat["method"], heat["path"]) == ("GET", "/v1/pages/1/heatmap")
    assert (heat["route"], heat["status"]) == ("/v1/pages/{page_id}/heatmap", 200)
    assert (answer["route"], answer["status"]) == ("/v1/answers", 200)
    assert answer["ms"] > 0 and answer["bytes"] > 0
    assert not any("secret" in str(record) or QUESTION in str(record) for record in (heat, answer))


def test_metrics_tell_requests_stages_answers_and_the_cache(client: TestClient) -> None:
    client.post("/v1/search", json={"query": QUESTION, "collections": ["manuals"]})
    client.post("/v1/answers", json=ASK)
    client.get("/v1/collections/manuals")
    client.get("/etc/passwd")
    told = figures(client)
    for stage in ("encode", "candidates", "rerank", "evidence"):
        assert told[f'pagesight_stage_seconds_count{{stage="{stage}"}}'] == 2
    for stage in ("first_token", "generate"):
        assert told[f'pagesight_stage_seconds_count{{stage="{stage}"}}'] == 1
    assert told['pagesight_query_cache_total{found="miss"}'] == 1
    assert told['pagesight_query_cache_total{found="hit"}'] == 1
    assert told['pagesight_answers_total{end="cited"}'] == 1
    requests = {name for name in told if name.startswith("pagesight_http_requests_total")}
    assert requests == {
        'pagesight_http_requests_total{method="POST",route="/v1/search",status="200"}',
        'pagesight_http_requests_total{method="POST",route="/v1/answers",status="200"}',
        'pagesight_http_requests_total{method="GET",route="/v1/collections/{name}",status="200"}',
        'pagesight_http_requests_total{method="GET",route="none",status="404"}',
    }
    assert told["pagesight_catalog_up"] == 1 and told["pagesight_encoder_loaded"] == 1
    assert told["process_open_fds"] > 0


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/v1/search", {"query": QUESTION, "collections": ["manuals"]}),
        ("POST", "/v1/answers", ASK),
        ("POST", "/v1/chat/completions",
         {"model": "pagesight/manuals", "messages": [{"role": "user", "content": QUESTION}]}),
        ("GET", "/v1/pages/1/heatmap?query=bolts", None),
    ],
)  # fmt: skip
def test_the_encoder_is_loaded_for_all_to_see_after_the_first_request_that_needs_it(
    services: Services, method: str, path: str, body: dict[str, Any] | None
) -> None:
    fresh = wire(services.settings)
    client = TestClient(create_app(fresh))
    client.get("/v1/collections")
    assert figures(client)["pagesight_encoder_loaded"] == 0
    assert client.request(method, path, json=body).status_code == 200
    assert figures(client)["pagesight_encoder_loaded"] == 1
    assert client.get("/readyz").json()["encoder_loaded"] is True


def test_the_encoder_is_loaded_for_all_to_see_after_a_job(services: Services) -> None:
    fresh = wire(services.settings)
    with pymupdf.open() as document:
        document.new_page().insert_text((72, 300), "Grease the bearings.")
        upload = {"files": ("bearings.pdf", document.tobytes())}
    with TestClient(create_app(fresh)) as client:  # with a worker of its own
        assert figures(client)["pagesight_encoder_loaded"] == 0
        assert client.post("/v1/collections/manuals/documents", files=upload).status_code == 202
        wait_until(lambda: figures(client)["pagesight_encoder_loaded"] == 1)


def test_metrics_tell_tokens_and_how_answers_end(services: Services) -> None:
    model = FakeAnswerModel(["The bolts", " take 45 Nm [1]."])
    client = TestClient(create_app(written_by(services, model)), raise_server_exceptions=False)
    client.post("/v1/answers", json=ASK)
    told = figures(client)
    assert told['pagesight_tokens_total{direction="out"}'] == 2
    assert told['pagesight_tokens_total{direction="in"}'] == len(QUESTION.split())
    failing = FakeAnswerModel(["The"], error=BackendUnreachable("gone"))
    client = TestClient(create_app(written_by(services, failing)), raise_server_exceptions=False)
    assert client.post("/v1/answers", json=ASK).status_code == 503
    assert figures(client)['pagesight_answers_total{end="failed"}'] == 1


def test_metrics_tell_the_queue_and_what_was_ingested(tmp_path: Path) -> None:
    services = library(tmp_path, upkeep_interval_s=0, embedded_worker=False)
    collection = services.stores.catalog.collections.get("manuals")
    document = services.stores.catalog.documents.of_collection(collection.id)[0]
    services.queue.submit(collection.id, [JobDraft("again.pdf", document.sha256, 1)] * 2)
    client = TestClient(create_app(services))
    told = figures(client)
    assert told['pagesight_jobs{state="queued"}'] == 2
    assert told['pagesight_jobs{state="running"}'] == 0
    assert told["pagesight_jobs_oldest_waiting_seconds"] > 0
    Worker(services).run(drain=True)
    told = figures(client)
    assert told['pagesight_documents_ingested_total{verdict="unchanged"}'] == 2
    assert told['pagesight_jobs{state="queued"}'] == 0
    assert told["pagesight_jobs_oldest_waiting_seconds"] == 0


def test_metrics_tell_the_recall_of_stage_1(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = SimpleNamespace(recall=0.97, n_sampled=40)
    monkeypatch.setattr(services.searcher, "recall", lambda name: report)
    told = figures(TestClient(create_app(services)))
    assert told['pagesight_stage1_recall{collection="manuals"}'] == 0.97
    assert told['pagesight_stage1_recall_samples{collection="garden"}'] == 40


def test_metrics_answer_also_when_the_catalog_does_not(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone() -> None:
        raise CatalogUnavailable("the catalog does not answer")

    monkeypatch.setattr(services.queue, "load", gone)
    told = figures(TestClient(create_app(services)))
    assert told["pagesight_catalog_up"] == 0
    assert not any(name.startswith("pagesight_jobs") for name in told)


def test_each_application_counts_for_itself() -> None:
    one, other = Metrics(), Metrics()
    one.on_query(True)
    assert b'found="hit"' in one.text() and b'found="hit"' not in other.text()


def test_ready_names_every_part(client: TestClient) -> None:
    body = client.get("/readyz").json()
    assert body["status"] == "ready"
    assert {one["name"]: one["state"] for one in body["checks"]} == dict.fromkeys(
        ("catalog", "disk", "files", "encoder", "generator", "kernels", "worker"), "ok"
    )


def troubled(body: dict[str, Any]) -> dict[str, Any]:
    """The checks that found something, by their names."""
    return {one["name"]: one for one in body["checks"] if one["state"] != "ok"}


def readiness_of(services: Services) -> tuple[int, str, dict[str, Any]]:
    answer = TestClient(create_app(services)).get("/readyz")
    return answer.status_code, answer.json()["status"], troubled(answer.json())


def test_a_catalog_that_does_not_answer_fails(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object, **__: object) -> None:
        raise CatalogUnavailable(f"{services.stores.folder.root}/catalog.sqlite3 is gone")

    monkeypatch.setattr(services.database, "is_migrated", gone)
    monkeypatch.setattr(services.stores.catalog.collections, "all", gone)
    status, said, bad = readiness_of(services)
    assert (status, said) == (503, "failed")
    assert bad["catalog"]["detail"] == "DATA/catalog.sqlite3 is gone"


def test_another_schema_fails(services: Services) -> None:
    with services.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    status, said, bad = readiness_of(services)
    assert (status, said, [*bad]) == (503, "failed", ["catalog"])


def test_an_encoder_that_cannot_be_loaded_fails(services: Services) -> None:
    def missing() -> Any:
        raise EncoderUnavailable("no checkpoint there")

    broken = replace(services, encoders=KnownEncoders(LazyEncoder(missing, missing)))
    assert readiness_of(broken)[0] == 503


def test_what_does_not_stop_answers_only_degrades(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Trouble(FakeAnswerModel):
        def unavailable_reason(self) -> str:
            return "the answer server failed 5 times in a row"

    monkeypatch.setattr(readiness, "LITTLE_DISK_BYTES", 1e18)
    status, said, bad = readiness_of(written_by(services, Trouble(["x"])))
    assert (status, said) == (200, "degraded")
    assert set(bad) == {"disk", "generator"}
    assert "5 times in a row" in bad["generator"]["detail"]


def test_jobs_that_nobody_takes_degrade(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    collection = services.stores.catalog.collections.get("manuals")
    services.queue.submit(collection.id, [JobDraft("again.pdf", "0" * 64, 1)])
    assert readiness_of(services)[1] == "ready"
    monkeypatch.setattr(readiness, "STUCK_S", 0.0)
    status, said, bad = readiness_of(services)
    assert (status, said, [*bad]) == (200, "degraded", ["worker"])
    assert "1 jobs queued" in bad["worker"]["detail"]


def test_an_embedded_worker_that_ended_degrades(services: Services) -> None:
    app = create_app(services)
    with TestClient(app) as client:
        assert not troubled(client.get("/readyz").json())
        worker = app.state.running.worker
        worker.stop()
        while worker.alive:
            time.sleep(0.01)
        body = client.get("/readyz").json()
    assert (body["status"], {*troubled(body)}) == ("degraded", {"worker"})


def test_searches_without_the_c_kernels_degrade(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "kernel_name", lambda: "torch")
    status, said, bad = readiness_of(services)
    assert (status, said, [*bad]) == (200, "degraded", ["kernels"])


def test_spans_tell_the_stages_of_a_request_and_no_words(services: Services) -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    client = TestClient(create_app(services, traces=Traces(provider)))
    parent = "00-" + "a" * 32 + "-" + "b" * 16 + "-01"
    client.post("/v1/answers", json=ASK, headers={"traceparent": parent})
    client.get("/v1/pages/1/heatmap", params={"query": "secret words"})
    spans = exporter.get_finished_spans()
    by_name = {one.name: one for one in spans}
    request = by_name["POST /v1/answers"]
    assert request.context.trace_id == int("a" * 32, 16)
    assert request.attributes["http.response.status_code"] == 200
    for name in ("search", "generate"):
        assert by_name[name].parent.span_id == request.context.span_id
    for name in ("encode", "candidates", "rerank", "evidence"):
        assert by_name[name].parent.span_id == by_name["search"].context.span_id
    assert by_name["generate"].attributes["pagesight.outcome"] == "cited"
    assert "GET /v1/pages/{page_id}/heatmap" in by_name
    told = "".join(one.to_json() for one in spans)
    assert "secret" not in told and QUESTION not in told


def test_spans_are_sent_to_where_opentelemetrys_own_variables_say(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    received: list[str] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            received.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Collector) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}"
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", address)
        provider = exporting_provider("1.0")
        with Traces(provider).request("GET", {}):
            pass
        provider.shutdown()  # sends what it holds
        server.shutdown()
    assert received == ["/v1/traces"]
