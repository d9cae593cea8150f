"""The tensors of a prompt.

Dimension key: S tokens, N patches, I images, V videos.
"""

from __future__ import annotations

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

    def inputs(self) -> dict[str, Tensor]:
        """Return the keyword arguments of the model.

        input_ids, attention_mask, mm_token_type_ids (1, S) int64; pixel_values (N, ...) float32 and
        image_grid_thw (I, 3) where there are images; pixel_values_videos and video_grid_thw (V, 3) where
        there are videos, second_per_grid_ts (V,) float32 where the model is told so
        """
        import torch

        ids = torch.tensor([self.ids])
        # 1 and 2 mark visual tokens: M-RoPE counts their time, rows and columns (arXiv 2409.12191)
        kinds = (ids == self.image_token_id) + 2 * (ids == self.video_token_id)
        inputs = {
            "input_ids": ids,
            "attention_mask": torch.ones_like(ids),
            "mm_token_type_ids": kinds.long(),
        }
        if self.images:
            inputs["pixel_values"] = torch.cat([image.pixels for image in self.images])
            inputs["image_grid_thw"] = torch.cat([image.grid for image in self.images])
        if self.videos:
            inputs["pixel_values_videos"] = torch.cat([video.pixels for video in self.videos])
            inputs["video_grid_thw"] = torch.cat([video.grid for video in self.videos])
        if self.video_step_s:
            inputs["second_per_grid_ts"] = torch.tensor(self.video_step_s)
        return inputs
