"""Choose the device that a model runs on, and its precision."""

from __future__ import annotations

import time
from functools import cache
from typing import TYPE_CHECKING

from indexer.base.errors import EncoderUnavailable

if TYPE_CHECKING:
    import torch

_TRIED_TOKENS, _TRIED_WIDTH = 256, 384
_TRIES = 8
_LEAST_GAIN = 0.9  # of the time: less is noise


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
    """Return bfloat16 where the hardware multiplies it faster (at cosine .9999), else float32.

    On a CPU that has instructions for it both are tried: with avx512_bf16 and without AMX, bfloat16 took
    .38 of the time on one machine and 1.34 of it on another.
    """
    import torch

    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    cpu = torch.cpu.get_capabilities()
    may_be_faster = cpu.get("avx512_bf16") or cpu.get("amx_bf16")
    return torch.bfloat16 if may_be_faster and _multiplies_bfloat16_faster() else torch.float32


@cache
def _multiplies_bfloat16_faster() -> bool:
    return bfloat16_time() < _LEAST_GAIN


def bfloat16_time() -> float:
    """Return what bfloat16 takes of the time of float32, tried in some ten ms.

    It multiplies as an encoder's layer does; the best of several tries counts, and of those only the time of
    this thread. By the clock on the wall two of twelve servers, which loaded their encoder while requests
    waited on a busy machine, chose otherwise than their neighbours: scores were .01 apart.
    """
    import torch

    dtypes = (torch.float32, torch.bfloat16)
    times: dict[torch.dtype, list[float]] = {dtype: [] for dtype in dtypes}
    with torch.inference_mode():
        layers = {
            dtype: (
                torch.ones(_TRIED_TOKENS, _TRIED_WIDTH, dtype=dtype),
                torch.ones(4 * _TRIED_WIDTH, _TRIED_WIDTH, dtype=dtype),
            )
            for dtype in dtypes
        }
        for dtype in dtypes * _TRIES:
            began = time.thread_time()
            torch.nn.functional.linear(*layers[dtype])
            times[dtype].append(time.thread_time() - began)
    return min(times[torch.bfloat16]) / min(times[torch.float32])
