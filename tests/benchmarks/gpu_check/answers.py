"""Tokens a second of answers, by continuous batching and by the batch of the questions that wait."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import torch

from generator.backends.base import Usage
from generator.backends.messages import Sampling
from generator.backends.pending_answer import PendingAnswer
from generator.backends.vlm.continuous_batch import ContinuousBatch
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.prompting import Prompting
from generator.backends.vlm.text_pieces import TokenBytes
from generator.backends.vlm.video_input import FrameTiming
from generator.backends.vlm.visual_budget import VisualBudget
from generator.prompts import Prompt
from tests.benchmarks import bench_visual as visual
from tests.benchmarks.gpu_check.shapes import Figures, Shape
from tests.support.checkpoints import colqwen2_config, vlm_processor
from tests.support.vlm_prompts import prompt


class BatchOfWaiting(VlmAnswerModel):
    """A model that lets nobody join: what waits is the next batch, once all of this one is written."""

    def _answer(self, answers: Sequence[PendingAnswer]) -> None:
        batch = ContinuousBatch(self._vlm.get, self._prepare, lambda _: (), self._max_batch)
        batch.write(answers)


def write_answers(shape: Shape) -> Figures:
    """Tokens a second of 1, 4 and 16 questions asked at once, all answers of one length."""
    loaded, prompts = _random_vlm(shape), _prompts(shape)
    model = VlmAnswerModel("random", lambda: loaded, Sampling(), VisualBudget(), max_batch=16)
    n_tokens = shape.of(128, 4)
    figures: Figures = {}
    _ask(model, prompts[:1], [n_tokens])  # loads and warms up
    for n in (1, 4, 16):
        began = shape.clock()
        n_written = _ask(model, prompts[:n], [n_tokens] * n)
        figures[f"tokens a second, {n} questions"] = n_written / (shape.clock() - began)
    return figures


def join_batches(shape: Shape) -> Figures:
    """Tokens a second of 16 questions with four places, whose answers are of 16 to 128 tokens."""
    loaded, prompts = _random_vlm(shape), _prompts(shape)
    lengths = [shape.of(16, 1) * (1 + i * 3 % 8) for i in range(16)]
    by_kind = [
        kind("random", lambda: loaded, Sampling(), VisualBudget(), max_batch=4)
        for kind in (VlmAnswerModel, BatchOfWaiting)
    ]
    continuous_s, waiting_s = visual.alternating(
        shape.clock,
        lambda: _ask(by_kind[0], prompts, lengths),
        lambda: _ask(by_kind[1], prompts, lengths),
        n=shape.of(3, 1),
    )
    return {
        "tokens a second, questions join": sum(lengths) / continuous_s,
        "tokens a second, batch of waiting questions": sum(lengths) / waiting_s,
        "times as many": waiting_s / continuous_s,
    }


def _prompts(shape: Shape) -> list[Prompt]:
    """Return 16 questions over a page image each."""
    size = shape.of(612, 56), shape.of(792, 56)
    return [prompt(f"What is total {i}?", (size,)) for i in range(16)]


def _random_vlm(shape: Shape) -> LoadedVlm:
    """A Qwen2-VL with random weights on the device. Its vocabulary is larger than its tokenizer's."""
    import transformers

    config = colqwen2_config().vlm_config
    if shape.real:
        visual.enlarge(config)
    else:
        config.text_config.vocab_size *= 4
    config._attn_implementation = "sdpa"
    with visual.weights_drawn(shape.device, torch.bfloat16):
        model = transformers.Qwen2VLForConditionalGeneration(config).eval()
    model.generation_config = transformers.GenerationConfig()
    processor: Any = vlm_processor("qwen2_vl")
    tokenizer = processor.tokenizer
    return LoadedVlm(
        model=model,
        prompting=Prompting(tokenizer, processor.image_processor, 28, FrameTiming.ORDER),
        token_bytes=TokenBytes(tokenizer),
        ends=frozenset(),  # random weights end anywhere: every answer is whole
        context_tokens=4096,
    )


def _ask(model: VlmAnswerModel, prompts: Sequence[Prompt], lengths: Sequence[int]) -> int:
    """Ask at once, each answer of its own length; return how many tokens were written in all.

    Raises what the first of them that failed raises: fewer tokens would look like a slow card.
    """
    counts = [0] * len(lengths)
    failures: list[Exception] = []

    def ask(i: int) -> None:
        try:
            for piece in model.stream(prompts[i], lambda: False, Sampling(max_tokens=lengths[i])):
                if isinstance(piece, Usage):
                    counts[i] = piece.completion_tokens or 0
        except Exception as error:  # noqa: BLE001 - a thread's boundary: raised below
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(lengths))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return sum(counts)
