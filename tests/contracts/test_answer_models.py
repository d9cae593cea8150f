"""One suite over every answer model: the fake, a chat server on a real socket, a model in this process."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

import pytest

from generator.backends.base import AnswerModel, AnswerPiece, Usage
from generator.backends.fake import FakeAnswerModel
from generator.backends.gguf.engine import GgufEngine, OnChunk
from generator.backends.gguf.model import GgufAnswerModel
from generator.backends.messages import Sampling
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.backends.vlm.model import VlmAnswerModel
from generator.prompts import Prompt, Turn
from tests.support.chat_server import answers, chunk, falls_silent, serving
from tests.support.checkpoints import tiny_vlm
from tests.support.gguf_files import real_engine
from tests.support.vlm_prompts import PATIENCE_S, prompt, wait_for_model_threads, watching

PIECES = ("The bolts", " take", " 95 Nm", " [1].")


@dataclass(frozen=True)
class Case:
    """`brief` ends by itself; `endless` does not, and `has_stopped` waits for its work to end."""

    brief: AnswerModel
    endless: AnswerModel
    has_stopped: Callable[[], bool]


@contextmanager
def fake() -> Iterator[Case]:
    endless = FakeAnswerModel(["on and "] * 100_000)
    yield Case(FakeAnswerModel(PIECES), endless, lambda: endless.n_streamed < 100_000)


@contextmanager
def openai() -> Iterator[Case]:
    with serving(answers(*PIECES)) as brief, serving(falls_silent(chunk("on and "))) as endless:
        models = [OpenAiChat(ChatServer(one.base_url, "some-model")) for one in (brief, endless)]
        yield Case(*models, lambda: endless.client_left.wait(PATIENCE_S))


@contextmanager
def vlm() -> Iterator[Case]:
    loaded = tiny_vlm("qwen2-vl")
    never = dataclasses.replace(loaded, ends=frozenset({-1}))
    with watching(loaded.model) as seen:

        def has_stopped() -> bool:
            wait_for_model_threads()
            return len(seen.calls) < 3000

        yield Case(
            VlmAnswerModel("tiny", lambda: loaded, Sampling(max_tokens=8)),
            VlmAnswerModel("tiny", lambda: never, Sampling(max_tokens=3000)),
            has_stopped,
        )


@contextmanager
def gguf() -> Iterator[Case]:
    engine = real_engine()
    chunks: list[dict[str, Any]] = []

    class Counting(GgufEngine):
        def complete(self, body: dict[str, Any], on_chunk: OnChunk) -> None:
            # Without an end of its own the model goes on until its context is full.
            endless_body = body | {"ignore_eos": True}
            super().complete(endless_body, lambda chunk: chunks.append(chunk) or on_chunk(chunk))

    endless = Counting(engine.server, engine.context_tokens, engine.marks)

    def has_stopped() -> bool:
        wait_for_model_threads()
        return len(chunks) < 1000

    yield Case(
        GgufAnswerModel("small", lambda: engine, Sampling(max_tokens=8)),
        GgufAnswerModel("small", lambda: endless, Sampling(max_tokens=1500)),
        has_stopped,
    )


CASES = {"fake": fake, "openai": openai, "vlm": vlm, "gguf": gguf}


@pytest.fixture(params=CASES)
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    with CASES[request.param]() as made:
        yield made


def ask(model: AnswerModel, about: Prompt | None = None) -> list[AnswerPiece]:
    return list(model.stream(about or prompt("How tight?"), lambda: False))


def test_pieces_of_text_come_first_none_empty_and_the_usage_last(case: Case) -> None:
    *pieces, usage = ask(case.brief)
    assert pieces
    assert all(isinstance(piece, str) and piece for piece in pieces)
    assert isinstance(usage, Usage)
    assert usage.finish_reason in ("stop", "length")
    assert usage.completion_tokens is None or usage.completion_tokens > 0


def test_the_same_question_has_the_same_answer(case: Case) -> None:
    assert ask(case.brief) == ask(case.brief)


def test_what_a_model_is_can_be_told_without_asking_it(case: Case) -> None:
    assert case.brief.name
    assert case.brief.reads_images in (True, False)


def test_a_model_that_is_well_has_no_trouble(case: Case) -> None:
    assert case.brief.unavailable_reason() == ""
    ask(case.brief, prompt("How tight?"))
    assert case.brief.unavailable_reason() == ""


@pytest.mark.parametrize(
    "about", [prompt("?", ()), prompt("Und nun? 🙂", history=(Turn("a", "b"),))]
)
def test_a_prompt_may_have_no_pages_or_a_history(case: Case, about: Prompt) -> None:
    assert isinstance(ask(case.brief, about)[-1], Usage)


def test_a_question_that_is_cancelled_at_once_has_no_answer(case: Case) -> None:
    assert list(case.brief.stream(prompt("How tight?"), lambda: True)) == []


def test_cancelling_ends_an_answer_early_and_without_usage(case: Case) -> None:
    cancelled = Event()
    pieces = case.endless.stream(prompt("Go on"), cancelled.is_set)
    assert isinstance(next(pieces), str)
    cancelled.set()
    assert not any(isinstance(piece, Usage) for piece in pieces)
    assert case.has_stopped()


def test_closing_stops_the_work(case: Case) -> None:
    pieces = case.endless.stream(prompt("Go on"), lambda: False)
    assert list(itertools.islice(pieces, 1))
    pieces.close()
    assert case.has_stopped()


def test_several_threads_get_the_answers_that_one_gets(case: Case) -> None:
    questions = [prompt(f"How tight is bolt {n}?", ((112 * (n + 1), 112),)) for n in range(4)]
    alone = [ask(case.brief, one) for one in questions]
    with ThreadPoolExecutor(4) as pool:
        for _ in range(3):
            assert list(pool.map(lambda one: ask(case.brief, one), questions)) == alone
