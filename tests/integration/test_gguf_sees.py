"""GGUF models that see page images, through llama.cpp: the tests' tiny Qwen models, each as two files."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import httpx2
import pytest
from PIL import Image

from api.diagnostics.doctor import examine
from api.serve.app import create_app
from api.services.answer_writers import WRITERS
from generator.backends.base import Usage
from generator.backends.gguf.catalogue import CATALOGUE
from generator.backends.gguf.engine import load_engine
from generator.backends.gguf.estimates import answer_cpu_s, memory_of_model
from generator.backends.gguf.model import GgufAnswerModel
from generator.backends.gguf.options import GgufOptions
from generator.backends.messages import Sampling
from tests.support.checkpoints import vlm_model, vlm_processor
from tests.support.real_server import serving
from tests.support.seeing_gguf import save_seeing_gguf
from tests.support.small_library import QUESTION, library
from tests.support.vlm_prompts import prompt, wait_for_model_threads

Files = tuple[Path, Path]
_IMAGE = "<|vision_start|><|image_pad|><|vision_end|>"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return files_of("qwen2_vl", tmp_path_factory.mktemp("gguf"))


def files_of(family: str, folder: Path) -> Files:
    if find_spec("xllamacpp") is None:
        pytest.skip("xllamacpp is not installed: the extra `gguf` brings it")
    return save_seeing_gguf(folder, family)


@contextmanager
def seeing_model(files: Files) -> Iterator[GgufAnswerModel]:
    options = GgufOptions(str(files[0]), str(files[1]), files[0].parent, context_tokens=2048)
    engine = load_engine(options)
    yield GgufAnswerModel("tiny", lambda: engine, Sampling(max_tokens=16), reads_images=True)
    wait_for_model_threads()


def plain_call(family: str, image: bytes | None) -> tuple[str, int]:
    """What transformers writes over the same talk, and the tokens of its prompt."""
    page = f"[1] Page 3 of “1.pdf”{_IMAGE}" + '<page-text n="1">\n95 Nm\n</page-text>\n'
    text = (
        f"<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n{page if image else ''}"
        "Question: How tight?<|im_end|>\n<|im_start|>assistant\n"
    )
    processor, network = vlm_processor(family), vlm_model(family)
    images = {"images": [Image.open(io.BytesIO(image)).convert("RGB")]} if image else {}
    size: dict[str, Any] = {"size": {"shortest_edge": 4 * 784, "longest_edge": 768 * 784}}
    inputs = processor(text=[text], images_kwargs=size, return_tensors="pt", **images)
    n_prompt = inputs["input_ids"].shape[1]
    written = network.generate(**inputs, max_new_tokens=16, do_sample=False)[0, n_prompt:]
    return processor.tokenizer.decode(written, skip_special_tokens=True), n_prompt


@pytest.mark.parametrize("family", ["qwen2_vl", "qwen2_5_vl", "qwen3_vl"])
def test_llama_cpp_reads_what_transformers_reads(family: str, tmp_path: Path) -> None:
    with seeing_model(files_of(family, tmp_path)) as model:
        for sizes in ((), ((256, 256),)):
            about = prompt("How tight?", sizes)
            *pieces, usage = model.stream(about, lambda: False)
            expected, n_prompt = plain_call(family, about.pages[0].image if sizes else None)
            assert isinstance(usage, Usage)
            # It leaves out the line between no page and the question, and keeps keys and values in 16 bits.
            assert abs((usage.prompt_tokens or 0) - n_prompt) <= 1
            told = "".join(str(piece) for piece in pieces)
            assert told[:10] == expected[:10] and len(expected) > 10


def test_an_answer_by_http_is_written_over_page_images(files: Files, tmp_path: Path) -> None:
    services = library(tmp_path, min_support=0.0)
    changes = {
        "generator": "gguf",
        "gguf": str(files[0]),
        "gguf_mmproj": str(files[1]),
        "gguf_threads": 1,
        "max_prompt_image_px": 64 * 784,
    }
    prompt_tokens = []
    for mmproj in (str(files[1]), None):
        settings = services.settings.model_copy(update=changes | {"gguf_mmproj": mmproj})
        writer = WRITERS["gguf"](settings, services.stores)
        wired = replace(services, settings=settings).answered_by(writer)
        with serving(create_app(wired)) as address:
            body = {"question": QUESTION, "collections": ["manuals"], "k": 1}
            reply = httpx2.post(f"{address}/v1/answers", json=body, timeout=600)
        assert reply.status_code == 200, reply.text
        prompt_tokens.append(reply.json()["usage"]["prompt_tokens"])
        wait_for_model_threads()
    seeing, reading = prompt_tokens
    assert 40 <= seeing - reading <= 64 + 40, "the page image has its tokens, within their budget"
    (generator,) = [finding for finding in examine(settings) if finding.subject == "generator"]
    assert generator.ok, generator


def test_what_a_model_of_the_catalogue_takes_is_computed_from_the_one_that_was_measured() -> None:
    measured, seeing = CATALOGUE["qwen2.5-coder-1.5b"], CATALOGUE["qwen3-vl-2b"]
    memory = memory_of_model(measured, 4096)
    assert memory.context_bytes == 4096 * 28 * 2 * 2 * 128 * 2 and memory.needs_bytes < 2.2e9
    assert answer_cpu_s(measured, n_page_images=2) == pytest.approx(10.5)
    text, images = answer_cpu_s(seeing, 0), answer_cpu_s(seeing, 2)
    assert text == pytest.approx(10.5 * 1.72 / 1.54, rel=0.01) and 4 * text < images
