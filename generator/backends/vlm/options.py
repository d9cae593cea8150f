"""How a vision-language model is loaded: which weights, where to, in which precision."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

DtypeName = Literal["auto", "bfloat16", "float16", "float32"]
Quantization = Literal["none", "4bit", "8bit"]
AttentionName = Literal["auto", "flash_attention_2", "sdpa", "eager"]


@dataclass(frozen=True, slots=True)
class VlmOptions:
    """checkpoint    a folder or a hub id (`owner/name` or `owner/name@revision`); None for the model's own
    dtype         `auto` is the device's fastest
    quantization  of the weights while they are loaded, by bitsandbytes; a checkpoint that is quantised
                  already says so itself
    attention     `auto` is FlashAttention 2 where it is installed and can run, else sdpa
    yarn_factor   the context is stretched by it (YaRN, arXiv 2309.00071); 1 leaves it alone
    """

    checkpoint: str | None = None
    device: str = "auto"
    dtype: DtypeName = "auto"
    quantization: Quantization = "none"
    attention: AttentionName = "auto"
    yarn_factor: float = 1.0
