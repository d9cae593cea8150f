"""A prompt as the model's tensors: the checkpoint's own chat template, page images in their cell grids.

Dimension key: B prompts of a batch, S tokens of the longest, N patches of all images, I images.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.backends.messages import chat_messages
from generator.backends.vlm.visual_budget import CellGrid, VisualBudget, share_out
from generator.prompts import Prompt

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_IMAGE = "<|image_pad|>"


@dataclass(frozen=True, slots=True, eq=False)
class PromptTensors:
    """One prompt on the CPU.

    ids           its tokens, an image as often as it has visual tokens
    pixel_values  per image (N, patch numbers) float32
    grids         per image (1, rows, columns) of patches
    """

    ids: list[int]
    image_token_id: int
    pixel_values: list[Tensor] = field(default_factory=list)
    grids: list[Tensor] = field(default_factory=list)

    @property
    def n_visual_tokens(self) -> int:
        return self.ids.count(self.image_token_id)


class Prompting:
    """Makes tensors of prompts. Not safe to use from several threads: a tokenizer keeps state."""

    def __init__(self, tokenizer: Any, images: Any, cell_px: int) -> None:
        self._tokenizer = tokenizer
        self._images = images
        self._cell_px = cell_px
        self._image_token_id: int = tokenizer.convert_tokens_to_ids(_IMAGE)
        # Spelled out in a text they would be read as marks: a page could end its turn or show an image.
        self._marks = sorted(tokenizer.get_added_vocab(), key=len, reverse=True)

    def tensors(self, prompt: Prompt, budget: VisualBudget) -> PromptTensors:
        """Raises PromptTooLong when the pages' images do not fit in the budget."""
        shown = [_opened(page.image) for page in prompt.pages if page.image is not None]
        grids = share_out([image.size for image in shown], self._cell_px, budget)
        found = [self._patches(*pair) for pair in zip(shown, grids, strict=True)]
        text = self.chat_text(prompt)
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return PromptTensors(
            ids=self._expanded(ids, [grid.tokens for grid in grids]),
            image_token_id=self._image_token_id,
            pixel_values=[one["pixel_values"] for one in found],
            grids=[one["image_grid_thw"] for one in found],
        )

    def chat_text(self, prompt: Prompt) -> str:
        """The whole talk in the words of the chat template, up to where the answer begins."""
        text: str = self._tokenizer.apply_chat_template(
            [self._message(one) for one in chat_messages(prompt)],
            tokenize=False,
            add_generation_prompt=True,
        )
        return text

    def _message(self, message: dict[str, Any]) -> dict[str, Any]:
        """Each text and each image on a line of its own: templates write parts one behind the other."""
        content = message["content"]
        if isinstance(content, str):
            return {"role": message["role"], "content": self._plain(content)}
        parts: list[dict[str, str]] = []
        for part in content:
            is_text = part["type"] == "text"
            parts += [] if is_text else [{"type": "image"}]
            parts.append(
                {"type": "text", "text": (self._plain(part["text"]) if is_text else "") + "\n"}
            )
        parts[-1]["text"] = parts[-1]["text"].removesuffix("\n")
        return {"role": message["role"], "content": parts}

    def _plain(self, text: str) -> str:
        for mark in self._marks:
            if mark in text:
                text = text.replace(mark, "‹" + mark[1:])
        return text

    def _patches(self, image: Image, grid: CellGrid) -> dict[str, Any]:
        """The image resized to its grid, once: the processor's own resizing then has nothing to do."""
        from PIL.Image import Resampling

        side = self._cell_px
        fitted = image.resize((grid.columns * side, grid.rows * side), Resampling.BICUBIC)
        found: dict[str, Any] = self._images(
            images=[fitted],
            size={"shortest_edge": 1, "longest_edge": grid.tokens * side**2},
            return_tensors="pt",
        )
        return found

    def _expanded(self, ids: list[int], n_tokens: list[int]) -> list[int]:
        """Every image mark as often as the image has visual tokens."""
        counts = iter(n_tokens)
        expanded: list[int] = []
        for token in ids:
            expanded += [token] * (next(counts) if token == self._image_token_id else 1)
        return expanded


def collate(prompts: Sequence[PromptTensors], pad_token_id: int) -> dict[str, Tensor]:
    """Keyword arguments of `generate`, padded on the left: every answer begins in the last column.

    input_ids, attention_mask, mm_token_type_ids (B, S) int64; pixel_values (N, ...) float32 and
    image_grid_thw (I, 3) where there are images
    """
    import torch

    longest = max(len(prompt.ids) for prompt in prompts)
    padding = [longest - len(prompt.ids) for prompt in prompts]
    pairs = list(zip(prompts, padding, strict=True))
    ids = torch.tensor([[pad_token_id] * n + prompt.ids for prompt, n in pairs])
    inputs = {
        "input_ids": ids,
        "attention_mask": torch.tensor([[0] * n + [1] * (longest - n) for _, n in pairs]),
        # 1 marks a visual token: M-RoPE counts its rows and columns (arXiv 2409.12191)
        "mm_token_type_ids": (ids == prompts[0].image_token_id).long(),
    }
    grids = [grid for prompt in prompts for grid in prompt.grids]
    if grids:
        pixels = [one for prompt in prompts for one in prompt.pixel_values]
        inputs |= {"pixel_values": torch.cat(pixels), "image_grid_thw": torch.cat(grids)}
    return inputs


def _opened(image: bytes) -> Image:
    from PIL import Image

    with Image.open(io.BytesIO(image)) as opened:
        return opened.convert("RGB")
