"""Server-sent events over real sockets: their form, and the reader who takes nothing."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator
from pathlib import Path
from threading import Event

import httpx2
import pytest
from fastapi import FastAPI

from api.http.streams import event_streams
from api.http.streams.event_streams import EventStream, failed_frame, sse
from api.schemas.jobs import job_body
from indexer.base.errors import JobNotFound
from indexer.inputs.sources import Source
from tests.support.real_server import port_of, serving
from tests.support.small_library import library
from tests.support.waiting import PATIENCE_S


def test_an_event_is_its_name_and_one_line_of_data() -> None:
    assert sse("progress", b'{"pages_done": 3}') == b'event: progress\ndata: {"pages_done": 3}\n\n'


def test_the_event_of_a_failure_has_the_usual_shape_and_names_no_folder() -> None:
    data = failed_frame("/srv/data")(JobNotFound("no job in /srv/data/x")).decode()
    assert data.startswith('event: error\ndata: {"error":{') and data.endswith("\n\n")
    assert '"code":"job_not_found"' in data and "/srv/data" not in data


@pytest.fixture
def progress(tmp_path: Path) -> bytes:
    """The event of a queued job."""
    services = library(tmp_path)
    collection = services.create_collection("jobs")
    source = Source(tmp_path / "manuals.pdf", "manuals.pdf")
    (job,) = services.intake.copy_in(collection, [source])
    return sse("progress", job_body(job).model_dump_json().encode())


class JobEvents:
    """A service of one route: the events of a job that changes for ever, or `n_events` times."""

    def __init__(self, frame: bytes, n_events: int | None = None) -> None:
        self.ended = Event()
        self.app = FastAPI()
        self._frame = frame
        self._n_events = n_events
        self.app.add_api_route("/events", self._follow)

    async def _follow(self) -> EventStream:
        return EventStream(self._frames())

    async def _frames(self) -> AsyncIterator[bytes]:
        n_told = 0
        try:
            while n_told != self._n_events:
                n_told += 1
                yield self._frame
        finally:
            self.ended.set()


def test_a_reader_gets_every_event_and_no_proxy_holds_them_back(progress: bytes) -> None:
    with serving(JobEvents(progress, n_events=3).app) as address:
        answer = httpx2.get(f"{address}/events")
    assert answer.content == progress * 3
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert (answer.headers["cache-control"], answer.headers["x-accel-buffering"]) == (
        "no-store",
        "no",
    )


def test_a_reader_of_a_job_who_takes_nothing_is_let_go(
    progress: bytes, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(event_streams, "STALL_S", 0.2)
    events = JobEvents(progress)
    with serving(events.app) as address, socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", port_of(address)))
        lazy.sendall(b"GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n")
        assert events.ended.wait(PATIENCE_S)
    assert "took nothing of its events" in caplog.text
