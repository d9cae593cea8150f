"""Lets answers join and leave a batch at each step, and keeps a failure to the answer that it is of."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence

from generator.backends.pending_answer import PendingAnswer
from generator.backends.vlm.generation import Abandoned, WritingRow, WritingRows, read_prompt
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.prompt_tensors import PromptTensors
from generator.errors import BackendOutOfMemory


class ContinuousBatch:
    """Writes answers until none is left.

    prepare       turns a question into tensors; what it raises ends that question
    take_waiting  gives up to so many questions that came meanwhile
    max_rows      most answers written at once

    Where a step fails with several rows, out of memory or not, the newest is set aside until another one has
    left: so what fails is alone in the end, and no other answer with it.
    """

    def __init__(
        self,
        get_vlm: Callable[[], LoadedVlm],
        prepare: Callable[[PendingAnswer], PromptTensors],
        take_waiting: Callable[[int], Sequence[PendingAnswer]],
        max_rows: int,
    ) -> None:
        self._get_vlm = get_vlm
        self._prepare = prepare
        self._take_waiting = take_waiting
        self._max_rows = max_rows
        self._waiting: deque[PendingAnswer] = deque()
        self._aside: deque[WritingRow] = deque()
        self._rows: WritingRows | None = None
        self._is_full = False  # until a row leaves

    def write(self, answers: Sequence[PendingAnswer]) -> None:
        """Write these answers and those that come meanwhile. Raises nothing: their readers are told."""
        self._waiting.extend(answers)
        try:
            while self._waiting or self._aside or self._n_rows:
                self._let_join()
                self._step()
                room = self._max_rows - self._n_rows - len(self._aside) - len(self._waiting)
                if room > 0:
                    self._waiting.extend(self._take_waiting(room))
        except Exception as error:  # noqa: BLE001 - a device that is lost: every reader is told
            rows = [*self._aside, *(self._rows.take_all() if self._rows else ())]
            for pending in (*(row.answer.pending for row in rows), *self._waiting):
                pending.end(error)

    @property
    def _n_rows(self) -> int:
        return len(self._rows) if self._rows is not None else 0

    def _let_join(self) -> None:
        while self._n_rows < self._max_rows and not (self._is_full and self._n_rows):
            if self._aside:
                self._add(self._aside.popleft())
            elif self._waiting:
                self._begin(self._waiting.popleft())
            else:
                return

    def _begin(self, pending: PendingAnswer) -> None:
        row: WritingRow | None = None
        failure: Exception | None = None
        try:
            if not pending.is_abandoned:
                row = read_prompt(self._get_vlm(), pending, self._prepare(pending))
        except Abandoned:
            pass
        except Exception as error:  # noqa: BLE001 - the job boundary: its reader raises it
            failure = _without_frames(error)
        if row is not None and not row.answer.done:
            self._add(row)
        elif _is_of_memory(failure) and self._n_rows:
            self._waiting.appendleft(pending)
            self._is_full = True
        else:
            pending.end(_for_reader(failure))

    def _add(self, row: WritingRow) -> None:
        if self._rows is None:
            self._rows = WritingRows(self._get_vlm())
        failure: Exception | None = None
        try:
            self._rows.add(row)
        except Exception as error:  # noqa: BLE001 - the job boundary: its reader raises it
            failure = _without_frames(error)
        if failure is not None and self._n_rows:
            self._set_aside(row)
        elif failure is not None:
            row.answer.pending.end(_for_reader(failure))

    def _step(self) -> None:
        rows, n_before = self._rows, self._n_rows
        if rows is None or not n_before:
            return
        failure: Exception | None = None
        try:
            rows.step()
        except Exception as error:  # noqa: BLE001 - the job boundary: its reader raises it
            failure = _without_frames(error)
        if failure is None:
            self._is_full &= len(rows) == n_before
        elif n_before > 1:
            self._set_aside(rows.take_newest())
        else:
            for row in rows.take_all():
                row.answer.pending.end(_for_reader(failure))

    def _set_aside(self, row: WritingRow) -> None:
        self._aside.appendleft(row)
        self._is_full = True


def _without_frames(error: Exception) -> Exception:
    """Return an error without its frames, which hold what takes the memory; give that back."""
    frameless = error.with_traceback(None)
    if _is_of_memory(error):
        import torch

        if torch.cuda.is_available():
            torch.cuda.empty_cache()
    return frameless


def _is_of_memory(failure: Exception | None) -> bool:
    import torch

    return isinstance(failure, torch.OutOfMemoryError)


def _for_reader(failure: Exception | None) -> Exception | None:
    """Return what a reader is told of a failure."""
    if not _is_of_memory(failure):
        return failure
    return BackendOutOfMemory(
        "the prompt does not fit in the device's memory: ask over fewer pages, or lower "
        "PAGESIGHT_VISUAL_TOKEN_BUDGET or PAGESIGHT_VLM_BATCH_SIZE, or set PAGESIGHT_VLM_QUANTIZATION"
    )
