"""Turns a prompt into the model's tensors: the checkpoint's own chat template, page images as cell grids.

Dimension key: B prompts of a batch, S tokens of the longest, N patches of all images, I images.
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from generator.backends.messages import chat_messages, tool_definitions
from generator.backends.vlm.visual_budget import CellGrid, VisualBudget, share_out
from generator.prompts import Prompt

if TYPE_CHECKING:
    from PIL.Image import Image
    from torch import Tensor

_IMAGE = "<|image_pad|>"


@dataclass(frozen=True, slots=True, eq=False)
class PromptTensors:
    """One prompt on the CPU.

    ids           its tokens; an image's mark stands as often as it has visual tokens
    pixel_values  per image (N, numbers of a patch) float32
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
    """Turns prompts into tensors. Not safe to use from several threads: a tokenizer keeps state."""

    def __init__(self, tokenizer: Any, images: Any, cell_px: int) -> None:
        self._tokenizer = tokenizer
        self._images = images
        self._cell_px = cell_px
        self._image_token_id: int = tokenizer.convert_tokens_to_ids(_IMAGE)
        # In a page's text they would be read as marks: a page could end its turn or show an image.
        self._marks = sorted(tokenizer.get_added_vocab(), key=len, reverse=True)

    def tensors(self, prompt: Prompt, budget: VisualBudget) -> PromptTensors:
        """Turn a prompt into tensors. Raises PromptTooLong when its page images do not fit in the budget."""
        images = [_open_image(page.image) for page in prompt.pages if page.image is not None]
        grids = share_out([image.size for image in images], self._cell_px, budget)
        patches = [self._patches(*pair) for pair in zip(images, grids, strict=True)]
        text = self.chat_text(prompt)
        ids = self._tokenizer(text, add_special_tokens=False)["input_ids"]
        return PromptTensors(
            ids=self._repeat_marks(ids, [grid.tokens for grid in grids]),
            image_token_id=self._image_token_id,
            pixel_values=[image["pixel_values"] for image in patches],
            grids=[image["image_grid_thw"] for image in patches],
        )

    def chat_text(self, prompt: Prompt) -> str:
        """Write the whole conversation by the chat template, up to where the answer begins."""
        text: str = self._tokenizer.apply_chat_template(
            [self._message(message) for message in chat_messages(prompt)],
            tools=tool_definitions(prompt.tool_use.tools) if prompt.tool_use else None,
            tokenize=False,
            add_generation_prompt=True,
        )
        return text

    def _message(self, message: dict[str, Any]) -> dict[str, Any]:
        """Give each text and each image a line of its own: templates write parts one behind the other."""
        content = message["content"]
        if isinstance(content, str):
            message = message | {"content": self._plain(content)}
            if calls := message.get("tool_calls"):
                message["tool_calls"] = [_as_values(call) for call in calls]
            return message
        parts: list[dict[str, str]] = []
        for part in content:
            is_text = part["type"] == "text"
            parts += [] if is_text else [{"type": "image"}]
            parts.append(
                {"type": "text", "text": (self._plain(part["text"]) if is_text else "") + "\n"}
            )
        parts[-1]["text"] = parts[-1]["text"].removesuffix("\n")
        return {"role": message["role"], "content": parts}

    @property
    def knows_tools(self) -> bool:
        """Say whether the checkpoint's chat template tells the model of tools."""
        return "tools" in str(self._tokenizer.chat_template)

    def _plain(self, text: str) -> str:
        for mark in self._marks:
            if mark in text:
                text = text.replace(mark, "‹" + mark[1:])
        return text

    def _patches(self, image: Image, grid: CellGrid) -> dict[str, Any]:
        """Cut the image into patches, resized to its grid here: the processor then resizes nothing."""
        from PIL.Image import Resampling

        side = self._cell_px
        grid_image = image.resize((grid.columns * side, grid.rows * side), Resampling.BICUBIC)
        patches: dict[str, Any] = self._images(
            images=[grid_image],
            size={"shortest_edge": 1, "longest_edge": grid.tokens * side**2},
            return_tensors="pt",
        )
        return patches

    def _repeat_marks(self, ids: list[int], n_tokens: list[int]) -> list[int]:
        """Repeat every image mark as often as the image has visual tokens."""
        counts = iter(n_tokens)
        all_ids: list[int] = []
        for token in ids:
            all_ids += [token] * (next(counts) if token == self._image_token_id else 1)
        return all_ids


def collate(prompts: Sequence[PromptTensors], pad_token_id: int) -> dict[str, Tensor]:
    """Return the keyword arguments of `generate`, padded on the left: all prompts end in one column.

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
        pixels = [image for prompt in prompts for image in prompt.pixel_values]
        inputs |= {"pixel_values": torch.cat(pixels), "image_grid_thw": torch.cat(grids)}
    return inputs


def _as_values(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call whose arguments are values: templates write JSON of them themselves."""
    function = call["function"]
    return call | {"function": function | {"arguments": json.loads(function["arguments"] or "{}")}}


def _open_image(data: bytes) -> Image:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")
