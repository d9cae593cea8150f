"""The answer model in this process: questions in, pieces of text out, all written in one thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence

from generator.backends.base import AnswerPiece
from generator.backends.lazy_model import LazyModel
from generator.backends.messages import Sampling
from generator.backends.model_thread import ModelThread
from generator.backends.pending_answer import PendingAnswer
from generator.backends.vlm.continuous_batch import ContinuousBatch
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.prompt_tensors import PromptTensors
from generator.backends.vlm.visual_budget import VisualBudget
from generator.errors import PromptTooLong, ToolsRefused
from generator.prompts import Prompt


class VlmAnswerModel:
    """An AnswerModel of this process. `load` is called at the first question, in the model's thread.

    max_batch  most answers written at once; the next question joins as soon as one has left
    """

    reads_images = True

    def __init__(
        self,
        name: str,
        load: Callable[[], LoadedVlm],
        sampling: Sampling = Sampling(),  # noqa: B008 - frozen
        budget: VisualBudget = VisualBudget(),  # noqa: B008 - frozen
        max_batch: int = 4,
    ) -> None:
        self.name = name
        self._vlm = LazyModel(load)
        self._sampling = sampling
        self._budget = budget
        self._max_batch = max_batch
        self._thread = ModelThread(self._answer, max_batch)

    def unavailable_reason(self) -> str:
        """Say why the model could not be loaded the last time; the first question loads it."""
        return self._vlm.failure

    def stream(
        self, prompt: Prompt, is_cancelled: Callable[[], bool], sampling: Sampling | None = None
    ) -> Generator[AnswerPiece, None, None]:
        """Stream as `AnswerModel.stream` does; `sampling` replaces the model's own for this question.

        Raises GeneratorUnavailable when the model cannot be loaded, PromptTooLong, BackendOutOfMemory.
        """
        pending = PendingAnswer(prompt, sampling or self._sampling, is_cancelled)
        self._thread.submit(pending)
        yield from pending.read()

    def _answer(self, answers: Sequence[PendingAnswer]) -> None:
        """Write answers, and those to questions that come meanwhile."""
        batch = ContinuousBatch(self._vlm.get, self._prepare, self._thread.take, self._max_batch)
        batch.write(answers)

    def _prepare(self, pending: PendingAnswer) -> PromptTensors:
        vlm = self._vlm.get()
        if pending.prompt.tool_use is not None and not vlm.prompting.knows_tools:
            raise ToolsRefused(f"the chat template of {self.name} knows no tools")
        tensors = vlm.prompting.tensors(pending.prompt, self._budget)
        n_prompt, n_answer = len(tensors.ids), pending.sampling.max_tokens
        if n_prompt + n_answer > vlm.context_tokens:
            raise PromptTooLong(
                f"the prompt has {n_prompt} tokens ({tensors.n_visual_tokens} visual) and an answer may "
                f"have {n_answer}, but {self.name} takes {vlm.context_tokens}: ask over fewer pages, or "
                "lower PAGESIGHT_MAX_PAGE_CHARACTERS, PAGESIGHT_VISUAL_TOKEN_BUDGET or "
                "PAGESIGHT_MAX_ANSWER_TOKENS, or raise PAGESIGHT_VLM_YARN_FACTOR"
            )
        return tensors
