"""MiniLM by ONNX Runtime: no torch is imported, and in float32 it takes half of torch's time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.lite.identity import HIDDEN
from indexer.encoders.lite.onnx_graph import mapped_tensors, minilm_graph
from indexer.encoders.onnx.session import GraphSession


class OnnxMiniLM:
    """Implements WindowModel; the arguments are MiniLM's.

    int8  multiply integers: twice as fast again, and another vector space (docs/experiments.md)

    Raises EncoderUnavailable for weights that are damaged.
    """

    def __init__(
        self,
        weights: Path,
        *,
        projection: NDArray[np.float32] | None = None,
        offset: NDArray[np.float32] | None = None,
        int8: bool = False,
    ) -> None:
        self.dim = HIDDEN if projection is None else projection.shape[1]
        tensors = mapped_tensors(weights)
        graph = minilm_graph(tensors, projection=projection, offset=offset, int8=int8)
        self._session = GraphSession(graph)
        self._one_by_one = int8

    def vectors(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """See WindowModel. Neighbours of equal length share a call, where they cannot change each other.

        Integers have one step for all tokens of a call, which the largest of them decides.
        """
        if self._one_by_one:
            runs = [np.array([window], np.int64) for window in windows]
        else:
            runs = [np.array(list(run), np.int64) for _, run in groupby(windows, len)]
        outputs = [self._session.run({"ids": ids})[0] for ids in runs]
        return np.concatenate([vectors.reshape(-1, self.dim) for vectors in outputs])
