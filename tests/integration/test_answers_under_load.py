"""Many streamed answers at once over real sockets: none fails, and none outlives its reader.

Counts only; `python -m tests.benchmarks service` has the times.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx2
import pytest
from fastapi import FastAPI

from api.http.streams import event_streams
from api.http.streams.threaded_stream import MAX_AHEAD
from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from generator.backends.openai.chat import ChatServer, OpenAiChat
from indexer.base.pages import QueryEmbedding
from tests.support.chat_server import chunk, falls_silent
from tests.support.chat_server import serving as chat_serving
from tests.support.real_server import port_of, serving
from tests.support.small_library import QUESTION, library, written_by
from tests.support.streams import Seen, ask, request
from tests.support.waiting import PATIENCE_S, wait_until

N = 40
BODY = {"question": QUESTION, "collections": ["manuals"], "stream": True}
ASK = request("/v1/answers", BODY)


@pytest.fixture
def services(tmp_path: Path) -> Callable[..., Services]:
    def make(**settings: Any) -> Services:
        return library(tmp_path, embedded_worker=False, **settings)

    return make


def asked(port: int, n: int, leave_after: int | None = None) -> list[Seen]:
    async def work() -> list[Seen]:
        return await asyncio.gather(*(ask(port, ASK, leave_after) for _ in range(n)))

    return asyncio.run(work())


POOLED = ("thread AnyIO worker thread", "thread search", "catalog.sqlite")


def held() -> Counter[str]:
    """What this process has open, and its threads, by what they are."""
    found = Counter(f"thread {one.name.rstrip('-_0123456789')}" for one in threading.enumerate())
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):  # the folder's own, or closed meanwhile
            found[re.sub(r"[0-9]+", "", entry.readlink().name)] += 1
    return found


def nothing_new(before: Counter[str], n_left: int) -> bool:
    """Only pools may hold more than `before`, and less than one thing for each of `n_left` readers.

    How many of a pool worked at once is chance. At most they hold 15 connections of two files each and
    about 40 threads.
    """
    more = held() - before
    in_pools = sum(n for name, n in more.items() if name.startswith(POOLED))
    return more.total() == in_pools < n_left


def places(app: FastAPI) -> list[tuple[int, int]]:
    return [(one.n_taken, one.n_queued) for one in app.state.running.admission.all]


def test_every_one_of_many_streams_is_whole(services: Callable[..., Services]) -> None:
    model = FakeAnswerModel(["word "] * 30, pause_s=0.01)
    app = create_app(written_by(services(max_answers=N), model))
    with serving(app) as address:
        seen = asked(port_of(address), N)
        wait_until(lambda: not any(map(any, places(app))))
    assert all((one.status, one.done, one.error) == (200, True, "") for one in seen)
    assert all(one.n_tokens >= 30 for one in seen)
    assert model.n_running == 0 and len(model.prompts) == N


def test_the_work_of_readers_who_leave_ends_and_leaves_nothing_behind(
    services: Callable[..., Services],
) -> None:
    model = FakeAnswerModel(["word "] * 100_000, pause_s=0.01)
    app = create_app(written_by(services(max_answers=N, max_searches=2), model))
    with serving(app) as address:

        def all_leave() -> None:
            asked(port_of(address), N, leave_after=2)
            wait_until(lambda: model.n_running == 0)
            wait_until(lambda: not any(map(any, places(app))))

        all_leave()
        at_rest = held()
        for _ in range(4):
            all_leave()
        wait_until(lambda: nothing_new(at_rest, 4 * N))


def test_a_reader_who_leaves_amid_silence_is_gone_for_the_server_of_the_model_too(
    services: Callable[..., Services],
) -> None:
    with chat_serving(falls_silent(chunk("on and "))) as model_server:
        model = OpenAiChat(ChatServer(model_server.base_url, "some-model", reads_images=False))
        app = create_app(written_by(services(), model))
        with serving(app) as address:
            asked(port_of(address), 1, leave_after=1)
            assert model_server.client_left.wait(PATIENCE_S)
            wait_until(lambda: not any(map(any, places(app))))


def test_a_reader_who_takes_nothing_makes_the_model_wait(
    services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "STALL_S", 1.0)
    model = FakeAnswerModel(["many words " * 200] * 100_000)
    app = create_app(written_by(services(), model))
    with serving(app) as address, socket.socket() as lazy:
        lazy.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        lazy.connect(("127.0.0.1", port_of(address)))
        lazy.sendall(ASK)
        wait_until(lambda: model.n_streamed > MAX_AHEAD)
        # In the end it is given up, and the model with it, long before the last word.
        wait_until(lambda: model.n_running == 0)
        wait_until(lambda: not any(map(any, places(app))))
    assert model.n_streamed < 100_000


def test_beyond_places_and_queue_questions_are_refused_and_the_rest_is_answered(
    services: Callable[..., Services],
) -> None:
    model = FakeAnswerModel(["word "] * 20, pause_s=0.02)
    app = create_app(written_by(services(max_answers=2, max_waiting=3), model))
    with serving(app) as address:
        seen = asked(port_of(address), N)
        wait_until(lambda: not any(map(any, places(app))))
        again = asked(port_of(address), 1)
    answered = [one for one in seen if one.status == 200]
    refused = [one for one in seen if one.status == 503]
    assert len(answered) + len(refused) == N
    assert len(answered) >= 5 and all(one.done for one in answered)
    assert refused and not any(one.error for one in refused)
    assert again[0].done
    assert len(model.prompts) == len(answered) + 1  # the others cost nothing
    assert app.state.running.admission.answers.n_refused == len(refused)


@pytest.mark.parametrize("n_bytes", [100, 900_000])
def test_a_refusal_has_the_one_shape_and_the_connection_serves_on(
    services: Callable[..., Services], n_bytes: int
) -> None:
    model = FakeAnswerModel(["word "] * 100_000, pause_s=0.02)
    app = create_app(written_by(services(max_answers=1, max_waiting=0), model))
    padded = BODY | {"filters": {"documents": ["x" * n_bytes]}}
    with (
        serving(app) as address,
        httpx2.Client(base_url=address, timeout=600) as client,
        httpx2.Client(base_url=address, timeout=600) as other,
        client.stream("POST", "/v1/answers", json=BODY),
    ):
        for _ in range(3):
            refused = other.post("/v1/answers", json=padded)
            assert refused.status_code == 503
            assert int(refused.headers["retry-after"]) >= 1
            assert refused.json()["error"]["code"] == "overloaded"
            assert refused.headers["x-request-id"]
            assert other.get("/healthz").status_code == 200
        chat = {"model": "pagesight", "messages": [{"role": "user", "content": QUESTION}]}
        assert other.post("/v1/chat/completions", json=chat).status_code == 503
        told = other.get("/metrics").text
        assert 'pagesight_admission{of="answers",state="working"} 1.0' in told
        assert 'pagesight_admission_refused_total{of="answers"} 4.0' in told


def test_a_slow_answer_is_kept_alive(
    services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(event_streams, "KEEP_ALIVE_S", 0.05)
    model = FakeAnswerModel(["word ", "word "], pause_s=0.5)
    app = create_app(written_by(services(), model))
    with serving(app) as address:
        text = httpx2.post(f"{address}/v1/answers", json=BODY, timeout=600).text
    frames = text.split("\n\n")
    assert ": the answer is being written" in frames
    done = next(one for one in frames if one.startswith("event: done"))
    assert json.loads(done.partition("data: ")[2])["answer"].startswith("word word")


def test_a_search_that_finds_no_place_in_time_is_refused(
    services: Callable[..., Services], monkeypatch: pytest.MonkeyPatch
) -> None:
    wired = services(max_searches=1, max_waiting=1, max_wait_s=0.05)
    begun, release = threading.Event(), threading.Event()
    encoder = wired.encoder.get()
    encode = encoder.encode_queries

    def slow(texts: Sequence[str]) -> list[QueryEmbedding]:
        begun.set()
        release.wait(PATIENCE_S)
        return encode(texts)

    monkeypatch.setattr(encoder, "encode_queries", slow)
    body = {"query": QUESTION, "collections": ["manuals"]}
    with serving(create_app(wired)) as address:
        held: list[int] = []
        first = threading.Thread(
            target=lambda: held.append(
                httpx2.post(f"{address}/v1/search", json=body, timeout=600).status_code
            )
        )
        first.start()
        assert begun.wait(PATIENCE_S)
        assert httpx2.post(f"{address}/v1/search", json=body, timeout=600).status_code == 503
        release.set()
        first.join(PATIENCE_S)
    assert held == [200]
