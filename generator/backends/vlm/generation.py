"""Writes a batch of answers in one `generate`; each row stops for itself.

Dimension key: B answers of a batch, S tokens of the longest prompt and what was generated, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from generator.backends.messages import Sampling
from generator.backends.pending_answer import PendingAnswer
from generator.backends.vlm.answer_row import AnswerRow
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.prompt_tensors import PromptTensors, collate

if TYPE_CHECKING:
    from torch import Tensor


def generate(vlm: LoadedVlm, batch: Sequence[tuple[PendingAnswer, PromptTensors]]) -> None:
    """Write the pieces of every answer and its Usage; return when no row needs another token.

    Rows do not see each other: at temperature 0 an answer is the same alone and in any batch, up to the
    rounding of the model's precision.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

    rows = [
        AnswerRow(pending, len(tensors.ids), vlm.ends, vlm.token_bytes)
        for pending, tensors in batch
    ]
    samplings = [row.sampling for row in rows]
    inputs = collate([tensors for _, tensors in batch], vlm.pad_token_id)
    draws = any(sampling.temperature > 0 for sampling in samplings)
    config = GenerationConfig(
        max_new_tokens=max(sampling.max_tokens for sampling in samplings),
        eos_token_id=sorted(vlm.ends),
        pad_token_id=vlm.pad_token_id,
        do_sample=draws,
        **({"temperature": 1.0, "top_k": 0, "top_p": 1.0} if draws else {}),  # RowSampling decides
    )
    with torch.inference_mode():
        vlm.model.generate(
            **{name: tensor.to(vlm.model.device) for name, tensor in inputs.items()},
            generation_config=config,
            logits_processor=LogitsProcessorList([RowSampling(samplings)]) if draws else None,
            stopping_criteria=StoppingCriteriaList([RowWatch(rows)]),
        )


class RowWatch:
    """The stopping criterion: hands each row its token, and says which rows need no more."""

    def __init__(self, rows: Sequence[AnswerRow]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        """Take the last token of input_ids (B, S); return (B,) bool, true where a row is done."""
        import torch

        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            row.take(token)
        return torch.tensor([row.done for row in self._rows], device=input_ids.device)


class RowSampling:
    """The logits processor: each row's own temperature and nucleus."""

    def __init__(self, samplings: Sequence[Sampling]) -> None:
        self._samplings = samplings

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Turn scores (B, V) float32 into those that tokens are drawn from, of the same shape."""
        import torch
        from transformers import TopPLogitsWarper

        to_draw_from = []
        for row, sampling in zip(scores, self._samplings, strict=True):
            if sampling.temperature > 0:
                tempered_row = (row / sampling.temperature)[None]
                to_draw_from.append(TopPLogitsWarper(sampling.top_p)(None, tempered_row)[0])
            else:
                certain = torch.full_like(row, -torch.inf)
                certain[row.argmax()] = 0.0
                to_draw_from.append(certain)
        return torch.stack(to_draw_from)
