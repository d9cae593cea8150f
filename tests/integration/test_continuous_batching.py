"""Answers join and leave a batch at each step; a cancel and a failure are each one's own."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import torch

from generator.backends.base import AnswerPiece
from generator.backends.messages import Sampling
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.model import VlmAnswerModel
from generator.prompts import Prompt
from tests.support.checkpoints import tiny_vlm
from tests.support.vlm_prompts import prompt, wait_for_model_threads, watching
from tests.support.waiting import PATIENCE_S, wait_until

LONG = prompt("Why?", ((672, 448),))  # its rows are longer than those of any other question here
_LONGEST_OF_OTHERS = 300


@pytest.fixture(scope="module", params=["qwen2-vl", "qwen3-vl"])
def vlm(request: pytest.FixtureRequest) -> LoadedVlm:
    return dataclasses.replace(tiny_vlm(request.param), ends=frozenset({-1}))


def model(vlm: LoadedVlm, max_batch: int = 4) -> VlmAnswerModel:
    return VlmAnswerModel("tiny", lambda: vlm, Sampling(max_tokens=12), max_batch=max_batch)


def ask(asked: VlmAnswerModel, about: Prompt, **sampling: Any) -> list[AnswerPiece]:
    drawn = Sampling(**sampling) if sampling else None
    return list(asked.stream(about, lambda: False, drawn))


def test_a_question_joins_at_the_next_step_and_the_next_one_when_another_has_left(
    vlm: LoadedVlm,
) -> None:
    asked = model(vlm, max_batch=2)
    prompts = [prompt("First"), prompt("The second", ((448, 336),)), prompt("And the third?", ())]
    limits = (12, 20, 6)
    alone = [ask(asked, p, max_tokens=n) for p, n in zip(prompts, limits, strict=True)]
    with watching(vlm.model, hold_at=5) as seen, ThreadPoolExecutor(3) as pool:
        first = pool.submit(ask, asked, prompts[0], max_tokens=limits[0])
        assert seen.held.wait(PATIENCE_S)
        later = []
        for n in (1, 2):
            later.append(pool.submit(ask, asked, prompts[n], max_tokens=limits[n]))
            wait_until(lambda n=n: len(asked._thread._waiting) == n)  # type: ignore[misc]
        seen.go.set()
        assert [answer.result() for answer in (first, *later)] == alone
    # The first is read and takes four steps, the second is read and both go on; the third is read when the
    # first has left, has left itself when the second goes on alone.
    assert seen.batch_sizes == [1] * 5 + [1] + [2] * 7 + [1] + [2] * 5 + [1] * 7


def test_a_cancel_ends_the_vision_tower_and_nothing_else(vlm: LoadedVlm) -> None:
    asked, towers = model(vlm), vlm.model.model.visual.blocks
    staying = prompt("Stay", ())
    alone = ask(asked, staying)
    begun: list[str] = []
    hooks = [
        towers[0].register_forward_hook(lambda *_: begun.append("first block")),
        towers[1].register_forward_hook(lambda *_: begun.append("second block")),
    ]
    with watching(vlm.model, hold_at=3) as seen, ThreadPoolExecutor(2) as pool:
        answer = pool.submit(ask, asked, staying)
        assert seen.held.wait(PATIENCE_S)
        gone = pool.submit(list, asked.stream(LONG, lambda: "first block" in begun))
        wait_until(lambda: len(asked._thread._waiting) == 1)
        seen.go.set()
        assert gone.result() == [] and answer.result() == alone
    for hook in hooks:
        hook.remove()
    assert begun == ["first block"]


@pytest.mark.parametrize("failing_call", ["the prompt", "a step"])
@pytest.mark.parametrize("failing_question", [0, 1])
def test_a_failure_is_told_to_its_own_question_and_the_others_are_answered(
    vlm: LoadedVlm, failing_call: str, failing_question: int
) -> None:
    asked = model(vlm)
    prompts = [prompt("One", ()), prompt("Two", ())]
    alone = [ask(asked, about) for about in prompts]
    prompts.insert(failing_question, LONG)
    hook = vlm.model.register_forward_pre_hook(breaking(failing_call), with_kwargs=True)
    with watching(vlm.model, hold_at=1) as seen, ThreadPoolExecutor(4) as pool:
        blocker = pool.submit(ask, asked, prompt("First", ()), max_tokens=3)
        assert seen.held.wait(PATIENCE_S)
        answers = []
        for n, about in enumerate(prompts, start=1):
            answers.append(pool.submit(ask, asked, about))
            wait_until(lambda n=n: len(asked._thread._waiting) == n)  # type: ignore[misc]
        seen.go.set()
        with pytest.raises(RuntimeError, match="broken"):
            answers.pop(failing_question).result()
        assert [answer.result() for answer in answers] == alone and blocker.result()
    hook.remove()
    wait_for_model_threads()


def breaking(failing_call: str) -> Callable[[Any, Any, dict[str, Any]], None]:
    """A hook that fails where the row of LONG takes part."""

    def check(module: Any, args: Any, call: dict[str, Any]) -> None:
        is_prompt = call["input_ids"].shape[1] > 1
        n_longest = int(call["attention_mask"].sum(dim=1).max())
        if is_prompt == (failing_call == "the prompt") and n_longest > _LONGEST_OF_OTHERS:
            raise RuntimeError("broken")

    return check


def test_what_does_not_fit_beside_others_waits_and_is_written_whole(vlm: LoadedVlm) -> None:
    asked = model(vlm)
    prompts = [prompt("One", ()), prompt("Two", ()), prompt("Three", ())]
    alone = [ask(asked, about) for about in prompts]

    def exhausted(module: Any, args: Any, call: dict[str, Any]) -> None:
        if len(call["input_ids"]) > 1 and call["attention_mask"].shape[1] % 3 == 0:
            raise torch.OutOfMemoryError

    hook = vlm.model.register_forward_pre_hook(exhausted, with_kwargs=True)
    with ThreadPoolExecutor(3) as pool:
        answers = [pool.submit(ask, asked, about) for about in prompts]
        assert [answer.result() for answer in answers] == alone
    hook.remove()
    wait_for_model_threads()
