"""Models that `pagesight models get` brings. Importing this loads nothing.

Size and SHA-256 are those that the publisher's repository states for the file; a revision is its commit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple


@dataclass(frozen=True, slots=True)
class HubFile:
    """One file of a repository on the Hugging Face hub."""

    repository: str
    revision: str
    name: str
    size_bytes: int
    sha256: str

    def url_at(self, hub: str) -> str:
        """Return the file's address at the hub or a mirror, whose address has no slash at its end."""
        return f"{hub}/{self.repository}/resolve/{self.revision}/{self.name}"


@dataclass(frozen=True, slots=True)
class CatalogueModel:
    """A model that was tried, or whose publisher vouches for it.

    projector           the file that lets it see; None for a model that reads text only
    n_parameters        of its language model, about
    token_memory_bytes  keys and values of one token, by its architecture
    """

    name: str
    summary: str
    licence: str
    model: HubFile
    projector: HubFile | None = None
    n_parameters: int = 0
    token_memory_bytes: int = 0

    @property
    def files(self) -> Iterator[HubFile]:
        yield self.model
        if self.projector is not None:
            yield self.projector

    @property
    def size_bytes(self) -> int:
        return sum(file.size_bytes for file in self.files)


def _model(
    name: str, summary: str, shape: _Shape, model: HubFile, projector: HubFile | None = None
) -> CatalogueModel:
    memory = shape.token_memory_bytes
    return CatalogueModel(name, summary, "Apache-2.0", model, projector, shape.n_parameters, memory)


class _Shape(NamedTuple):
    n_parameters: int
    n_layers: int
    n_heads: int  # of keys and values
    head_width: int

    @property
    def token_memory_bytes(self) -> int:
        return 2 * self.n_layers * self.n_heads * 2 * self.head_width


_QWEN2_SMALL = _Shape(494_000_000, 24, 2, 64)
_QWEN2 = _Shape(1_540_000_000, 28, 2, 128)
_QWEN3_4B = _Shape(4_020_000_000, 36, 8, 128)
_QWEN3_2B = _Shape(1_720_000_000, 28, 8, 128)


_VL = ("Qwen/Qwen3-VL-2B-Instruct-GGUF", "52d6c8ffea26cc873ac5ad116f8631268d7eb503")

CATALOGUE: dict[str, CatalogueModel] = {
    model.name: model
    for model in (
        _model(
            "qwen2.5-coder-1.5b",
            "reads text; the one that was measured (docs/experiments.md)",
            _QWEN2,
            HubFile(
                "Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
                "2ab9f8f42af02fc212effaef7c4850c885e965f4",
                "qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
                1_117_320_768,
                "cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
            ),
        ),
        _model(
            "qwen2.5-1.5b",
            "reads text; the same without the training on code",
            _QWEN2,
            HubFile(
                "Qwen/Qwen2.5-1.5B-Instruct-GGUF",
                "91cad51170dc346986eccefdc2dd33a9da36ead9",
                "qwen2.5-1.5b-instruct-q4_k_m.gguf",
                1_117_320_736,
                "6a1a2eb6d15622bf3c96857206351ba97e1af16c30d7a74ee38970e434e9407e",
            ),
        ),
        _model(
            "qwen2.5-coder-0.5b",
            "reads text; for trials: it does not know when to stay silent",
            _QWEN2_SMALL,
            HubFile(
                "Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
                "bf1da6ca8f02b444067db175f02a14e74f49c5c0",
                "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
                491_400_064,
                "1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
            ),
        ),
        _model(
            "qwen3-4b",
            "reads text; for eight cores and more",
            _QWEN3_4B,
            HubFile(
                "Qwen/Qwen3-4B-GGUF",
                "bc640142c66e1fdd12af0bd68f40445458f3869b",
                "Qwen3-4B-Q4_K_M.gguf",
                2_497_280_256,
                "7485fe6f11af29433bc51cab58009521f205840f5b4ae3a32fa7f92e8534fdf5",
            ),
        ),
        _model(
            "qwen3-vl-2b",
            "sees page images; wants many cores or a GPU",
            _QWEN3_2B,
            HubFile(
                *_VL,
                "Qwen3VL-2B-Instruct-Q4_K_M.gguf",
                1_107_409_952,
                "089d75c52f4b7ffc56ba998ffc50aae89fcafc755f9e7208aacca281dca6c2ae",
            ),
            HubFile(
                *_VL,
                "mmproj-Qwen3VL-2B-Instruct-Q8_0.gguf",
                445_053_216,
                "f9a68fabba69c3b81e153367b2c7521030b0fa8bb0de400c9599c8e6725f9c82",
            ),
        ),
    )
}
