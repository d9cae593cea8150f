"""What a service behind an OpenAI-compatible address takes beyond the protocol, or less than it.

DashScope: Alibaba Cloud's help on "Visual understanding (Qwen-VL)" of November 2025 limits the images of
a request only by the model's input. Clients of it agree on the rest: an image as base64 has at most 10
MB; 1,280 tokens of 28 x 28 pixels of it are read, up to 16,384 with `vl_high_resolution_images`;
`response_format` knows `json_object`. An account has 1,200 requests a minute of qwen-vl-max and qwen-vl-
plus; 429 is asked again. None of this was tried: no key was at hand.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from generator.errors import PromptTooLong
from generator.prompts import Prompt

ProfileName = Literal["plain", "dashscope"]


@dataclass(frozen=True, slots=True)
class ServerProfile:
    """Limits of a service; None where there is none, or none that is known.

    max_image_bytes    of an image as base64
    usual_image_px     more of an image are read only where a request asks for it
    knows_json_schema  whether it holds an answer to a schema; else only to JSON
    """

    max_image_bytes: int | None = None
    usual_image_px: int | None = None
    knows_json_schema: bool = True

    def adapt(self, body: Mapping[str, Any], prompt: Prompt) -> dict[str, Any]:
        """Return the request as the service takes it. Raises PromptTooLong for an image beyond its limit."""
        images = [page.image for page in prompt.pages if page.image is not None]
        if self.max_image_bytes is not None:
            largest = max((_base64_bytes(image) for image in images), default=0)
            if largest > self.max_image_bytes:
                raise PromptTooLong(
                    f"a page image has {largest / 1e6:.1f} MB as base64, the service takes "
                    f"{self.max_image_bytes / 1e6:g}: lower PAGESIGHT_MAX_PROMPT_IMAGE_PX"
                )
        changes: dict[str, Any] = {}
        cap = self.usual_image_px
        if cap is not None and any(_n_pixels(image) > cap for image in images):
            changes["vl_high_resolution_images"] = True
        if not self.knows_json_schema and "response_format" in body:
            changes["response_format"] = {"type": "json_object"}
        return {**body, **changes}


PROFILES: Mapping[ProfileName, ServerProfile] = {
    "plain": ServerProfile(),
    "dashscope": ServerProfile(
        max_image_bytes=10_000_000, usual_image_px=1280 * 28 * 28, knows_json_schema=False
    ),
}


def _base64_bytes(image: bytes) -> int:
    """Return how long it is as base64, which takes four letters for three bytes."""
    return (len(image) + 2) // 3 * 4


def _n_pixels(image: bytes) -> int:
    from PIL import Image

    with Image.open(io.BytesIO(image)) as header:
        return header.width * header.height
