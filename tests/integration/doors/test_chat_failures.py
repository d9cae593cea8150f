"""A model that fails, goes on for ever or is slow, and clients that leave it."""

from __future__ import annotations

import json
from threading import Event
from typing import Any

import httpx2
import openai
import pytest

from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from generator.errors import BackendCut, BackendOverloaded
from generator.prompts import Prompt
from tests.support.openai_client import ASK, client_of
from tests.support.real_server import serving
from tests.support.small_library import endless, events_of, written_by
from tests.support.waiting import wait_until


def test_a_failure_in_mid_stream_is_one_chunk_without_choices(services: Services) -> None:
    model = FakeAnswerModel(["It is "], BackendCut("the model went away: ask again"))
    with serving(create_app(written_by(services, model))) as address:
        client = client_of(address)
        body = {"model": "pagesight/manuals", "messages": ASK, "stream": True}
        with httpx2.stream(
            "POST", f"{address}/v1/chat/completions", json=body, timeout=600
        ) as response:
            assert response.status_code == 200
            *_, error, done = events_of(response.iter_lines())
        with pytest.raises(openai.APIError, match="went away"):
            list(
                client.chat.completions.create(model="pagesight/manuals", messages=ASK, stream=True)
            )
        with pytest.raises(openai.APIStatusError) as raised:
            client.chat.completions.create(model="pagesight/manuals", messages=ASK)
    assert done == "[DONE]"
    told = json.loads(error)
    assert "choices" not in told
    assert told["error"]["code"] == "backend_cut" and told["error"]["type"] == "server_error"
    assert raised.value.status_code == 502 and raised.value.type == "server_error"


def test_closing_the_stream_stops_the_answer(services: Services) -> None:
    model = endless()
    with serving(create_app(written_by(services, model))) as address:
        stream = client_of(address).chat.completions.create(
            model="pagesight/manuals", messages=ASK, stream=True
        )
        next(iter(stream))
        wait_until(lambda: model.n_running == 1)
        stream.close()
        wait_until(lambda: model.n_running == 0)


def test_a_client_that_gives_up_on_a_whole_answer_stops_it_too(services: Services) -> None:
    model = endless()
    with serving(create_app(written_by(services, model))) as address:
        with pytest.raises(openai.APITimeoutError):
            client_of(address).chat.completions.create(
                model="pagesight/manuals", messages=ASK, timeout=1
            )
        assert model.prompts
        wait_until(lambda: model.n_running == 0)


def test_a_slow_answer_keeps_the_connection_alive(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.http.streams.event_streams.KEEP_ALIVE_S", 0.02)
    heard = Event()

    class Slow(FakeAnswerModel):
        def stream(self, prompt: Prompt, cancelled: Any) -> Any:
            assert heard.wait(600)
            yield from super().stream(prompt, cancelled)

    body = {"model": "pagesight/manuals", "messages": ASK, "stream": True}
    with (
        serving(create_app(written_by(services, Slow(["45 Nm [2]."])))) as address,
        httpx2.stream("POST", f"{address}/v1/chat/completions", json=body, timeout=600) as response,
    ):
        for line in response.iter_lines():
            if line.startswith(": "):
                heard.set()
    assert heard.is_set()


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize(("retry_after_s", "header"), [(7.0, "7"), (None, "5")])
def test_a_model_with_too_much_to_do_is_told_before_the_stream_begins(
    services: Services, stream: bool, retry_after_s: float | None, header: str
) -> None:
    model = FakeAnswerModel([], BackendOverloaded("too much to do", 429, retry_after_s))
    with (
        serving(create_app(written_by(services, model))) as address,
        pytest.raises(openai.APIStatusError, match="too much") as raised,
    ):
        client_of(address).chat.completions.create(
            model="pagesight/manuals", messages=ASK, stream=stream
        )
    assert raised.value.status_code == 503 and raised.value.code == "backend_overloaded"
    assert raised.value.response.headers["retry-after"] == header
