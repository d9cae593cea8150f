"""Build a visual model from a checkpoint's tensors, checked to be complete."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.contents import (
    read_tensor_file,
    read_tensors,
    refuse_incomplete,
)
from indexer.encoders.checkpoints.discovery import ADAPTER_WEIGHTS, Checkpoint, adapter_config
from indexer.encoders.checkpoints.messages import one_line
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.families import family_of
from indexer.encoders.visual.family import Family
from indexer.encoders.visual.lora import merge_adapter

if TYPE_CHECKING:
    from pathlib import Path

    import torch
    from torch import Tensor


def load_model(
    checkpoint: Checkpoint, facts: VisualFacts, dtype: torch.dtype, attention: str = "sdpa"
) -> Any:
    """Return the transformers model in evaluation mode on the CPU, projecting in float32.

    Raises EncoderUnavailable for a checkpoint of another kind, damaged, or not complete.
    """
    import transformers

    family = family_of(facts)
    tensors = family.rename_all(read_tensors(checkpoint.weights))
    for folder in checkpoint.adapters:
        adapter = read_tensor_file(folder / ADAPTER_WEIGHTS)
        merge_adapter(tensors, adapter, adapter_config(folder), family.rename)
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
            f"{checkpoint.weights}: the weights do not fit config.json: {one_line(error)}"
        ) from error
    refuse_incomplete(info, checkpoint.weights, family.model_type)
    model.embedding_proj_layer.float()  # the model casts to its projection's dtype, and so normalises
    model.config.vlm_config.text_config.use_cache = False  # keys and values that nobody reads
    return model.eval()


def _config(folder: Path, family: Family, tensors: dict[str, Tensor], facts: VisualFacts) -> Any:
    """Read the configuration; wrap it where a colpali-engine checkpoint holds its backbone's only."""
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
