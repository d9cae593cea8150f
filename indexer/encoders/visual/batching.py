"""Batch pages by their visual tokens: prepared ahead, and smaller when one does not fit in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from indexer.base.errors import EncoderUnavailable

B = TypeVar("B")
T = TypeVar("T")
_log = logging.getLogger(__name__)


def plan_batches(lengths: Sequence[int], pending: Sequence[int], budget: int) -> list[list[int]]:
    """Return the indices of `pending` in batches, longest first: a batch is padded to its longest page.

    `budget` bounds pages x longest page of a batch; a page above it goes alone. Longest first, so that
    memory runs out at the start of a job and not at its end.
    """
    batches: list[list[int]] = []
    for index in sorted(pending, key=lambda i: -lengths[i]):
        if batches and (len(batches[-1]) + 1) * lengths[batches[-1][0]] <= budget:
            batches[-1].append(index)
        else:
            batches.append([index])
    return batches


class TokenBudget:
    """How many visual tokens are encoded at once. It shrinks when memory runs out, and stays shrunk."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens

    def run(
        self,
        lengths: Sequence[int],
        prepare: Callable[[list[int]], B],
        encode: Callable[[B], list[T]],
    ) -> list[T]:
        """Call `encode(prepare(indices))` over all indices; return results in the order of `lengths`.

        `prepare` runs in a thread of its own, one batch ahead of `encode`, so that the device need not
        wait for the processor. Raises EncoderUnavailable when a single page does not fit.
        """
        results_by_index: dict[int, T] = {}
        batches = plan_batches(lengths, range(len(lengths)), self.tokens)
        with ThreadPoolExecutor(1, "prepare") as thread:
            ready: Future[B] | None = None
            while batches:
                batch = batches[0]
                inputs = (ready or thread.submit(prepare, batch)).result()
                ready = thread.submit(prepare, batches[1]) if len(batches) > 1 else None
                results = _unless_out_of_memory(encode, inputs)
                if results is not None:
                    results_by_index.update(zip(batch, results, strict=True))
                    batches.pop(0)
                    continue
                self._shrink(batch, lengths)
                ready = None  # of a batch that is no longer planned
                pending = [i for i in range(len(lengths)) if i not in results_by_index]
                batches = plan_batches(lengths, pending, self.tokens)
        return [results_by_index[i] for i in range(len(lengths))]

    def _shrink(self, batch: list[int], lengths: Sequence[int]) -> None:
        """Halve the budget from what `batch` took: it may be far above what there is to encode."""
        if len(batch) == 1:
            raise EncoderUnavailable(
                f"a page of {lengths[batch[0]]} visual tokens does not fit in the device's memory: "
                "use device cpu, or a lower number of visual tokens in a new collection"
            )
        self.tokens = min(self.tokens, len(batch) * lengths[batch[0]]) // 2
        _log.warning("out of memory: batches of %d visual tokens from now on", self.tokens)


def _unless_out_of_memory(encode: Callable[[B], list[T]], batch: B) -> list[T] | None:
    """Encode, or return None when memory ran out: the failed call's frames go before the cache is freed."""
    import torch

    try:
        return encode(batch)
    except torch.OutOfMemoryError:
        pass
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None
