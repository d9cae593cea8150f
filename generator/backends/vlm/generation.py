"""One batch of questions through one `generate`, each row stopping for itself.

Dimension key: B questions of a batch, S tokens of the longest prompt and what was generated, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from generator.backends.messages import Sampling
from generator.backends.vlm.answer_row import AnswerRow, Question
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.prompting import PromptTensors, collate

if TYPE_CHECKING:
    from torch import Tensor


def generate(vlm: LoadedVlm, batch: Sequence[tuple[Question, PromptTensors]]) -> None:
    """Writes the pieces of every question and its Usage; returns when no row wants another token.

    Rows do not see each other: under temperature 0 an answer is the same alone and in any batch, up to
    the rounding of the model's precision.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList, StoppingCriteriaList

    rows = [AnswerRow(asked, len(one.ids), vlm.ends, vlm.token_bytes) for asked, one in batch]
    samplings = [row.sampling for row in rows]
    inputs = collate([one for _, one in batch], vlm.pad_token_id)
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
    """The stopping criterion: hands each row its token, and says which rows want no more."""

    def __init__(self, rows: Sequence[AnswerRow]) -> None:
        self._rows = rows

    def __call__(self, input_ids: Tensor, scores: Any, **_: Any) -> Tensor:
        """input_ids (B, S) -> (B,) bool"""
        import torch

        for row, token in zip(self._rows, input_ids[:, -1].tolist(), strict=True):
            row.take(token)
        return torch.tensor([row.done for row in self._rows], device=input_ids.device)


class RowSampling:
    """The logits processor: each row's own temperature and nucleus."""

    def __init__(self, samplings: Sequence[Sampling]) -> None:
        self._samplings = samplings

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """scores (B, V) float32 -> the same, as they are to be drawn from"""
        import torch
        from transformers import TopPLogitsWarper

        drawn = []
        for row, sampling in zip(scores, self._samplings, strict=True):
            if sampling.temperature > 0:
                warped = (row / sampling.temperature)[None]
                drawn.append(TopPLogitsWarper(sampling.top_p)(None, warped)[0])
            else:
                certain = torch.full_like(row, -torch.inf)
                certain[row.argmax()] = 0.0
                drawn.append(certain)
        return torch.stack(drawn)
