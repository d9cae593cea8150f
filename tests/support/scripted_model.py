"""An answer model that a test writes the lines of: what it says depends on what it is asked."""

from __future__ import annotations

from collections.abc import Callable, Generator

from generator.backends.base import AnswerPiece, Usage
from generator.errors import BackendError, ToolsRefused
from generator.prompts import Prompt

Line = Callable[[Prompt], str]


class ScriptedModel:
    """Answers each prompt with what `line` says; `prompts` are those it was given. It knows no tools."""

    name = "scripted"

    def __init__(self, line: Line, reads_images: bool = False) -> None:
        self.reads_images = reads_images
        self.prompts: list[Prompt] = []
        self._line = line

    def unavailable_reason(self) -> str:
        return ""

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool]
    ) -> Generator[AnswerPiece, None, None]:
        if prompt.tool_use is not None:
            raise ToolsRefused("a scripted model knows no tools")
        self.prompts.append(prompt)
        text = self._line(prompt)
        for start in range(0, len(text), 7):
            yield text[start : start + 7]
        yield Usage(prompt_tokens=10, completion_tokens=len(text) // 4)


def failing(error: BackendError, when: str) -> Line:
    """Fail where a question holds these words, else find nothing."""

    def line(prompt: Prompt) -> str:
        if when in prompt.question:
            raise error
        return "NOT FOUND"

    return line
