"""What the files of a checkpoint say of its modules and its dimension. No model is loaded."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.checkpoints.contents import content_revision
from indexer.encoders.checkpoints.discovery import (
    LOCAL,
    Checkpoint,
    find_checkpoint,
    split_revision,
)
from indexer.encoders.options import EncoderOptions

NAME = "colbert"
_KNOWN_CODE = ("sentence_transformers.", "pylate.")  # the second is read by the first
_REMEDY = "set PAGESIGHT_ENCODER_CHECKPOINT to a text model for MultiVectorEncoder of sentence-transformers"


def fingerprint_for(options: EncoderOptions) -> EncoderFingerprint:
    """Return the fingerprint of a checkpoint, from its files.

    Raises EncoderUnavailable where there is none, and for options that the encoder does not have.
    """
    options.require_no_visual_tokens(NAME)
    return _fingerprint_of(folder_of(options), options.checkpoint or "")


def folder_of(options: EncoderOptions) -> Path:
    """Return the folder of the checkpoint, fetched where it is not here. Raises EncoderUnavailable."""
    if options.checkpoint is None:
        raise EncoderUnavailable(f"the {NAME} encoder has no weights of its own: {_REMEDY}")
    return find_checkpoint(*split_revision(options.checkpoint)).weights


@lru_cache(maxsize=4)
def _fingerprint_of(folder: Path, source: str) -> EncoderFingerprint:
    dim = _dim(folder)
    if Path(source).expanduser().is_dir():
        return EncoderFingerprint(NAME, LOCAL, content_revision(Checkpoint(folder, folder)), dim)
    return EncoderFingerprint(NAME, split_revision(source)[0], folder.name, dim)


def _dim(folder: Path) -> int:
    """Return the length of a checkpoint's vectors. Raises EncoderUnavailable for files of another kind."""
    modules = _load_json(folder / "modules.json")
    if not isinstance(modules, list) or not modules:
        raise EncoderUnavailable(f"{folder} has no list of modules: {_REMEDY}")
    dim = 0
    for module in modules:
        kind, path = str(module.get("type")), folder / str(module.get("path"))
        if not kind.startswith(_KNOWN_CODE):
            raise EncoderUnavailable(f"{folder} asks for code of its own ({kind}): {_REMEDY}")
        if any(path.glob("*.bin")) and not any(path.glob("*.safetensors")):
            raise EncoderUnavailable(
                f"{path} has weights that can hold code: save them as safetensors"
            )
        config = _load_json(path / "config.json") if (path / "config.json").is_file() else {}
        dim = int(config.get("out_features") or (0 if dim else config.get("hidden_size", 0)) or dim)
    if not dim:
        raise EncoderUnavailable(f"{folder} does not say how long its vectors are: {_REMEDY}")
    return dim


def _load_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(f"{path} cannot be read: {_REMEDY}") from error
