"""Reads what a GGUF file says of itself, without llama.cpp: enough to refuse a wrong file with its reason.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Little-endian, versions 2 and 3.
"""

from __future__ import annotations

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from generator.errors import GeneratorUnavailable

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_MAX_ENTRIES = 1_000_000  # a larger count is damage, not a model
# The numbers of the kinds of value, and how each is packed.
_PACKED = {
    0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d",
}  # fmt: skip
_STRING, _ARRAY = 8, 9
_CONTROL, _USER_DEFINED = 3, 4  # kinds of token
_OPENS_MARK = ("<", "[")  # some vocabularies define runs of blanks, too
_TOKENS, _TOKEN_KINDS = "tokenizer.ggml.tokens", "tokenizer.ggml.token_type"


@dataclass(frozen=True, slots=True, eq=False)
class GgufHeader:
    """The facts of one file.

    values     its own key-value pairs; of arrays only the vocabulary is kept, and what is short
    n_tensors  how many tensors it says it holds
    """

    path: Path
    size_bytes: int
    n_tensors: int
    values: Mapping[str, Any]

    @property
    def architecture(self) -> str:
        return str(self.values.get("general.architecture", ""))

    @property
    def is_projector(self) -> bool:
        """Say whether it is the part of a model that sees, not a model."""
        return self.architecture in ("clip", "mmproj")

    @property
    def has_chat_template(self) -> bool:
        return bool(self.values.get("tokenizer.chat_template"))

    @property
    def calls_tools(self) -> bool:
        """Say whether the chat template tells the model of tools: llama.cpp is silent where it does not."""
        return "tools" in str(self.values.get("tokenizer.chat_template", ""))

    @property
    def trained_context_tokens(self) -> int:
        """The context that the model was trained with; 0 where the file does not say it."""
        return self._number("context_length")

    @property
    def token_memory_bytes(self) -> int:
        """What one token of the context takes: keys and values of every layer, in 16 bits."""
        n_heads = self._number("attention.head_count") or 1
        width = self._number("embedding_length") // n_heads
        keys = self._number("attention.key_length") or width
        values = self._number("attention.value_length") or width
        n_kv_heads = self._number("attention.head_count_kv") or n_heads
        return 2 * self._number("block_count") * n_kv_heads * (keys + values)

    @property
    def marks(self) -> list[str]:
        """Return the control tokens as spelled, longest first: in a page's text they would command."""
        tokens = self.values.get(_TOKENS, [])
        kinds = self.values.get(_TOKEN_KINDS, [])
        marks = {
            token
            for token, kind in zip(tokens, kinds, strict=False)
            if kind == _CONTROL or (kind == _USER_DEFINED and token.startswith(_OPENS_MARK))
        }
        return sorted((mark for mark in marks if len(mark) > 2), key=len, reverse=True)

    def _number(self, key: str) -> int:
        """Return a number of the architecture; the largest where each layer has its own."""
        value = self.values.get(f"{self.architecture}.{key}", 0)
        if isinstance(value, list):
            value = max(value, default=0)
        return int(value) if isinstance(value, int | float) else 0


def read_header(path: Path) -> GgufHeader:
    """Read the header of a file. Raises GeneratorUnavailable when it is missing or no GGUF file."""
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
            if start != _MAGIC:
                raise GeneratorUnavailable(
                    f"{path} is not a GGUF file: it begins with {start!r}, not {_MAGIC!r}"
                )
            with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _Reader(data, path).header()
    except (FileNotFoundError, IsADirectoryError) as error:
        raise GeneratorUnavailable(
            f"{path} is not a file: name a .gguf file, or get one with `pagesight models get NAME`"
        ) from error
    except OSError as error:
        raise GeneratorUnavailable(f"{path} cannot be read: {error.strerror}") from error
    except (struct.error, UnicodeDecodeError, ValueError) as error:
        raise GeneratorUnavailable(
            f"{path} is a damaged GGUF file, perhaps cut off: get it again ({error})"
        ) from error


class _Reader:
    """Reads one value behind the other; what does not fit in the file raises struct.error or ValueError."""

    def __init__(self, data: mmap.mmap, path: Path) -> None:
        self._data = data
        self._path = path
        self._at = len(_MAGIC)

    def header(self) -> GgufHeader:
        version = self._unpack("<I")
        if version not in _VERSIONS:
            raise ValueError(f"version {version}, this reads {_VERSIONS}")
        n_tensors, n_values = self._count(), self._count()
        values = {self._string(): self._value(self._unpack("<I")) for _ in range(n_values)}
        return GgufHeader(self._path, len(self._data), n_tensors, values)

    def _value(self, kind: int) -> Any:
        if kind == _STRING:
            return self._string()
        if kind == _ARRAY:
            return self._array()
        if kind not in _PACKED:
            raise ValueError(f"value of kind {kind}")
        return self._unpack(_PACKED[kind])

    def _array(self) -> list[Any]:
        kind, n_items = self._unpack("<I"), self._count()
        if kind in _PACKED:
            layout = f"<{n_items}{_PACKED[kind][1]}"
            items = list(struct.unpack_from(layout, self._data, self._at))
            self._at += struct.calcsize(layout)
            return items
        return [self._value(kind) for _ in range(n_items)]

    def _string(self) -> str:
        n_bytes = self._unpack("<Q")
        if n_bytes > len(self._data) - self._at:
            raise ValueError("a text that is longer than the file")
        text = self._data[self._at : self._at + n_bytes]
        self._at += n_bytes
        return text.decode("utf-8", "replace")

    def _count(self) -> int:
        n_entries = int(self._unpack("<Q"))
        if n_entries > _MAX_ENTRIES:
            raise ValueError(f"{n_entries} entries")
        return n_entries

    def _unpack(self, layout: str) -> Any:
        (value,) = struct.unpack_from(layout, self._data, self._at)
        self._at += struct.calcsize(layout)
        return value
