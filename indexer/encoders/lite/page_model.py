"""Which model reads pages where ONNX Runtime reads questions: torch, where it is the faster one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.base.lazy import Lazy
from indexer.encoders.lite.pieces import WindowModel
from indexer.encoders.options import Runtime


class LoadedByPages:
    """A WindowModel that is loaded with the first page: a process that only asks never imports torch."""

    def __init__(self, load: Callable[[], WindowModel], dim: int) -> None:
        self._model = Lazy(load)
        self.dim = dim

    def vectors(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """As `WindowModel.vectors`."""
        return self._model.get().vectors(windows)


def page_model(
    runtime: Runtime, model: WindowModel, load_torch: Callable[[], WindowModel]
) -> WindowModel:
    """Return what reads pages where `model`, of ONNX Runtime, reads questions.

    `auto` takes torch on processors that multiply bfloat16, where a page takes it three quarters of the time;
    on others it takes twice as long.
    """
    if runtime != "auto" or find_spec("torch") is None or not _multiplies_bfloat16():
        return model
    return LoadedByPages(load_torch, model.dim)


@cache
def _multiplies_bfloat16() -> bool:
    try:
        return "bf16" in Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return False
