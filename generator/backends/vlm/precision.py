"""Chooses dtype, attention and quantisation of a model.

What cannot run is refused here, with the package that is missing, before gigabytes are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from generator.backends.vlm.options import AttentionName, DtypeName, Quantization
from generator.errors import GeneratorUnavailable
from indexer.encoders.checkpoints.devices import fastest_dtype

if TYPE_CHECKING:
    import torch

# The packages that transformers 5.23 asks for, by `quant_method` of config.json. FP8 is widened to
# bfloat16 on a device without it.
_PACKAGES: dict[str, tuple[str, ...]] = {
    "awq": ("gptqmodel", "accelerate"),
    "gptq": ("gptqmodel", "optimum", "accelerate"),
    "fp8": ("accelerate",),
    "fbgemm_fp8": ("fbgemm_gpu", "accelerate"),
    "compressed-tensors": ("compressed_tensors",),
    "bitsandbytes": ("bitsandbytes", "accelerate"),
}
_NEEDS_GPU = frozenset({"awq", "gptq", "fbgemm_fp8", "bitsandbytes"})
_OURS = ("bitsandbytes", "accelerate")


def choose_dtype(name: DtypeName, device: torch.device) -> torch.dtype:
    import torch

    if name == "auto":
        return fastest_dtype(device)
    dtype: torch.dtype = getattr(torch, name)
    return dtype


def choose_attention(name: AttentionName, device: torch.device, dtype: torch.dtype) -> str:
    """Choose the attention. Raises GeneratorUnavailable when FlashAttention is named and cannot run."""
    import torch

    is_installed = find_spec("flash_attn") is not None
    can_run = is_installed and device.type == "cuda" and dtype != torch.float32
    if name == "auto":
        return "flash_attention_2" if can_run else "sdpa"
    if name == "flash_attention_2" and not can_run:
        missing = "the package flash-attn" if not is_installed else "a GPU and a dtype of 16 bits"
        raise GeneratorUnavailable(
            f"flash_attention_2 needs {missing}: set PAGESIGHT_VLM_ATTENTION to auto or sdpa"
        )
    return name


def quantization_config(
    quantization: Quantization,
    stored_config: Mapping[str, Any] | None,
    device: torch.device,
    dtype: torch.dtype,
) -> Any:
    """Return what `from_pretrained` takes; None for weights as they are, or quantised by their checkpoint.

    stored_config  `quantization_config` of config.json

    Raises GeneratorUnavailable when such weights cannot be loaded here.
    """
    if stored_config is not None:
        _check_stored(quantization, stored_config, device)
        return None
    if quantization == "none":
        return None
    missing = _missing(_OURS)
    if missing or device.type != "cuda":
        needs = f"the packages {missing}" if missing else "a GPU"
        fix = f"pip install {missing}, or unset" if missing else "set PAGESIGHT_DEVICE, or unset"
        raise GeneratorUnavailable(
            f"{quantization} weights need {needs}: {fix} PAGESIGHT_VLM_QUANTIZATION"
        )
    from transformers import BitsAndBytesConfig

    if quantization == "8bit":
        return BitsAndBytesConfig(load_in_8bit=True)
    # NF4 with its constants quantised again: QLoRA, arXiv 2305.14314
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=dtype,
    )


def _check_stored(
    quantization: Quantization, stored_config: Mapping[str, Any], device: torch.device
) -> None:
    default = "bitsandbytes" if "load_in_4bit" in stored_config else ""
    method = str(stored_config.get("quant_method", default))
    if quantization != "none":
        raise GeneratorUnavailable(
            f"the checkpoint is quantised already ({method}): unset PAGESIGHT_VLM_QUANTIZATION"
        )
    if method not in _PACKAGES:
        raise GeneratorUnavailable(
            f"the checkpoint is quantised by {method or 'an unnamed method'}, which is not supported: "
            f"take one of {', '.join(_PACKAGES)}, or one in bfloat16"
        )
    missing = _missing(_PACKAGES[method])
    if missing:
        raise GeneratorUnavailable(
            f"a checkpoint quantised by {method} needs {missing}: pip install {missing}, or take a "
            "checkpoint in bfloat16"
        )
    if method in _NEEDS_GPU and device.type != "cuda":
        raise GeneratorUnavailable(
            f"a checkpoint quantised by {method} needs a GPU: set PAGESIGHT_DEVICE, or take a checkpoint "
            "in bfloat16"
        )


def _missing(packages: tuple[str, ...]) -> str:
    return " ".join(name.replace("_", "-") for name in packages if find_spec(name) is None)
