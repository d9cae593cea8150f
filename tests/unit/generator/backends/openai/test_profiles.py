from __future__ import annotations

import io

import pytest
from PIL import Image

from generator.backends.openai.profiles import PROFILES, ServerProfile
from generator.errors import PromptTooLong
from generator.prompts import Prompt, PromptPage

BODY = {"model": "qwen3-vl-plus", "response_format": {"type": "json_schema", "json_schema": {}}}


def prompt(*sizes: tuple[int, int]) -> Prompt:
    pages = []
    for n, size in enumerate(sizes, start=1):
        out = io.BytesIO()
        Image.new("RGB", size).save(out, "JPEG")
        pages.append(PromptPage(n, "a.pdf", n, out.getvalue(), ""))
    return Prompt("rules", tuple(pages), (), "How?")


def test_a_plain_server_gets_the_request_as_it_is() -> None:
    assert PROFILES["plain"].adapt(BODY, prompt((4000, 3000))) == BODY


def test_dashscope_is_asked_to_read_large_images_whole_and_for_json() -> None:
    profile = PROFILES["dashscope"]
    small, large = ((700, 900),), ((700, 900), (1400, 1000))
    assert "vl_high_resolution_images" not in profile.adapt(BODY, prompt(*small))
    body = profile.adapt(BODY, prompt(*large))
    assert body["vl_high_resolution_images"] is True
    assert body["response_format"] == {"type": "json_object"}
    assert "response_format" not in profile.adapt({"model": "m"}, prompt())


def test_an_image_beyond_the_limit_is_refused_before_it_is_sent() -> None:
    with pytest.raises(PromptTooLong, match="lower PAGESIGHT_MAX_PROMPT_IMAGE_PX"):
        ServerProfile(max_image_bytes=500).adapt(BODY, prompt((700, 900)))
