"""A longer context than the model was trained with, by YaRN (arXiv 2309.00071)."""

from __future__ import annotations

from typing import Any

# What is stretched, as the model cards give it; `max_position_embeddings` of config.json may be more.
_TRAINED_CONTEXT = {"qwen2_vl": 32_768, "qwen2_5_vl": 32_768, "qwen3_vl": 262_144}


def stretch_context(config: Any, factor: float) -> int:
    """The context in tokens. A factor above 1 makes the rotary positions of `config` YaRN's.

    config  of a Qwen2VLConfig, Qwen2_5_VLConfig or Qwen3VLConfig, not yet used by a model
    """
    text = config.text_config
    stated: int = text.max_position_embeddings
    if factor <= 1:
        return stated
    trained = min(_TRAINED_CONTEXT[config.model_type], stated)
    text.rope_parameters = text.rope_parameters | {
        "rope_type": "yarn",
        "factor": float(factor),
        "original_max_position_embeddings": trained,
    }
    text.max_position_embeddings = int(trained * factor)
    return int(trained * factor)
