"""Batches by the number of visual tokens, and what to do when one does not fit in memory."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from typing import TypeVar

from indexer.errors import EncoderUnavailable

T = TypeVar("T")
_log = logging.getLogger(__name__)


def plan_batches(lengths: Sequence[int], pending: Sequence[int], budget: int) -> list[list[int]]:
    """Indices of `pending` in batches, longest first: a batch is padded to its longest page.

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

    def run(self, lengths: Sequence[int], encode: Callable[[list[int]], list[T]]) -> list[T]:
        """`encode(indices)` over all indices, results in the order of `lengths`.

        Raises EncoderUnavailable when a single page does not fit.
        """
        done: dict[int, T] = {}
        batches = plan_batches(lengths, range(len(lengths)), self.tokens)
        while batches:
            batch = batches[0]
            results = _unless_out_of_memory(encode, batch)
            if results is not None:
                done.update(zip(batch, results, strict=True))
                batches.pop(0)
                continue
            if len(batch) == 1:
                raise EncoderUnavailable(
                    f"a page of {lengths[batch[0]]} visual tokens does not fit in the device's memory: "
                    "use device cpu, or a lower number of visual tokens in a new collection"
                )
            # Halved from what this batch took: the budget may be far above what there is to encode.
            self.tokens = min(self.tokens, len(batch) * lengths[batch[0]]) // 2
            _log.warning("out of memory: batches of %d visual tokens from now on", self.tokens)
            pending = [i for i in range(len(lengths)) if i not in done]
            batches = plan_batches(lengths, pending, self.tokens)
        return [done[i] for i in range(len(lengths))]


def _unless_out_of_memory(
    encode: Callable[[list[int]], list[T]], batch: list[int]
) -> list[T] | None:
    """None when the device's memory ran out. The failed call's frames are gone when the cache is freed."""
    import torch

    try:
        return encode(batch)
    except torch.OutOfMemoryError:
        pass
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
    return None
