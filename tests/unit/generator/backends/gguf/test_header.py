"""What a GGUF file says of itself, and which files are refused with which reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from generator.backends.gguf.header import GgufHeader, read_header
from generator.backends.gguf.memory import memory_of, refuse_unfit
from generator.errors import GeneratorUnavailable
from tests.support.gguf_files import QWEN, gguf_bytes


def written(folder: Path, values: dict[str, Any] | None = None, name: str = "m.gguf") -> Path:
    path = folder / name
    path.write_bytes(gguf_bytes(QWEN if values is None else values))
    return path


def header(folder: Path, **changes: Any) -> GgufHeader:
    return read_header(written(folder, QWEN | changes))


def test_a_header_tells_architecture_context_and_template(tmp_path: Path) -> None:
    found = header(tmp_path)
    assert (found.architecture, found.trained_context_tokens) == ("qwen2", 32_768)
    assert found.has_chat_template
    assert not found.is_projector


def test_a_token_takes_keys_and_values_of_every_layer_in_two_bytes(tmp_path: Path) -> None:
    assert header(tmp_path).token_memory_bytes == 28 * 2 * (128 + 128) * 2
    wide = header(
        tmp_path, **{"qwen2.attention.key_length": 256, "qwen2.attention.value_length": 64}
    )
    assert wide.token_memory_bytes == 28 * 2 * (256 + 64) * 2
    by_layer = header(tmp_path, **{"qwen2.attention.head_count_kv": [2, 4]})
    assert by_layer.token_memory_bytes == 28 * 4 * 256 * 2


def test_control_tokens_are_marks_and_words_and_blanks_are_none(tmp_path: Path) -> None:
    vocabulary = {
        "tokenizer.ggml.tokens": ["the", "<|im_end|>", "<|im_end|>x", "▁▁▁", "<table>", "</s>"],
        "tokenizer.ggml.token_type": [1, 3, 3, 4, 4, 3],
    }
    assert header(tmp_path, **vocabulary).marks == ["<|im_end|>x", "<|im_end|>", "<table>", "</s>"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "not a GGUF file"),
        (b"PK\x03\x04 a zip", "not a GGUF file: it begins with b'PK"),
        (b"GGUF", "damaged GGUF file"),
        (gguf_bytes(QWEN, version=9), "version 9"),
        (gguf_bytes(QWEN)[:-20], "damaged GGUF file"),
        (b"GGUF" + b"\xff" * 64, "damaged GGUF file"),
        (b"GGUF\x03\x00\x00\x00" + b"\x00" * 8 + b"\xff" * 32, "damaged GGUF file"),
    ],
    ids=["empty", "zip", "magic only", "version", "cut off", "rubbish", "counts"],
)
def test_what_is_no_whole_gguf_file_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "m.gguf"
    path.write_bytes(content)
    with pytest.raises(GeneratorUnavailable, match=reason):
        read_header(path)


@pytest.mark.parametrize("name", ["absent.gguf", "."])
def test_what_is_no_file_is_refused_with_the_way_out(tmp_path: Path, name: str) -> None:
    with pytest.raises(GeneratorUnavailable, match="pagesight models get"):
        read_header(tmp_path / name)


def test_a_base_model_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorUnavailable, match="instruct"):
        refuse_unfit(header(tmp_path, **{"tokenizer.chat_template": ""}), None, 4096, None)


def test_a_projector_is_no_model_and_a_model_no_projector(tmp_path: Path) -> None:
    model = header(tmp_path)
    eye = read_header(written(tmp_path, {"general.architecture": "clip"}, "mmproj.gguf"))
    with pytest.raises(GeneratorUnavailable, match="PAGESIGHT_GGUF_MMPROJ"):
        refuse_unfit(eye, None, 4096, None)
    with pytest.raises(GeneratorUnavailable, match="no mmproj file"):
        refuse_unfit(model, model, 4096, None)
    refuse_unfit(model, eye, 4096, None)


def test_a_context_beyond_the_trained_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorUnavailable, match="takes 32768 tokens"):
        refuse_unfit(header(tmp_path), None, 32_769, None)
    refuse_unfit(header(tmp_path), None, 32_768, None)


def test_a_model_is_refused_from_the_first_byte_that_memory_lacks(tmp_path: Path) -> None:
    model = header(tmp_path)
    needs_bytes = memory_of(model, None, 4096).needs_bytes
    refuse_unfit(model, None, 4096, needs_bytes)
    with pytest.raises(GeneratorUnavailable, match="too large for this machine"):
        refuse_unfit(model, None, 4096, needs_bytes - 1)
