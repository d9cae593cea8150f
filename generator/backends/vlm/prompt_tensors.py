"""Tensors of prompts, alone and as a batch.

Dimension key: B prompts of a batch, S tokens of the longest, N patches, I images, V videos.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from torch import Tensor


class Patches(NamedTuple):
    """An image or a video: pixels (N, numbers of a patch) float32, grid (1, 3) of steps, rows, columns."""

    pixels: Tensor
    grid: Tensor


@dataclass(frozen=True, slots=True, eq=False)
class PromptTensors:
    """One prompt on the CPU.

    ids           its tokens; the mark of an image or a video stands as often as it has visual tokens
    video_step_s  per video, seconds of a time step; none where the model is not told so
    """

    ids: list[int]
    image_token_id: int
    video_token_id: int
    images: list[Patches] = field(default_factory=list)
    videos: list[Patches] = field(default_factory=list)
    video_step_s: list[float] = field(default_factory=list)

    @property
    def n_visual_tokens(self) -> int:
        return self.ids.count(self.image_token_id) + self.ids.count(self.video_token_id)


def collate(prompts: Sequence[PromptTensors], pad_token_id: int) -> dict[str, Tensor]:
    """Return the keyword arguments of `generate`, padded on the left: all prompts end in one column.

    input_ids, attention_mask, mm_token_type_ids (B, S) int64; pixel_values (N, ...) float32 and
    image_grid_thw (I, 3) where there are images; pixel_values_videos and video_grid_thw (V, 3) where there
    are videos, second_per_grid_ts (V,) float32 where the model is told so
    """
    import torch

    longest = max(len(prompt.ids) for prompt in prompts)
    padding = [longest - len(prompt.ids) for prompt in prompts]
    pairs = list(zip(prompts, padding, strict=True))
    ids = torch.tensor([[pad_token_id] * n + prompt.ids for prompt, n in pairs])
    # 1 and 2 mark visual tokens: M-RoPE counts their time, rows and columns (arXiv 2409.12191)
    kinds = (ids == prompts[0].image_token_id) + 2 * (ids == prompts[0].video_token_id)
    inputs = {
        "input_ids": ids,
        "attention_mask": torch.tensor([[0] * n + [1] * (longest - n) for _, n in pairs]),
        "mm_token_type_ids": kinds.long(),
    }
    images = [image for prompt in prompts for image in prompt.images]
    if images:
        inputs["pixel_values"] = torch.cat([image.pixels for image in images])
        inputs["image_grid_thw"] = torch.cat([image.grid for image in images])
    videos = [video for prompt in prompts for video in prompt.videos]
    if videos:
        inputs["pixel_values_videos"] = torch.cat([video.pixels for video in videos])
        inputs["video_grid_thw"] = torch.cat([video.grid for video in videos])
    steps_s = [step_s for prompt in prompts for step_s in prompt.video_step_s]
    if steps_s:
        inputs["second_per_grid_ts"] = torch.tensor(steps_s)
    return inputs
