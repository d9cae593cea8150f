"""MaxSim as byaldi 0.0.7 and colpali-engine score: pages padded per batch of 128, one einsum each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import Pages
from tests.benchmarks.engine.protocol import Settings

BATCH = 128


class PaddedEinsum:
    """Padding of zeros is as theirs; here it never wins a maximum that matters."""

    def build(self, pages: Pages, folder: Path) -> None:
        """Nothing is kept on disk."""

    def open(self, pages: Pages, folder: Path) -> None:
        whole = torch.from_numpy(pages.vectors.astype(np.float32))
        self._pages = list(whole.split(np.diff(pages.offsets).tolist()))

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        return {"float32": [{}]}

    @torch.inference_mode()
    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        tokens = torch.from_numpy(query)[None]
        scores = []
        for start in range(0, len(self._pages), BATCH):
            batch = torch.nn.utils.rnn.pad_sequence(
                self._pages[start : start + BATCH], batch_first=True
            )
            similar = torch.einsum("bnd,csd->bcns", tokens, batch)
            scores.append(similar.max(dim=3)[0].sum(dim=2)[0])
        found: list[int] = torch.cat(scores).topk(min(k, len(self._pages))).indices.tolist()
        return found

    def bytes_per_page(self) -> float:
        return sum(page.numel() * 4 for page in self._pages) / len(self._pages)
