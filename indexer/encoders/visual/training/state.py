"""What the next step of a training depends on: put down from time to time, and found again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.messages import one_line

if TYPE_CHECKING:
    from torch import Tensor
    from torch.optim import Optimizer

_STATE = "training.pt"


class TrainingState:
    """Weights that are being learnt, the optimizer's moments, and how many steps are done."""

    def __init__(self, folder: Path, weights: Sequence[Tensor], optimizer: Optimizer) -> None:
        self._folder = folder
        self._weights = weights
        self._optimizer = optimizer

    def restore(self) -> int:
        """Load what was put down; return how many steps that is."""
        import torch

        path = self._folder / _STATE
        if not path.is_file():
            return 0
        try:
            state = torch.load(path, map_location=self._weights[0].device, weights_only=True)
            for weight, values in zip(self._weights, state["weights"], strict=True):
                weight.data.copy_(values)
            self._optimizer.load_state_dict(state["optimizer"])
        except (OSError, RuntimeError, ValueError, KeyError) as error:
            raise EncoderUnavailable(
                f"{path} cannot be gone on with: train with --restart ({one_line(error, 200)})"
            ) from error
        return int(state["steps"])

    def put_down(self, n_steps: int) -> None:
        """Write all that the next step depends on, in the place of what was there."""
        import torch

        state = {
            "steps": n_steps,
            "weights": [weight.detach() for weight in self._weights],
            "optimizer": self._optimizer.state_dict(),
        }
        part = self._folder / f"{_STATE}.part"
        with part.open("wb") as file:
            torch.save(state, file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(self._folder / _STATE)
