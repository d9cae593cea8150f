"""The OpenAI-compatible backend against `transformers serve` with a tiny Qwen2-VL: image parts; a death."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from generator.backends.base import Usage
from generator.backends.messages import Sampling
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.errors import BackendRefused
from generator.prompts import Prompt, PromptPage
from tests.acceptance.conftest import FAKE, run_cli
from tests.conftest import DrawPdf
from tests.support.checkpoints import tiny_folder
from tests.support.served_process import pagesight_serving
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


def test_a_server_killed_amid_an_answer_ends_the_stream_with_a_typed_error(
    server: TransformersServer, tmp_path: Path, draw_pdf: DrawPdf
) -> None:
    """The last of this module: the server is gone then."""
    pdf = draw_pdf("pump.pdf", ["Tighten the housing bolts to 45 Nm.", "Spare parts"])
    assert run_cli(tmp_path / "data", "ingest", pdf, "-c", "manuals", **FAKE).code == 0
    environment = FAKE | {
        "PAGESIGHT_GENERATOR": "openai",
        "PAGESIGHT_OPENAI_BASE_URL": server.base_url,
        "PAGESIGHT_OPENAI_MODEL": server.model,
        "PAGESIGHT_MAX_ANSWER_TOKENS": "3000",
        "PAGESIGHT_MAX_PROMPT_IMAGE_PX": str(16 * 28 * 28),
    }
    body = {
        "question": "How tight are the housing bolts?",
        "collections": ["manuals"],
        "stream": True,
    }
    events: list[tuple[str, Any]] = []
    with (
        pagesight_serving(tmp_path / "data", **environment) as client,
        client.stream("POST", "/v1/answers", json=body) as response,
    ):
        assert response.status_code == 200
        name = ""
        for line in response.iter_lines():
            if line.startswith("event:"):
                name = line.removeprefix("event:").strip()
            elif line.startswith("data:"):
                events.append((name, json.loads(line.removeprefix("data:"))))
                if name == "token" and server.process.poll() is None:
                    server.process.kill()
                    server.process.wait(600)
    names = [name for name, _ in events]
    assert names[0] == "pages"
    assert names[-1] == "error"
    assert "token" in names
    assert "done" not in names
    assert events[0][1]["pages"][0]["document"] == "pump.pdf"
    error = events[-1][1]["error"]
    assert (error["type"], error["code"]) == ("BackendCut", "backend_cut")
