"""The OpenAI-compatible backend against `transformers serve` with a tiny Qwen2-VL: image parts."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from generator.backends.base import Usage
from generator.backends.messages import Sampling
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.errors import BackendRefused
from generator.prompts import Prompt, PromptPage
from tests.support.checkpoints import tiny_folder
from tests.support.transformers_server import TransformersServer, transformers_serving

WIDTH_PX, HEIGHT_PX = 280, 392
IMAGE_TOKENS = (WIDTH_PX // 28) * (HEIGHT_PX // 28)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TransformersServer]:
    log = tmp_path_factory.mktemp("serve") / "log"
    with transformers_serving(tiny_folder("qwen2-vl"), log) as server:
        yield server


def page(number: int, seed: int | None) -> PromptPage:
    image = None
    if seed is not None:
        noise = np.random.default_rng(seed).integers(0, 255, (HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        out = BytesIO()
        Image.fromarray(noise).save(out, "JPEG")
        image = out.getvalue()
    return PromptPage(number, "a.pdf", number, image, "The bolts are tightened to 95 Nm.")


def asked(server: TransformersServer, *seeds: int | None) -> tuple[str, int]:
    """The answer over pages with these images, and how many tokens the prompt had."""
    chat = OpenAiChat(ChatServer(server.base_url, server.model), Sampling(max_tokens=24))
    pages = tuple(page(n, seed) for n, seed in enumerate(seeds, 1))
    pieces = list(chat.stream(Prompt("Answer.", pages, (), "How tight?"), lambda: False))
    usage = pieces[-1]
    assert isinstance(usage, Usage)
    assert usage.prompt_tokens
    return "".join(piece for piece in pieces if isinstance(piece, str)), usage.prompt_tokens


def test_every_page_image_arrives_at_the_model_in_full(server: TransformersServer) -> None:
    one, two, three = (
        asked(server, *seeds)[1] for seeds in ((1, None, None), (1, 2, None), (1, 2, 3))
    )
    assert three - two == two - one == IMAGE_TOKENS + 2  # and the marks before and behind an image


def test_the_answer_is_made_of_the_pixels(server: TransformersServer) -> None:
    first, again, other = asked(server, 1), asked(server, 1), asked(server, 3)
    assert first == again
    assert first[0]
    assert first[0] != other[0]


def test_a_model_that_the_server_does_not_have_is_refused_with_its_reason(
    server: TransformersServer,
) -> None:
    chat = OpenAiChat(ChatServer(server.base_url, "nobody/nothing"))
    with pytest.raises(BackendRefused) as refused:
        list(chat.stream(Prompt("", (page(1, None),), (), "How tight?"), lambda: False))
    assert refused.value.status == 400
    assert server.model in str(refused.value)
