"""The answer model in this process: questions in, pieces of text out, batched in one thread."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from functools import cached_property
from queue import Empty

from generator.backends.base import AnswerPiece
from generator.backends.messages import Sampling
from generator.backends.vlm.answer_row import End, Question
from generator.backends.vlm.generation import generate
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.model_thread import ModelThread
from generator.backends.vlm.prompting import PromptTensors
from generator.backends.vlm.visual_budget import VisualBudget
from generator.errors import BackendOutOfMemory, PromptTooLong
from generator.prompts import Prompt
from indexer.base.errors import PagesightError

_POLL_S = 0.05

Asked = tuple[Question, PromptTensors]


class VlmAnswerModel:
    """Obeys AnswerModel. `load` is called at the first question, in the model's thread.

    max_batch  most questions written at once; the others wait for that batch to end
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
        self._load = load
        self._sampling = sampling
        self._budget = budget
        self._thread = ModelThread(self._answer, max_batch)
        self._load_failure = ""

    def trouble(self) -> str:
        """Why the model could not be loaded the last time; it is loaded by the first question."""
        return self._load_failure

    def stream(
        self, prompt: Prompt, cancelled: Callable[[], bool], sampling: Sampling | None = None
    ) -> Generator[AnswerPiece, None, None]:
        """As `AnswerModel.stream`; `sampling` stands in for the model's own for this question.

        Raises GeneratorUnavailable when the model cannot be loaded, PromptTooLong, BackendOutOfMemory.
        """
        question = Question(prompt, sampling or self._sampling, cancelled)
        self._thread.submit(question)
        try:
            while not question.unwanted:
                try:
                    item = question.pieces.get(timeout=_POLL_S)
                except Empty:
                    continue
                if isinstance(item, End):
                    if item.error is not None:
                        raise item.error
                    return
                yield item
        finally:
            question.left.set()  # the model's thread stops before the next token

    @cached_property
    def _vlm(self) -> LoadedVlm:
        """Used in the model's thread only. A failure is tried again at the next question."""
        try:
            vlm = self._load()
        except PagesightError as error:
            self._load_failure = str(error)
            raise
        self._load_failure = ""
        return vlm

    def _answer(self, questions: Sequence[Question]) -> None:
        batch: list[Asked] = []
        for question in questions:
            try:
                if not question.unwanted:
                    batch.append((question, self._prepared(question)))
            except Exception as error:  # noqa: BLE001 - the job boundary: the asker is told
                question.end(error)
        try:
            self._generate(batch)
        except Exception as error:  # noqa: BLE001 - the job boundary: the askers are told
            for question, _ in batch:
                question.end(error)
        for question, _ in batch:
            question.end()

    def _prepared(self, question: Question) -> PromptTensors:
        vlm = self._vlm
        tensors = vlm.prompting.tensors(question.prompt, self._budget)
        n_prompt, n_answer = len(tensors.ids), question.sampling.max_tokens
        if n_prompt + n_answer > vlm.context_tokens:
            raise PromptTooLong(
                f"the prompt has {n_prompt} tokens ({tensors.n_visual_tokens} visual) and an answer may "
                f"have {n_answer}, but {self.name} takes {vlm.context_tokens}: ask over fewer pages, or "
                "lower PAGESIGHT_MAX_PAGE_CHARACTERS, PAGESIGHT_VISUAL_TOKEN_BUDGET or "
                "PAGESIGHT_MAX_ANSWER_TOKENS, or raise PAGESIGHT_VLM_YARN_FACTOR"
            )
        return tensors

    def _generate(self, batch: Sequence[Asked]) -> None:
        """All at once; those that have nothing yet one by one where memory does not hold them all."""
        if not batch or _fits(self._vlm, batch):
            return
        for asked in batch:
            question, tensors = asked
            if len(batch) == 1 or question.began or not _fits(self._vlm, [asked]):
                question.end(
                    BackendOutOfMemory(
                        f"a prompt of {len(tensors.ids)} tokens ({tensors.n_visual_tokens} visual) does "
                        "not fit in the device's memory: ask over fewer pages, or lower "
                        "PAGESIGHT_VISUAL_TOKEN_BUDGET or PAGESIGHT_VLM_BATCH_SIZE, or set "
                        "PAGESIGHT_VLM_QUANTIZATION"
                    )
                )


def _fits(vlm: LoadedVlm, batch: Sequence[Asked]) -> bool:
    """Generates. False when memory ran out; the failed call's frames are gone when the cache is freed."""
    import torch

    try:
        generate(vlm, batch)
    except torch.OutOfMemoryError:
        pass
    else:
        return True
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return False
