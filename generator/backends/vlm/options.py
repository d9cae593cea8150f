"""Options of loading a vision-language model: which weights, which device, which precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

DtypeName = Literal["auto", "bfloat16", "float16", "float32"]
Quantization = Literal["none", "4bit", "8bit"]
AttentionName = Literal["auto", "flash_attention_2", "sdpa", "eager"]


@dataclass(frozen=True, slots=True)
class VlmOptions:
    """How to load a model.

    checkpoint    a folder or a hub id (`owner/name` or `owner/name@revision`); None: the model's own
    dtype         `auto` is the device's fastest
    quantization  of the weights as they are loaded, by bitsandbytes; a quantised checkpoint needs none
    attention     `auto` is FlashAttention 2 where it is installed and can run, else sdpa
    yarn_factor   stretches the context (YaRN, arXiv 2309.00071); 1 leaves it alone
    """

    checkpoint: str | None = None
    device: str = "auto"
    dtype: DtypeName = "auto"
    quantization: Quantization = "none"
    attention: AttentionName = "auto"
    yarn_factor: float = 1.0


# The context to stretch, from the model cards; `max_position_embeddings` of config.json may be more.
_TRAINED_CONTEXT = {"qwen2_vl": 32_768, "qwen2_5_vl": 32_768, "qwen3_vl": 262_144}


def stretch_context(config: Any, factor: float) -> int:
    """Return the context in tokens. A factor above 1 sets YaRN for the rotary positions of `config`.

    config  of a Qwen2VLConfig, Qwen2_5_VLConfig or Qwen3VLConfig, not yet used by a model
    """
    text = config.text_config
    config_context: int = text.max_position_embeddings
    if factor <= 1:
        return config_context
    trained_context = min(_TRAINED_CONTEXT[config.model_type], config_context)
    text.rope_parameters = text.rope_parameters | {
        "rope_type": "yarn",
        "factor": float(factor),
        "original_max_position_embeddings": trained_context,
    }
    text.max_position_embeddings = int(trained_context * factor)
    return int(trained_context * factor)
