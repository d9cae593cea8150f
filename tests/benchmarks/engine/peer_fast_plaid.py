"""fast-plaid: PLAID's centroids and residuals. It needs a torch of its own, hence an environment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from fast_plaid.search import FastPlaid
from numpy.typing import NDArray

from tests.benchmarks.engine.corpus import Pages
from tests.benchmarks.engine.protocol import Settings, folder_bytes

# (centroids probed, pages scored in full): its default first
TRIED = ((8, 4096), (4, 512), (8, 512), (2, 64))


class FastPlaidIndex:
    def build(self, pages: Pages, folder: Path) -> None:
        vectors = [torch.from_numpy(pages.page(i).copy()) for i in range(len(pages))]
        # Below this many pages it would keep a copy of the vectors, to build anew at every update.
        FastPlaid(str(folder), device="cpu").create(vectors, start_from_scratch=0)

    def open(self, pages: Pages, folder: Path) -> None:
        self._index = FastPlaid(str(folder), device="cpu")
        self._bytes_per_page = folder_bytes(folder) / len(pages)

    def modes(self) -> Mapping[str, Sequence[Settings]]:
        return {"4 bits": [{"probe": probe, "full": full} for probe, full in TRIED]}

    def search(
        self, query: NDArray[np.float32], k: int, mode: str, settings: Settings
    ) -> list[int]:
        (found,) = self._index.search(
            torch.from_numpy(query)[None],
            top_k=k,
            n_full_scores=settings["full"],
            n_ivf_probe=settings["probe"],
            show_progress=False,
        )
        return [page for page, _ in found]

    def bytes_per_page(self) -> float:
        return self._bytes_per_page
