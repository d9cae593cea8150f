"""Weights of a visual model from a local folder or the hub, checked to be complete.

transformers fills a tensor that is missing from a checkpoint with random numbers and prints a report;
here a missing or unexpected name is an error. Only safetensors are read: no code runs, none is fetched.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.visual import lora
from indexer.encoders.visual.key_maps import FAMILIES, Family
from indexer.encoders.visual.model_facts import VisualFacts

if TYPE_CHECKING:
    import torch
    from torch import Tensor

_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
_N_NAMED = 3  # names of tensors that an error lists


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`weights` holds the model, `processor` the tokenizer and image settings; `adapter` is merged in."""

    weights: Path
    processor: Path
    adapter: Path | None = None


def find_checkpoint(
    source: str,
    revision: str | None,
    *,
    base: str | None = None,
    base_revision: str | None = None,
) -> Checkpoint:
    """`source` is a folder or a hub id; where it holds a LoRA adapter, its base is found too.

    The base is `base`, else what the adapter names: a folder beside the adapter, a folder, or a hub id.
    Raises EncoderUnavailable when something is not there.
    """
    folder = _folder_of(source, revision)
    if not lora.is_adapter(folder):
        return Checkpoint(weights=folder, processor=folder)
    config = lora.adapter_config(folder)
    named = base or str(config.get("base_model_name_or_path") or "")
    if not named:
        raise EncoderUnavailable(
            f"{folder} is a LoRA adapter that names no base: add the base to it"
        )
    beside = folder / named
    found = (
        beside if beside.is_dir() else _folder_of(named, base_revision or config.get("revision"))
    )
    own_processor = (folder / "tokenizer_config.json").is_file()
    return Checkpoint(weights=found, processor=folder if own_processor else found, adapter=folder)


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
    except (
        OSError,
        ValueError,
    ) as error:  # the hub's errors are OSErrors; a malformed id a ValueError
        raise EncoderUnavailable(
            f"cannot get {source} (revision {revision or 'main'}) from the hub: download it on a machine "
            f"with access and name its folder ({type(error).__name__})"
        ) from error


def load_model(
    checkpoint: Checkpoint, facts: VisualFacts, dtype: torch.dtype, attention: str = "sdpa"
) -> Any:
    """The transformers model in evaluation mode on the CPU, projecting in float32.

    Raises EncoderUnavailable for a checkpoint of another kind, damaged, or not complete.
    """
    import transformers

    family = FAMILIES[facts.family]
    tensors = family.rename_all(read_tensors(checkpoint.weights))
    if checkpoint.adapter is not None:
        adapter = _read_file(checkpoint.adapter / lora.WEIGHTS)
        lora.merge_adapter(tensors, adapter, lora.adapter_config(checkpoint.adapter), family)
    config = _config(checkpoint.weights, family, tensors, facts)
    try:
        model, info = getattr(transformers, family.model_class).from_pretrained(
            None,
            config=config,
            state_dict=tensors,
            dtype=dtype,
            attn_implementation=attention,
            output_loading_info=True,
        )
    except RuntimeError as error:  # tensors of other shapes than config.json says
        raise EncoderUnavailable(
            f"{checkpoint.weights}: the weights do not fit config.json: {_one_line(error)}"
        ) from error
    _refuse_incomplete(info, checkpoint.weights, family)
    model.embedding_proj_layer.float()  # the model casts to its projection's dtype, and so normalises
    model.config.vlm_config.text_config.use_cache = False  # keys and values nobody will read
    return model.eval()


def read_tensors(folder: Path) -> dict[str, Tensor]:
    """All tensors of `model.safetensors`, or of the shards that its index names."""
    index = folder / "model.safetensors.index.json"
    names = {"model.safetensors"}
    if index.is_file():
        names = set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values())
    tensors: dict[str, Tensor] = {}
    for name in sorted(names):
        tensors |= _read_file(folder / Path(name).name)
    return tensors


def _read_file(path: Path) -> dict[str, Tensor]:
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        return load_file(path)
    except (OSError, SafetensorError) as error:
        what = "damaged" if path.is_file() else "missing"
        raise EncoderUnavailable(f"{path} is {what}: download the checkpoint again") from error


def _config(folder: Path, family: Family, tensors: dict[str, Tensor], facts: VisualFacts) -> Any:
    """The model's configuration; colpali-engine's checkpoints hold their backbone's, to be wrapped."""
    import transformers

    try:
        config = transformers.AutoConfig.from_pretrained(folder, local_files_only=True)
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(
            f"{folder} holds no readable config.json: name a folder of {facts.checkpoint}"
        ) from error
    projection = tensors.get("embedding_proj_layer.weight")
    if config.model_type in family.backbone_types and projection is not None:
        config = getattr(transformers, family.config_class)(
            vlm_config=config, embedding_dim=projection.shape[0]
        )
    if config.model_type != family.model_type:
        raise EncoderUnavailable(
            f"{folder} is a {config.model_type} model, not {family.model_type}: "
            f"name a folder of {facts.checkpoint} or choose another encoder"
        )
    if config.embedding_dim != facts.dim:
        raise EncoderUnavailable(
            f"{folder} makes vectors of {config.embedding_dim} numbers, {facts.name} of {facts.dim}"
        )
    return config


def _refuse_incomplete(info: dict[str, Any], folder: Path, family: Family) -> None:
    for kind in ("missing_keys", "unexpected_keys", "mismatched_keys"):
        names = sorted(map(str, info[kind]))
        if names:
            some = ", ".join(names[:_N_NAMED]) + (", ..." if len(names) > _N_NAMED else "")
            raise EncoderUnavailable(
                f"{folder} is not a complete {family.model_type} checkpoint: {len(names)} "
                f"{kind.replace('_', ' ')} ({some}): download it again"
            )


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:300]
