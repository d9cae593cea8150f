"""Loads a checkpoint with sentence-transformers: no code of its own, no pickles, nothing from the network."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.devices import resolve_device
from indexer.encoders.checkpoints.messages import one_line, quiet


def load_model(folder: Path, device: str) -> Any:
    """Return a MultiVectorEncoder. Raises EncoderUnavailable where it cannot be loaded."""
    from sentence_transformers import MultiVectorEncoder

    try:
        with quiet():
            return MultiVectorEncoder(
                str(folder),
                device=str(resolve_device(device)),
                local_files_only=True,
                model_kwargs={"use_safetensors": True},
            )
    except (OSError, ValueError, KeyError, RuntimeError, ImportError) as error:
        raise EncoderUnavailable(f"{folder} cannot be loaded: {one_line(error)}") from error


def outputs(
    model: Any, texts_or_images: list[Any], task: str, batch_size: int
) -> list[dict[str, Any]]:
    """Encode as `task`, "query" or "document"; return what the modules give for each input, in order."""
    feature_dicts: list[dict[str, Any]] = model.encode(
        texts_or_images,
        prompt_name=task if model.prompts.get(task) else None,
        task=task,
        batch_size=batch_size,
        output_value=None,
        show_progress_bar=False,
    )
    return feature_dicts


def unit(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale vectors (N, D) to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: NDArray[np.float32] = vectors / np.maximum(lengths, np.finfo(np.float32).tiny)
    return unit.astype(np.float32)
