"""Turns a prompt into the model's tensors: the checkpoint's own chat template, page images as cell grids."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from generator.backends.clips import clips_of
from generator.backends.messages import chat_messages, tool_definitions
from generator.backends.vlm.prompt_tensors import Patches, PromptTensors
from generator.backends.vlm.video_input import (
    SHOWN_VIDEO,
    VIDEO,
    FrameTiming,
    dated_frames,
    of_one_size,
    seconds_per_step,
)
from generator.backends.vlm.visual_budget import CellGrid, VisualBudget, share_out
from generator.prompts import Prompt, PromptPage

if TYPE_CHECKING:
    from PIL.Image import Image

_IMAGE = "<|image_pad|>"


class _Shot(NamedTuple):
    """A page image, or neighbouring pictures of a video; `grid` is that of each picture."""

    pages: tuple[PromptPage, ...]
    grid: CellGrid
    patches: Patches

    @property
    def is_video(self) -> bool:
        return len(self.pages) > 1


class Prompting:
    """Turns prompts into tensors. Not safe to use from several threads: a tokenizer keeps state.

    timing  how the model is told when the pictures of a video are shown
    """

    def __init__(self, tokenizer: Any, images: Any, cell_px: int, timing: FrameTiming) -> None:
        self._tokenizer = tokenizer
        self._images = images
        self._cell_px = cell_px
        self._timing = timing
        # A template that was written for images alone leaves videos out.
        self._watches_videos = VIDEO in str(tokenizer.chat_template)
        self._image_token_id: int = tokenizer.convert_tokens_to_ids(_IMAGE)
        self._video_token_id: int = tokenizer.convert_tokens_to_ids(VIDEO)
        # In a page's text they would be read as marks: a page could end its turn or show an image.
        self._marks = sorted(tokenizer.get_added_vocab(), key=len, reverse=True)

    def tensors(self, prompt: Prompt, budget: VisualBudget) -> PromptTensors:
        """Turn a prompt into tensors. Raises PromptTooLong when its page images do not fit in the budget."""
        shots = self._shots(prompt, budget)
        images = [shot for shot in shots if not shot.is_video]
        videos = [shot for shot in shots if shot.is_video]
        if self._timing is FrameTiming.WORDS:  # a mark for each picture
            of_videos = [shot.grid.tokens for shot in videos for _ in shot.pages]
        else:
            of_videos = [shot.grid.tokens * len(shot.pages) for shot in videos]
        n_tokens = {
            self._image_token_id: [shot.grid.tokens for shot in images],
            self._video_token_id: of_videos,
        }
        ids = self._tokenizer(self.chat_text(prompt), add_special_tokens=False)["input_ids"]
        has_seconds = self._timing is FrameTiming.SECONDS
        return PromptTensors(
            ids=_repeat_marks(ids, n_tokens),
            image_token_id=self._image_token_id,
            video_token_id=self._video_token_id,
            images=[shot.patches for shot in images],
            videos=[shot.patches for shot in videos],
            video_step_s=[seconds_per_step(shot.pages) for shot in videos if has_seconds],
        )

    def chat_text(self, prompt: Prompt) -> str:
        """Write the whole conversation by the chat template, up to where the answer begins."""
        messages = chat_messages(prompt, watches_videos=self._watches_videos)
        text: str = self._tokenizer.apply_chat_template(
            [self._message(message) for message in messages],
            tools=tool_definitions(prompt.tool_use.tools) if prompt.tool_use else None,
            tokenize=False,
            add_generation_prompt=True,
        )
        if self._timing is FrameTiming.WORDS:
            before, *parts = text.split(SHOWN_VIDEO)
            videos = (clip for clip in self._clips(prompt) if len(clip) > 1)
            pairs = zip(videos, parts, strict=True)
            text = before + "".join(dated_frames(clip) + part for clip, part in pairs)
        return text

    def _clips(self, prompt: Prompt) -> list[tuple[PromptPage, ...]]:
        """Group the pages that have an image."""
        pages = [page for page in prompt.pages if page.image is not None]
        return clips_of(pages) if self._watches_videos else [(page,) for page in pages]

    def _shots(self, prompt: Prompt, budget: VisualBudget) -> list[_Shot]:
        clips = self._clips(prompt)
        frames = [
            of_one_size([_open_image(page.image) for page in clip if page.image]) for clip in clips
        ]
        sizes = [frame.size for clip_frames in frames for frame in clip_frames]
        shares = iter(share_out(sizes, self._cell_px, budget))
        shots = []
        for clip, clip_frames in zip(clips, frames, strict=True):
            # One grid for all: shares of equal images differ by what rounding leaves.
            grid = min((next(shares) for _ in clip), key=lambda grid: grid.tokens)
            shots.append(_Shot(clip, grid, self._patches(clip_frames, grid)))
        return shots

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
            parts += [] if is_text else [{"type": part["type"].removesuffix("_url")}]
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

    def _patches(self, frames: Sequence[Image], grid: CellGrid) -> Patches:
        """Cut images into patches, resized to their grid here: the processor then resizes nothing.

        It takes each image for two frames, which are a time step.
        """
        import torch
        from PIL.Image import Resampling

        side = self._cell_px
        size_px = (grid.columns * side, grid.rows * side)
        patches = self._images(
            images=[frame.resize(size_px, Resampling.BICUBIC) for frame in frames],
            size={"shortest_edge": 1, "longest_edge": grid.tokens * side**2},
            return_tensors="pt",
        )
        (_, rows, columns) = patches["image_grid_thw"][0].tolist()
        return Patches(patches["pixel_values"], torch.tensor([[len(frames), rows, columns]]))


def _repeat_marks(ids: list[int], n_tokens: Mapping[int, Sequence[int]]) -> list[int]:
    """Repeat the mark of every image and video as often as it has visual tokens.

    n_tokens  by mark, in the order in which they stand
    """
    counts = {mark: iter(counts) for mark, counts in n_tokens.items()}
    all_ids: list[int] = []
    for token in ids:
        all_ids += [token] * (next(counts[token]) if token in counts else 1)
    return all_ids


def _as_values(call: dict[str, Any]) -> dict[str, Any]:
    """Return a call whose arguments are values: templates write JSON of them themselves."""
    function = call["function"]
    return call | {"function": function | {"arguments": json.loads(function["arguments"] or "{}")}}


def _open_image(data: bytes) -> Image:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return image.convert("RGB")
