"""Find the files of a checkpoint in a folder or on the hub. Only safetensors are fetched, never code."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from indexer.base.errors import EncoderUnavailable

ADAPTER_CONFIG = "adapter_config.json"  # the names are peft's
ADAPTER_WEIGHTS = "adapter_model.safetensors"
# What a fingerprint calls a checkpoint that was given as a folder; its revision is its content.
LOCAL = "local folder"
_MAX_ADAPTERS = 8
_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The folders of a checkpoint.

    weights    the model, or the base that the adapters are merged into
    processor  the tokenizer and image settings
    adapters   LoRA adapters, in the order in which they are merged: one may have been trained over another
    """

    weights: Path
    processor: Path
    adapters: tuple[Path, ...] = ()


def split_revision(source: str) -> tuple[str, str | None]:
    """Return the folder or hub id of `owner/name@revision`, and the revision; None if it names none."""
    if Path(source).exists():
        return source, None
    name, _, revision = source.partition("@")
    return name, revision or None


def find_checkpoint(
    source: str,
    revision: str | None,
    *,
    base: str | None = None,
    base_revision: str | None = None,
) -> Checkpoint:
    """Find a checkpoint in a folder or under a hub id; if it is a LoRA adapter, find its base too.

    The base is `base`, else the one that the adapter names: a folder beside the adapter, a folder, or a
    hub id. It may be an adapter, too. Raises EncoderUnavailable when something is not there.
    """
    return _checkpoint_of(_folder_of(source, revision), base, base_revision)


def _checkpoint_of(
    folder: Path, base: str | None, base_revision: str | None, n_adapters: int = 0
) -> Checkpoint:
    if not (folder / ADAPTER_CONFIG).is_file():
        return Checkpoint(weights=folder, processor=folder)
    if n_adapters == _MAX_ADAPTERS:
        raise EncoderUnavailable(f"{folder} is an adapter over itself, or over too many others")
    config = adapter_config(folder)
    base_source = base or str(config.get("base_model_name_or_path") or "")
    if not base_source:
        raise EncoderUnavailable(
            f"{folder} is a LoRA adapter that names no base: add the base to it"
        )
    weights = folder / base_source
    if not weights.is_dir():
        weights = _folder_of(base_source, base_revision or config.get("revision"))
    below = _checkpoint_of(weights, None, None, n_adapters + 1)
    own_processor = (folder / "tokenizer_config.json").is_file()
    return Checkpoint(
        below.weights,
        processor=folder if own_processor else below.processor,
        adapters=(*below.adapters, folder),
    )


def adapter_config(folder: Path) -> dict[str, Any]:
    """Read the configuration of a LoRA adapter. Raises EncoderUnavailable for a file that is not peft's."""
    path = folder / ADAPTER_CONFIG
    try:
        config = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        config = None
    if not isinstance(config, dict):
        raise EncoderUnavailable(f"{path} is damaged: download it again")
    return config


def _folder_of(source: str, revision: str | None) -> Path:
    folder = Path(source).expanduser()
    if folder.is_dir():
        return folder
    if source.count("/") != 1 or source.startswith(("/", ".", "~")):
        raise EncoderUnavailable(
            f"{source} is not a folder: give a checkpoint's folder or a hub id"
        )
    from huggingface_hub import snapshot_download

    try:
        return Path(snapshot_download(source, revision=revision, allow_patterns=_FILES))
    # The hub's errors are OSErrors; a malformed id is a ValueError.
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(
            f"cannot get {source} (revision {revision or 'main'}) from the hub: download it on a machine "
            f"with access and name its folder ({type(error).__name__})"
        ) from error
