"""Pictures of a video as the Qwen-VL family takes them: time steps of two frames, told in time.

A page of a video is shown until the next one, so it is both frames of its step, as a still image is in these
models. A step is as long as the pages are apart on average; models count it in their position numbers
(M-RoPE), or read it in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING

from generator.prompts import PromptPage

if TYPE_CHECKING:
    from PIL.Image import Image

VIDEO = "<|video_pad|>"
_FRAME_START, _FRAME_END = "<|vision_start|>", "<|vision_end|>"
SHOWN_VIDEO = f"{_FRAME_START}{VIDEO}{_FRAME_END}"
_PAPER = (255, 255, 255)


class FrameTiming(Enum):
    """How a model is told when the pictures of a video are shown."""

    ORDER = "in what order"  # Qwen2-VL: a time step is one position
    SECONDS = "seconds a time step"  # Qwen2.5-VL: positions stand for time
    WORDS = "in words"  # Qwen3-VL: each time step is a picture behind its second


TIMINGS = {
    "qwen2_vl": FrameTiming.ORDER,
    "qwen2_5_vl": FrameTiming.SECONDS,
    "qwen3_vl": FrameTiming.WORDS,
}


def seconds_per_step(clip: Sequence[PromptPage]) -> float:
    """Return how far the pictures of a clip are apart on average."""
    first_s, last_s = clip[0].time_s, clip[-1].time_s
    assert first_s is not None and last_s is not None, "pictures of a video"
    return (last_s - first_s) / (len(clip) - 1)


def dated_frames(clip: Sequence[PromptPage]) -> str:
    """Write a mark for each picture of a clip, each behind its second."""
    return "".join(f"<{page.time_s:.1f} seconds>{SHOWN_VIDEO}" for page in clip)


def of_one_size(images: Sequence[Image]) -> list[Image]:
    """Put white beside and below smaller images, as under pictures of a video that have no caption."""
    from PIL import Image

    size = (max(image.width for image in images), max(image.height for image in images))
    frames = []
    for image in images:
        frame = image
        if image.size != size:
            frame = Image.new("RGB", size, _PAPER)
            frame.paste(image)
        frames.append(frame)
    return frames
