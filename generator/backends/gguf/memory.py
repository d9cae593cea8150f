"""What a GGUF model takes in main memory: arithmetic over its header, nothing is loaded."""

from __future__ import annotations

from dataclasses import dataclass

from generator.backends.gguf.header import GgufHeader
from generator.errors import GeneratorUnavailable

# llama.cpp packs the weights anew for the processor beside the mapped file: 1.87 GB for a 1.12 GB file of
# 1.5 billion parameters, its context and Python, measured.
_PACKED_ANEW = 1.6
_WORK_BYTES = 150_000_000


@dataclass(frozen=True, slots=True)
class GgufMemory:
    """What a model takes. `file_bytes` are those of the model and of its projector."""

    file_bytes: int
    context_bytes: int

    @property
    def weights_bytes(self) -> int:
        return int(self.file_bytes * _PACKED_ANEW)

    @property
    def needs_bytes(self) -> int:
        return self.weights_bytes + self.context_bytes + _WORK_BYTES

    def summary(self) -> str:
        return (
            f"needs {self.needs_bytes / 1e9:.1f} GB (file {self.file_bytes / 1e9:.1f}, context "
            f"{self.context_bytes / 1e9:.1f})"
        )


def memory_of(header: GgufHeader, projector: GgufHeader | None, context_tokens: int) -> GgufMemory:
    file_bytes = header.size_bytes + (projector.size_bytes if projector else 0)
    return GgufMemory(file_bytes, context_tokens * header.token_memory_bytes)


def refuse_unfit(
    header: GgufHeader, projector: GgufHeader | None, context_tokens: int, has_bytes: int | None
) -> None:
    """Raises GeneratorUnavailable for files that cannot answer here: no chat model, or too large."""
    path = header.path
    if header.is_projector:
        raise GeneratorUnavailable(
            f"{path} lets a model see and is none itself: set PAGESIGHT_GGUF_MMPROJ to it, and "
            "PAGESIGHT_GGUF to its model"
        )
    if not header.has_chat_template:
        raise GeneratorUnavailable(
            f"{path} has no chat template, so it was not trained to answer: choose an instruct model"
        )
    if projector is not None and not projector.is_projector:
        raise GeneratorUnavailable(
            f"{projector.path} is a {projector.architecture} model, no mmproj file"
        )
    if 0 < header.trained_context_tokens < context_tokens:
        raise GeneratorUnavailable(
            f"{path} takes {header.trained_context_tokens} tokens: lower PAGESIGHT_GGUF_CONTEXT_TOKENS "
            f"from {context_tokens}"
        )
    memory = memory_of(header, projector, context_tokens)
    if has_bytes is not None and memory.needs_bytes > has_bytes:
        raise GeneratorUnavailable(
            f"{path} is too large for this machine: it {memory.summary()}, there are "
            f"{has_bytes / 1e9:.1f} GB; choose a smaller file, or lower PAGESIGHT_GGUF_CONTEXT_TOKENS"
        )
