"""The client of a chat endpoint against a server that behaves in every way servers do."""

from __future__ import annotations

import itertools
import logging
import time
from threading import Event
from typing import Any

import pytest

from generator.backends.base import AnswerPiece, Usage
from generator.backends.messages import Sampling
from generator.backends.openai.breaker import CircuitBreaker
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.backends.openai.deadlines import Deadlines
from generator.backends.openai.retries import Retries
from generator.errors import (
    BackendCut,
    BackendError,
    BackendGarbled,
    BackendRefused,
    BackendTimeout,
    BackendUnreachable,
    GeneratorUnavailable,
)
from generator.prompts import Prompt, PromptPage
from tests.support.chat_server import (
    PATIENCE_S,
    Exchange,
    answers,
    chunk,
    event,
    falls_silent,
    nobody_listens,
    refuses,
    sends,
    serving,
)

KEY = "sk-very-secret"
PROMPT = Prompt("Be brief.", (PromptPage(1, "a.pdf", 3, None, "95 Nm"),), (), "How tight?")
AT_ONCE = Retries(max_attempts=3, first_wait_s=0.0, max_wait_s=1.0)


def model(base_url: str, deadlines: Deadlines = Deadlines(), **parts: Any) -> OpenAiChat:  # noqa: B008
    server = ChatServer(base_url, "some-model", KEY, reads_images=False)
    return OpenAiChat(server, deadlines=deadlines, **{"retries": AT_ONCE} | parts)


def ask(asked: OpenAiChat, prompt: Prompt = PROMPT) -> list[AnswerPiece]:
    return list(asked.stream(prompt, lambda: False))


def test_an_answer_streams_in_pieces_and_ends_with_its_usage() -> None:
    with serving(answers("The bolts", " take 95 Nm", ".")) as server:
        pieces = ask(model(server.base_url))
    assert pieces == ["The bolts", " take 95 Nm", ".", Usage(7, 3, "stop")]


def test_the_request_names_the_model_and_carries_the_key_and_the_settings() -> None:
    with serving(answers("yes")) as server:
        ask(model(server.base_url + "/", sampling=Sampling(0.5, 0.9, 64, ("\n\n",))))
    ((path, headers, body),) = server.requests
    assert path == "/v1/chat/completions"
    assert headers["authorization"] == f"Bearer {KEY}"
    assert body["model"] == "some-model"
    assert (body["temperature"], body["top_p"], body["max_tokens"]) == (0.5, 0.9, 64)
    assert body["stop"] == ["\n\n"]
    assert body["stream_options"] == {"include_usage": True}
    assert "response_format" not in body


def test_a_schema_is_asked_for_where_one_is_wanted() -> None:
    wanted = {"type": "object", "properties": {"answer": {"type": "string"}}}
    with serving(answers("{}")) as server:
        ask(model(server.base_url), Prompt("", (), (), "?", json_schema=wanted))
    assert server.requests[0][2]["response_format"]["json_schema"]["schema"] == wanted


def test_reasoning_comments_and_split_letters_do_not_disturb_the_answer() -> None:
    thought = event({"choices": [{"delta": {"reasoning_content": "hm"}}]})
    word = event({"choices": [{"delta": {"content": "Öl"}}]}).replace(b"\\u00d6", "Ö".encode())
    halfway = word.index("Ö".encode()) + 1
    ended = chunk(finish="length").replace(b"\n", b"\r\n")
    stream = (b": keep-alive\n\n", thought, word[:halfway], word[halfway:], ended)
    with serving(sends(*stream)) as server:
        assert ask(model(server.base_url)) == ["Öl", Usage(None, None, "length")]


def test_a_slow_first_token_ends_at_its_deadline_and_is_not_asked_for_again() -> None:
    with serving(falls_silent()) as server:
        with pytest.raises(BackendTimeout, match="first token") as caught:
            ask(model(server.base_url, Deadlines(first_token_s=0.2)))
        assert server.client_left.wait(PATIENCE_S)
    assert caught.value.deadline == "first token"
    assert len(server.requests) == 1


