"""Prompts over drawn page images, and a look into a model while it works."""

from __future__ import annotations

import io
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from generator.prompts import Prompt, PromptPage, Turn
from tests.support.waiting import PATIENCE_S


def page_image(width: int, height: int, seed: int) -> Image.Image:
    noise = np.random.default_rng(seed).integers(0, 256, (height // 14, width // 14, 3), np.uint8)
    return Image.fromarray(noise).resize((width, height), Image.Resampling.BICUBIC)


def stored(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def prompt(
    question: str,
    sizes: Sequence[tuple[int, int]] = ((224, 168),),
    text: str = "95 Nm",
    history: Sequence[Turn] = (),
) -> Prompt:
    """A page for each of `sizes`; the same arguments make the same prompt."""
    pages = tuple(
        PromptPage(n, f"{n}.pdf", n + 2, stored(page_image(*size, seed=n)), text)
        for n, size in enumerate(sizes, start=1)
    )
    return Prompt("Be brief.", pages, tuple(history), question)


@dataclass
class Watched:
    """What a model was called with, step by step; at `hold_at` it waits until `go`."""

    hold_at: int | None = None
    calls: list[dict[str, Any]] = field(default_factory=list)
    logits: list[Any] = field(default_factory=list)
    held: threading.Event = field(default_factory=threading.Event)
    go: threading.Event = field(default_factory=threading.Event)

    @property
    def batch_sizes(self) -> list[int]:
        return [len(call["input_ids"]) for call in self.calls]

    def before(self, module: Any, args: Any, call: dict[str, Any]) -> None:
        self.calls.append(call)
        if len(self.calls) == self.hold_at:
            self.held.set()
            assert self.go.wait(PATIENCE_S)

    def after(self, module: Any, args: Any, output: Any) -> None:
        self.logits.append(output.logits)


@contextmanager
def watching(model: Any, hold_at: int | None = None) -> Iterator[Watched]:
    watched = Watched(hold_at)
    hooks = [
        model.register_forward_pre_hook(watched.before, with_kwargs=True),
        model.register_forward_hook(watched.after),
    ]
    try:
        yield watched
    finally:
        watched.go.set()
        wait_for_model_threads()
        for hook in hooks:
            hook.remove()


def wait_for_model_threads() -> None:
    for thread in threading.enumerate():
        if thread.name == "answer model":
            thread.join(PATIENCE_S)
            assert not thread.is_alive()
