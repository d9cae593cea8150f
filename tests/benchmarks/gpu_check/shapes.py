"""How much is measured, on which device, and by which clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import torch

Figures = dict[str, float | str]


@dataclass(frozen=True, slots=True)
class Shape:
    """With `real` the 2B models' shape and random weights, else tiny ones: the same code, rehearsed."""

    device: torch.device
    real: bool

    def of(self, real: int, tiny: int) -> int:
        return real if self.real else tiny

    def clock(self) -> float:
        """Return seconds, once the device has done what it was given."""
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


@dataclass(frozen=True, slots=True)
class Check:
    """A measurement. `seconds`: what it takes on an H100 at most, with what it loads; an estimate."""

    name: str
    goal: str
    seconds: float
    run: Callable[[Shape], Figures]