def test_a_stall_amid_the_answer_ends_at_its_deadline_behind_what_has_come() -> None:
    with serving(falls_silent(chunk("The bolts"))) as server:
        pieces = model(server.base_url, Deadlines(between_tokens_s=0.2)).stream(PROMPT, bool)
        assert next(pieces) == "The bolts"
        with pytest.raises(BackendTimeout, match=r"between tokens. of 0\.2 s") as caught:
            next(pieces)
    assert caught.value.deadline == "between tokens"
    assert len(server.requests) == 1


def test_an_endless_stream_ends_at_the_total_deadline() -> None:
    def endless(exchange: Exchange) -> None:
        exchange.begin()
        for n in itertools.count():
            exchange.send(chunk(f"{n} "))
            time.sleep(0.01)

    with serving(endless) as server, pytest.raises(BackendTimeout) as caught:
        ask(model(server.base_url, Deadlines(total_s=0.4)))
    assert caught.value.deadline == "total"


def test_a_server_error_before_the_first_token_is_tried_again() -> None:
    with serving(refuses(500), answers("yes")) as server:
        assert ask(model(server.base_url))[0] == "yes"
    assert len(server.requests) == 2


def test_too_many_requests_are_tried_again_when_the_server_says() -> None:
    with serving(refuses(429, retry_after="0"), answers("yes")) as server:
        assert ask(model(server.base_url))[0] == "yes"
    assert len(server.requests) == 2


def test_a_server_that_wants_a_long_wait_is_not_waited_for() -> None:
    with (
        serving(refuses(429, retry_after="3600"), answers("yes")) as server,
        pytest.raises(BackendRefused, match="ask again later") as caught,
    ):
        ask(model(server.base_url))
    assert caught.value.retry_after_s == 3600
    assert len(server.requests) == 1


def test_a_server_that_never_recovers_is_asked_as_often_as_allowed() -> None:
    with serving(refuses(503)) as server, pytest.raises(BackendRefused, match="503"):
        ask(model(server.base_url))
    assert len(server.requests) == 3


@pytest.mark.parametrize("stream", [b"data: {oops\n\n", b"data: [1]\n\n", b"data: \xff\n\n"])
def test_garbled_events_are_told_apart_from_an_answer(stream: bytes) -> None:
    with serving(sends(stream)) as server, pytest.raises(BackendGarbled):
        ask(model(server.base_url))


def test_a_line_without_end_is_not_kept_in_memory() -> None:
    with (
        serving(sends(b"data: " + b"x" * (3 << 20))) as server,
        pytest.raises(BackendGarbled, match="line that does not end"),
    ):
        ask(model(server.base_url))


def test_a_web_page_instead_of_a_stream_says_what_address_is_wanted() -> None:
    def web_page(exchange: Exchange) -> None:
        exchange.begin(200, "text/html; charset=utf-8")
        exchange.send(b"<html>")

    with serving(web_page) as server, pytest.raises(BackendGarbled, match=r"text/html.*/v1"):
        ask(model(server.base_url))


def test_a_stream_cut_amid_the_answer_is_not_tried_again() -> None:
    with serving(sends(chunk("The bolts"))) as server:
        pieces = model(server.base_url).stream(PROMPT, bool)
        assert next(pieces) == "The bolts"
        with pytest.raises(BackendCut):
            next(pieces)
    assert len(server.requests) == 1


def test_a_connection_lost_before_the_first_token_is_tried_again() -> None:
    def breaks_its_promise(exchange: Exchange) -> None:
        exchange.begin(content_length="100")
        exchange.send(b": soon\n\n")

    with serving(breaks_its_promise, answers("yes")) as server:
        assert ask(model(server.base_url))[0] == "yes"


def test_an_error_inside_the_stream_is_a_refusal() -> None:
    told = event({"error": {"code": 400, "message": "the context is full"}})
    with (
        serving(sends(told)) as server,
        pytest.raises(BackendRefused, match="the context is full") as caught,
    ):
        ask(model(server.base_url))
    assert caught.value.status == 400
    assert len(server.requests) == 1


