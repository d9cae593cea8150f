"""BERT's forward pass over windows of any lengths, without padding: MiniLM's, and others as wide.

Written out, not taken from transformers: packed windows waste no work on padding, batch-mates cannot see
each other, and transformers need not be imported (half of the load time). A test holds it equal to
transformers' BertModel. Dimension key: N packed tokens, H hidden (384), D dim of the vectors.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.checkpoints.devices import fastest_dtype
from indexer.encoders.lite.identity import BETA, HIDDEN

if TYPE_CHECKING:
    import torch
    from torch import Tensor


class MiniLM:
    """Implements WindowModel by torch: token ids of whole windows, [CLS] and [SEP] included.

    projection   (H, D), applied to the mixed vectors; without one they stay (N, H)
    offset       (D,), what all vectors have in common: it is taken away from each
    torchscript  run the forward pass as one call, where Python has it
    """

    def __init__(
        self,
        weights: Path,
        device: torch.device,
        dtype: torch.dtype | None = None,
        *,
        projection: NDArray[np.float32] | None = None,
        offset: NDArray[np.float32] | None = None,
        torchscript: bool = True,
    ) -> None:
        import torch
        from safetensors.torch import load_file

        from indexer.encoders.lite.forward import as_one_call, hidden_states, mixed_vectors

        self.device = device
        self.dtype = dtype or fastest_dtype(device)
        tensors = load_file(weights, device=str(device))
        floats = {k: v.to(self.dtype) for k, v in tensors.items() if v.is_floating_point()}
        self._words = floats["embeddings.word_embeddings.weight"]
        self._places = (
            floats["embeddings.position_embeddings.weight"]
            + floats["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _affine(floats, "embeddings.LayerNorm")
        n_layers = sum(name.endswith("attention.self.query.weight") for name in floats)
        self._layers = [_layer(floats, f"encoder.layer.{i}.") for i in range(n_layers)]
        self._states = as_one_call(hidden_states) if torchscript else hidden_states
        self._mix = as_one_call(mixed_vectors) if torchscript else mixed_vectors
        self._projection, self._offset = (
            None if array is None else torch.from_numpy(array).to(device)
            for array in (projection, offset)
        )
        self.dim = HIDDEN if projection is None else projection.shape[1]

    def vectors(self, windows: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """See WindowModel."""
        import torch

        hidden = self.hidden(windows)
        with torch.inference_mode():
            lengths = torch.tensor([*map(len, windows)], device=self.device)
            vectors = self._mix(hidden, lengths, BETA, self._projection)
            if self._offset is not None:
                vectors = vectors - self._offset
            rows: NDArray[np.float32] = vectors.cpu().numpy()
        return rows

    def hidden(self, windows: Sequence[Sequence[int]]) -> Tensor:
        """Windows of token ids -> (N, H) float32, the windows' rows one after another.

        Neighbours of equal length share an attention call: give windows sorted by length.
        """
        import torch

        runs = [(length, len(list(run))) for length, run in groupby(map(len, windows))]
        with torch.inference_mode():
            return self._states(
                torch.tensor(list(chain.from_iterable(windows)), device=self.device),
                [length for length, _ in runs],
                [count for _, count in runs],
                self._words,
                self._places,
                self._norm,
                self._layers,
            )


def _layer(floats: Mapping[str, Tensor], prefix: str) -> list[Tensor]:
    """What `hidden_states` wants of a layer; the three input projections are joined into one product."""
    import torch

    parts = [_affine(floats, f"{prefix}attention.self.{n}") for n in ("query", "key", "value")]
    return [
        torch.cat([weight for weight, _ in parts]),
        torch.cat([bias for _, bias in parts]),
        *_affine(floats, f"{prefix}attention.output.dense"),
        *_affine(floats, f"{prefix}attention.output.LayerNorm"),
        *_affine(floats, f"{prefix}intermediate.dense"),
        *_affine(floats, f"{prefix}output.dense"),
        *_affine(floats, f"{prefix}output.LayerNorm"),
    ]


def _affine(floats: Mapping[str, Tensor], name: str) -> list[Tensor]:
    return [floats[f"{name}.weight"], floats[f"{name}.bias"]]
