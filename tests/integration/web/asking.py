"""How stories ask, and the model that answers where a story needs one that writes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator
from typing import Any

from generator.backends.base import AnswerPiece
from generator.backends.fake import FakeAnswerModel
from generator.prompts import Prompt

# {n} is the page of the bolts, {other} that of the roses.
_LOOK_S, _HELD_S = 0.05, 600.0
MARKDOWN = """The housing bolts must be tightened to **45 Nm** [{n}]. The pump was painted *blue* in 1987. \
Old paint peels off [77].

| Part | Torque |
|---|--:|
| Housing bolts | 45 Nm [{n}] |

A rubber flap closes the suction port [{other}].

<img src=x onerror=alert(1)> <script>alert(1)</script> [more](javascript:alert(1)) ![i](https://evil.example/x.png)
"""


class MarkdownModel(FakeAnswerModel):
    """Writes Markdown with a proof, claims without one, a weak one, a wrong number and markup."""

    def __init__(self, pause_s: float) -> None:
        super().__init__([], pause_s=pause_s)
        self._held_before: list[str] = []

    def hold_next(self, before: str) -> None:
        """Let the next answer stop before that word until it is cancelled, however busy the machine is."""
        self._held_before.append(before)

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        n = next(page.number for page in prompt.pages if "45 Nm" in page.text)
        roses = next(page.number for page in prompt.pages if "March" in page.text)
        self._pieces = tuple(re.split(r"(?<= )", MARKDOWN.format(n=n, other=roses)))
        held_before = self._held_before.pop() if self._held_before else None
        until_s = time.monotonic() + _HELD_S
        for piece in super().stream(prompt, is_cancelled):
            while held_before is not None and isinstance(piece, str) and held_before in piece:
                if is_cancelled() or time.monotonic() > until_s:
                    return
                time.sleep(_LOOK_S)
            yield piece


def wait_for_start(page: Any) -> None:
    page.wait_for_selector("#view.ask[aria-busy=false]")


def ask(page: Any, question: str) -> Any:
    """Ask, and return the turn once its answer is whole."""
    n_turns = page.locator(".turn").count()
    page.fill("#question", question)
    page.keyboard.press("Enter")
    page.wait_for_selector(f".turn:nth-child({n_turns + 1}) .answer.whole")
    return page.locator(".turn").nth(n_turns)


def wait_for_crops(turn: Any) -> None:
    turn.page.wait_for_function(
        "turn => [...turn.querySelectorAll('.crop')].every(crop => crop.querySelector('img')"
        " && [...crop.querySelectorAll('img')].every(image => image.complete && image.naturalWidth))",
        arg=turn.element_handle(),
    )