def test_a_wrong_key_is_refused_once_and_the_key_is_told_nowhere(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    body = '{"error": {"message": "Incorrect API key: ' + KEY + '"}}'
    with (
        serving(refuses(401, body)) as server,
        pytest.raises(
            BackendRefused, match=r"401 Incorrect API key: \*\*\*.*set the API key"
        ) as caught,
    ):
        ask(model(server.base_url))
    assert len(server.requests) == 1
    assert KEY not in str(caught.value)
    assert KEY not in caplog.text
    assert KEY not in repr(ChatServer("http://a", "b", KEY))


def test_a_name_that_no_host_can_have_is_told_as_unreachable() -> None:
    asked = model("http://ü..a/v1")
    with pytest.raises(BackendUnreachable, match="InvalidURL"):
        ask(asked)
    assert "cannot be reached" in asked.unavailable_reason()


def test_nobody_listening_is_told_after_the_last_attempt() -> None:
    with pytest.raises(BackendUnreachable, match=r"127\.0\.0\.1:\d+ cannot be reached"):
        ask(model(nobody_listens()))


def test_nobody_listening_is_trouble_before_any_question() -> None:
    assert "cannot be reached" in model(nobody_listens()).unavailable_reason()


@pytest.mark.parametrize("began", [(), (chunk("The bolts"),)])
def test_the_server_sees_a_client_that_cancels_leave(began: tuple[bytes, ...]) -> None:
    cancelled = Event()

    def silent(exchange: Exchange) -> None:
        exchange.begin()
        exchange.send(*began)
        cancelled.set()
        exchange.wait_until_client_leaves()

    with serving(silent) as server:
        pieces = list(model(server.base_url).stream(PROMPT, cancelled.is_set))
        assert server.client_left.wait(PATIENCE_S)
    assert pieces in ([], ["The bolts"])
    assert len(server.requests) == 1


def test_a_client_that_cancels_before_any_response_leaves_too() -> None:
    cancelled = Event()

    def mute(exchange: Exchange) -> None:
        cancelled.set()
        exchange.wait_until_client_leaves()

    with serving(mute) as server:
        assert list(model(server.base_url).stream(PROMPT, cancelled.is_set)) == []
        assert server.client_left.wait(PATIENCE_S)


def test_the_server_sees_a_client_leave_that_takes_no_more_pieces() -> None:
    with serving(falls_silent(chunk("The bolts"))) as server:
        pieces = model(server.base_url).stream(PROMPT, bool)
        next(pieces)
        pieces.close()
        assert server.client_left.wait(PATIENCE_S)


def test_a_failing_server_is_left_alone_and_a_wrong_key_does_not_count() -> None:
    once = Retries(max_attempts=1)
    breaker = CircuitBreaker(max_failures=2)
    with serving(refuses(500), refuses(401), refuses(500), refuses(500), answers("yes")) as server:
        asked = model(server.base_url, retries=once, breaker=breaker)
        for _ in range(4):
            with pytest.raises(BackendRefused):
                ask(asked)
        with pytest.raises(BackendUnreachable, match="2 times in a row"):
            ask(asked)
    assert len(server.requests) == 4


@pytest.mark.parametrize(
    "address", ["", "localhost:8000", "ftp://a/v1", "http://a:b/v1", "http://me:pw@a/v1", "http://a?key=1"]
)  # fmt: skip
def test_an_address_that_cannot_be_one_is_refused_before_any_question(address: str) -> None:
    with pytest.raises(GeneratorUnavailable, match="must look like"):
        OpenAiChat(ChatServer(address, "some-model"))


@pytest.mark.parametrize("key", ["two words", "line\nend", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(GeneratorUnavailable) as caught:
        OpenAiChat(ChatServer("http://a/v1", "some-model", key))
    assert key not in str(caught.value)


def test_every_error_of_the_backend_is_one_the_product_knows() -> None:
    kinds = (BackendCut, BackendGarbled, BackendRefused, BackendTimeout, BackendUnreachable)
    assert all(issubclass(kind, BackendError) for kind in kinds)
    assert len({kind.code for kind in kinds}) == len(kinds)
