"""Which model reads questions and which reads pages: ONNX Runtime's, or torch's where that is faster."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexer.base.lazy import Lazy
from indexer.encoders.checkpoints.devices import resolve_device
from indexer.encoders.lite.pieces import WindowModel
from indexer.encoders.onnx.session import require_processor
from indexer.encoders.options import Runtime

if TYPE_CHECKING:
    import torch

_GPU = Path("/dev/nvidiactl")  # there where a driver of NVIDIA is


class Runtimes(NamedTuple):
    """A WindowModel by ONNX Runtime, and one by torch for a device; neither is loaded yet."""

    by_onnx: Callable[[], WindowModel]
    by_torch: Callable[[torch.device], WindowModel]


class LoadedByPages:
    """A WindowModel that is loaded with the first page: a process that only asks never imports torch."""

    def __init__(self, load: Callable[[], WindowModel], dim: int) -> None:
        self._model = Lazy(load)
        self.dim = dim

    def vectors(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """As `WindowModel.vectors`."""
        return self._model.get().vectors(windows)


def load_models(
    name: str, device: str, runtime: Runtime, runtimes: Runtimes, *, one_thread: bool = False
) -> tuple[WindowModel, WindowModel]:
    """Return what reads questions and what reads pages, for encoder `name`; mostly one model.

    `auto` leaves GPUs to torch, without importing it to look for one, and pages on processors that multiply
    bfloat16, where a page takes it three quarters of the time; on others it takes twice as long.

    one_thread  give torch no more than one

    Raises EncoderUnavailable for a device that is not there, or not for ONNX Runtime.
    """

    def load_torch() -> WindowModel:
        if one_thread:
            import torch

            torch.set_num_threads(1)
        return runtimes.by_torch(resolve_device(device))

    on_processor = device == "cpu" or (device == "auto" and not _GPU.exists())
    if runtime == "torch" or (runtime == "auto" and not on_processor):
        model = load_torch()
        return model, model
    require_processor(name, device)
    model = runtimes.by_onnx()
    if runtime == "onnx" or find_spec("torch") is None or not _multiplies_bfloat16():
        return model, model
    return model, LoadedByPages(load_torch, model.dim)


@cache
def _multiplies_bfloat16() -> bool:
    try:
        return "bf16" in Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return False
