"""Choose the device that a model runs on, and its precision."""

from __future__ import annotations

from typing import TYPE_CHECKING

from indexer.base.errors import EncoderUnavailable

if TYPE_CHECKING:
    import torch


def resolve_device(name: str) -> torch.device:
    """Return the device that `auto`, `cpu`, `cuda` or `cuda:N` names; `auto` prefers the GPU.

    Raises EncoderUnavailable for any other name and for a GPU that is not there.
    """
    import torch

    n_gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
    if name == "auto":
        return torch.device("cuda" if n_gpus else "cpu")
    kind, _, number = name.partition(":")
    if kind == "cpu" and not number:
        return torch.device("cpu")
    if kind != "cuda" or not (number or "0").isdecimal():
        raise EncoderUnavailable(f"device {name!r} is unknown: use auto, cpu, cuda or cuda:N")
    if int(number or 0) >= n_gpus:
        raise EncoderUnavailable(
            f"device {name!r} is not there ({n_gpus} GPUs seen): use device auto or cpu"
        )
    return torch.device(name)


def fastest_dtype(device: torch.device) -> torch.dtype:
    """Return bfloat16 where the hardware multiplies it (half the time at cosine .9999), else float32."""
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    cpu = torch.cpu.get_capabilities()
    return torch.bfloat16 if cpu.get("avx512_bf16") or cpu.get("amx_bf16") else torch.float32
