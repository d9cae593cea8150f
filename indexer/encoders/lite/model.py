"""all-MiniLM-L6-v2's forward pass over windows of any lengths, without padding.

BERT (Devlin et al., arXiv 1810.04805) written out: packed windows waste no work on padding, batch-mates
cannot see each other, and transformers need not be imported (half of the load time). A test holds it
equal to transformers' BertModel. Dimension key: N packed tokens, H hidden (384).
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain, groupby
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.encoders.device import fastest_dtype
from indexer.encoders.lite.identity import HIDDEN

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    Affine = tuple[Tensor, Tensor]  # weight, bias

_HEADS = 12
_LAYERS = 6
_NORM_EPS = 1e-12


class MiniLM:
    """Token ids of whole windows, [CLS] and [SEP] included -> last hidden states."""

    def __init__(
        self, weights: Path, device: torch.device, dtype: torch.dtype | None = None
    ) -> None:
        from safetensors.torch import load_file

        self.device = device
        self.dtype = dtype or fastest_dtype(device)
        stored = load_file(weights, device=str(device))
        floats = {k: v.to(self.dtype) for k, v in stored.items() if v.is_floating_point()}
        self._words = floats["embeddings.word_embeddings.weight"]
        self._places = (
            floats["embeddings.position_embeddings.weight"]
            + floats["embeddings.token_type_embeddings.weight"][0]
        )
        self._norm = _affine(floats, "embeddings.LayerNorm")
        self._layers = [_Layer(floats, f"encoder.layer.{i}.") for i in range(_LAYERS)]

    def hidden(self, windows: Sequence[Sequence[int]]) -> Tensor:
        """Windows of token ids -> (N, H) float32, the windows' rows one after another.

        Neighbours of equal length share an attention call: give windows sorted by length.
        """
        import torch

        lengths = [len(window) for window in windows]
        runs = [(len(list(same)), length) for length, same in groupby(lengths)]
        with torch.inference_mode():
            ids = torch.tensor(list(chain.from_iterable(windows)), device=self.device)
            places = torch.cat([self._places[:length] for length in lengths])
            x = _layer_norm(self._words[ids] + places, self._norm)
            for layer in self._layers:
                x = layer(x, runs)
            return x.float()


class _Layer:
    """One transformer layer; the three input projections are joined into one product."""

    def __init__(self, floats: dict[str, Tensor], prefix: str) -> None:
        import torch

        parts = [_affine(floats, f"{prefix}attention.self.{n}") for n in ("query", "key", "value")]
        self._qkv = (torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts]))
        self._out = _affine(floats, f"{prefix}attention.output.dense")
        self._out_norm = _affine(floats, f"{prefix}attention.output.LayerNorm")
        self._up = _affine(floats, f"{prefix}intermediate.dense")
        self._down = _affine(floats, f"{prefix}output.dense")
        self._down_norm = _affine(floats, f"{prefix}output.LayerNorm")

    def __call__(self, x: Tensor, runs: Sequence[tuple[int, int]]) -> Tensor:
        """x (N, H); runs of (windows, tokens in each) that cover the N rows in order."""
        from torch.nn.functional import gelu, linear

        mixed = _attend(linear(x, *self._qkv), runs)
        x = _layer_norm(x + linear(mixed, *self._out), self._out_norm)
        return _layer_norm(x + linear(gelu(linear(x, *self._up)), *self._down), self._down_norm)


def _attend(qkv: Tensor, runs: Sequence[tuple[int, int]]) -> Tensor:
    """(N, 3 H) -> (N, H): every window attends to itself alone."""
    import torch
    from torch.nn.functional import scaled_dot_product_attention

    parts: list[Tensor] = []
    start = 0
    for count, length in runs:
        rows = qkv[start : start + count * length]
        start += count * length
        q, k, v = rows.view(count, length, 3, _HEADS, -1).permute(2, 0, 3, 1, 4)
        heads = scaled_dot_product_attention(q, k, v)
        parts.append(heads.transpose(1, 2).reshape(count * length, HIDDEN))
    return torch.cat(parts)


def _affine(floats: dict[str, Tensor], name: str) -> Affine:
    return floats[f"{name}.weight"], floats[f"{name}.bias"]


def _layer_norm(x: Tensor, norm: Affine) -> Tensor:
    from torch.nn.functional import layer_norm

    return layer_norm(x, (HIDDEN,), *norm, _NORM_EPS)
