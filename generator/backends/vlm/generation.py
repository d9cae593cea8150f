"""Writes answers token by token: each prompt is read alone, then all rows take their steps together.

Dimension key: B rows, S columns, V vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from generator.backends.pending_answer import PendingAnswer
from generator.backends.vlm.answer_row import AnswerRow
from generator.backends.vlm.drawing import draw
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.padded_caches import PaddedCaches, RowCache, row_of
from generator.backends.vlm.prompt_tensors import PromptTensors

if TYPE_CHECKING:
    from torch import Tensor


class Abandoned(Exception):
    """Nobody waits for the answer whose prompt is read."""


@dataclass(slots=True, eq=False)
class WritingRow:
    """An answer after its prompt was read.

    token     its last token, which the model has not read yet
    position  of that token, the same in all three parts of M-RoPE
    cache     its keys and values while it is in no batch
    """

    answer: AnswerRow
    token: int
    position: int
    cache: RowCache


def read_prompt(vlm: LoadedVlm, pending: PendingAnswer, tensors: PromptTensors) -> WritingRow:
    """Read a prompt, images too, and write the first token.

    Raises Abandoned between two layers, of the vision tower too, once nobody waits; raises what the model
    raises.
    """
    import torch
    from transformers import DynamicCache

    model = vlm.model
    inputs = tensors.inputs()
    positions = _positions(model, inputs)
    with torch.inference_mode(), _ended_by(pending, model):
        output = model(
            **{name: tensor.to(model.device) for name, tensor in inputs.items()},
            position_ids=positions.to(model.device),
            past_key_values=DynamicCache(config=model.config.get_text_config()),
            use_cache=True,
            logits_to_keep=1,
        )
        (token,) = draw(output.logits[:, -1], [pending.sampling])
    answer = AnswerRow(pending, len(tensors.ids), vlm.ends, vlm.token_bytes)
    answer.take(token)
    return WritingRow(answer, token, int(positions.max()) + 1, row_of(output.past_key_values))


class WritingRows:
    """The answers that are written now. Rows do not see each other.

    At temperature 0 an answer is the same alone and beside others, up to the model's rounding.
    """

    def __init__(self, vlm: LoadedVlm) -> None:
        self._vlm = vlm
        self._rows: list[WritingRow] = []
        self._caches = PaddedCaches(vlm.model.config.get_text_config())

    def __len__(self) -> int:
        return len(self._rows)

    def add(self, row: WritingRow) -> None:
        """Let a row take part from the next step on."""
        device = self._vlm.model.device
        self._caches.add([(keys.to(device), values.to(device)) for keys, values in row.cache])
        self._rows.append(row)
        row.cache = []

    def take_newest(self) -> WritingRow:
        """Set the newest row aside; it can be added again."""
        index = len(self._rows) - 1
        row = self._rows.pop()
        row.cache = self._caches.take_out(index)
        return row

    def take_all(self) -> list[WritingRow]:
        """Remove all rows; they cannot be added again."""
        rows, self._rows = self._rows, []
        self._caches.keep([])
        return rows

    def step(self) -> None:
        """Give each row its next token; rows that are done leave. Raises what the model raises.

        Then nothing has changed.
        """
        import torch

        model = self._vlm.model
        ids = torch.tensor([[row.token] for row in self._rows], device=model.device)
        positions = torch.tensor([[row.position] for row in self._rows], device=model.device)
        mask = self._caches.grown_mask()
        try:
            with torch.inference_mode():
                output = model(
                    input_ids=ids,
                    attention_mask=mask,
                    position_ids=positions.expand(3, -1, -1),
                    past_key_values=self._caches.cache,
                    use_cache=True,
                )
                samplings = [row.answer.sampling for row in self._rows]
                tokens = draw(output.logits[:, -1], samplings)
        except Exception:
            self._caches.undo_step()
            raise
        self._caches.mask = mask
        for row, token in zip(self._rows, tokens, strict=True):
            row.token, row.position = token, row.position + 1
            row.answer.take(token)
        self._leave()

    def _leave(self) -> None:
        staying = [index for index, row in enumerate(self._rows) if not row.answer.done]
        if len(staying) < len(self._rows):
            self._caches.keep(staying)
            self._rows = [self._rows[index] for index in staying]


def _positions(model: Any, inputs: dict[str, Tensor]) -> Tensor:
    """Return the M-RoPE positions (3, 1, S) of a prompt."""
    import torch

    if "pixel_values" not in inputs and "pixel_values_videos" not in inputs:
        return torch.arange(inputs["input_ids"].shape[1]).expand(3, 1, -1)
    positions: Tensor = model.model.get_rope_index(**inputs)[0]
    return positions


@contextmanager
def _ended_by(pending: PendingAnswer, model: Any) -> Iterator[None]:
    """End the block at the next layer once nobody waits for the answer. Raises Abandoned."""

    def check(*_: Any) -> None:
        if pending.is_abandoned:
            raise Abandoned

    layers: Sequence[Any] = [*model.model.visual.blocks, *model.model.language_model.layers]
    hooks = [layer.register_forward_pre_hook(check) for layer in layers]
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()
