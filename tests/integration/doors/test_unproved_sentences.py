"""A chat program shows nothing but text: what no page proves of an answer is said there, too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from api.serve.app import create_app
from api.services.wiring import Services
from generator.backends.fake import FakeAnswerModel
from tests.support.openai_client import ASK, client_of, said
from tests.support.real_server import serving
from tests.support.small_library import SENTENCE, events_of, written_by

CLAIM = "It is painted *green* by [the maker](http://a.example)."
NOTE = "*No page proves: “It is painted \\*green\\* by"
MODEL = "pagesight/manuals"


@pytest.fixture(scope="module")
def model() -> FakeAnswerModel:
    return FakeAnswerModel([f"{SENTENCE} [2] ", CLAIM])


@pytest.fixture(scope="module")
def written(services: Services, model: FakeAnswerModel) -> Iterator[str]:
    with serving(create_app(written_by(services, model))) as address:
        yield address


def test_every_form_of_a_chat_answer_says_it_above_the_links(written: str) -> None:
    client = client_of(written)
    whole = client.chat.completions.create(model=MODEL, messages=ASK)
    text = whole.choices[0].message.content or ""
    streamed = said(list(client.chat.completions.create(model=MODEL, messages=ASK, stream=True)))
    response = client.responses.create(model=MODEL, input=ASK)
    with client.responses.stream(model=MODEL, input=ASK) as stream:
        last = stream.get_final_response()
    assert text == streamed == response.output_text == last.output_text
    answer, note, links = text.partition(NOTE)
    assert SENTENCE in answer and "**Sources**" in links and note
    assert "](http://a.example)" not in text, "nothing that a model says comes alive"


def test_open_webui_that_shows_sources_itself_says_it_too(written: str) -> None:
    body = {"model": MODEL, "messages": ASK, "stream": True, "pagesight": {"events": True}}
    url = f"{written}/v1/chat/completions"
    with httpx2.stream("POST", url, json=body, timeout=600) as reply:
        chunks = [json.loads(line) for line in list(events_of(reply.iter_lines()))[:-1]]
    deltas = [chunk["choices"][0]["delta"] for chunk in chunks if chunk.get("choices")]
    text = "".join(delta.get("content") or "" for delta in deltas)
    assert NOTE in text and "**Sources**" not in text


def test_a_model_is_not_told_of_it_as_its_own_words(written: str, model: FakeAnswerModel) -> None:
    client = client_of(written)
    first = client.chat.completions.create(model=MODEL, messages=ASK)
    talk: Any = [*ASK, {"role": "assistant", "content": first.choices[0].message.content}, *ASK]
    client.chat.completions.create(model=MODEL, messages=talk)
    (turn,) = model.prompts[-1].history
    assert SENTENCE in turn.answer and "No page proves" not in turn.answer


def test_what_is_proved_or_needs_no_page_has_no_such_line(
    services: Services,
) -> None:
    proved = FakeAnswerModel([f"{SENTENCE} [2]"])
    with serving(create_app(written_by(services, proved))) as address:
        for question in (ASK, [{"role": "user", "content": "Thanks!"}]):
            answer = client_of(address).chat.completions.create(model=MODEL, messages=question)
            assert "No page proves" not in (answer.choices[0].message.content or "")
