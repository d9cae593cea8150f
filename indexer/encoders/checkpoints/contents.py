"""Read and verify what a checkpoint holds.

transformers fills a tensor that is missing from a checkpoint with random numbers and prints a report;
here a missing or unexpected name is an error.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.discovery import ADAPTER_CONFIG, Checkpoint

if TYPE_CHECKING:
    from torch import Tensor

_N_NAMED = 3  # names of tensors that an error lists
# Beside the weights, the files that shape the vectors.
_SHAPING_FILES = (
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    ADAPTER_CONFIG,
)
_SHAPING_KINDS = frozenset({".safetensors", ".json", ".jinja", ".txt"})


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """Read all tensors of `model.safetensors`, or of the shards that its index names.

    Raises EncoderUnavailable for a file that is missing or damaged.
    """
    index = folder / "model.safetensors.index.json"
    names = {"model.safetensors"}
    if index.is_file():
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    tensors: dict[str, Tensor] = {}
    for name in sorted(names):
        tensors |= read_tensor_file(folder / Path(name).name)
    return tensors


def read_tensor_file(path: Path) -> dict[str, Tensor]:
    """Read one safetensors file. Raises EncoderUnavailable when it is missing or damaged."""
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        fault = "damaged" if path.is_file() else "missing"
        raise EncoderUnavailable(f"{path} is {fault}: download the checkpoint again") from error


def refuse_incomplete(loading_info: Mapping[str, Any], folder: Path, model_type: str) -> None:
    """Raise EncoderUnavailable when tensors were missing, unexpected or of other shapes.

    loading_info  from `from_pretrained(..., output_loading_info=True)`
    """
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        names = sorted(map(str, loading_info[kind]))
        if names:
            some = ", ".join(names[:_N_NAMED]) + (", ..." if len(names) > _N_NAMED else "")
            raise EncoderUnavailable(
                f"{folder} is not a complete {model_type} checkpoint: {len(names)} "
                f"{kind.replace('_', ' ')} ({some}): download it again"
            )


def content_revision(checkpoint: Checkpoint) -> str:
    """Return `sha256:` over the names and bytes of all that shapes the vectors of a local checkpoint.

    Reads every weight once: about 1 to 3 s per GB on one core, less than loading them takes.
    """
    return _revision_of(
        (path.name, path)
        for folder in (checkpoint.weights, *checkpoint.adapters, checkpoint.processor)
        for path in sorted(folder.iterdir())
        if path.suffix == ".safetensors" or path.name in _SHAPING_FILES
    )


def tree_revision(folder: Path) -> str:
    """Return the same over a checkpoint whose modules have folders of their own."""
    return _revision_of(
        (path.relative_to(folder).as_posix(), path)
        for path in sorted(folder.rglob("*"))
        if path.suffix in _SHAPING_KINDS
    )


def _revision_of(files: Iterable[tuple[str, Path]]) -> str:
    total = hashlib.sha256()
    for name, path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        total.update(f"{name} {digest}\n".encode())
    return f"sha256:{total.hexdigest()}"
