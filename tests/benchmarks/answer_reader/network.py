"""The reader: MiniLM with a low-rank adapter, a head that ranks windows, heads for both ends of a span.

The windows are packed as in `indexer/encoders/lite/forward.py`, whose forward pass this is, with gradients.

Dimension key: N packed pieces, W windows, H hidden (384), R rank.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

from tests.benchmarks.answer_reader.windows import Window

_HEADS, _EPS = 12, 1e-12
_MATRICES = (
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
)
_NORMS = ("attention.output.LayerNorm", "output.LayerNorm")


class Scores(NamedTuple):
    """rank (W,) of each window; start and end, one tensor for each window, over its passage's pieces."""

    rank: Tensor
    start: list[Tensor]
    end: list[Tensor]


class Adapted(nn.Module):
    """A frozen matrix with a low-rank product added to it."""

    def __init__(self, weight: Tensor, bias: Tensor, rank: int) -> None:
        super().__init__()
        self.weight, self.bias = weight, bias
        self.down = nn.Parameter(torch.randn(rank, weight.shape[1]) / math.sqrt(weight.shape[1]))
        self.up = nn.Parameter(torch.zeros(weight.shape[0], rank))

    def forward(self, x: Tensor) -> Tensor:
        return linear(x, self.weight, self.bias) + 2 * linear(linear(x, self.down), self.up)

    def merged(self) -> Tensor:
        return self.weight + 2 * self.up.detach() @ self.down.detach()


class Reader(nn.Module):
    """`weights` is MiniLM's safetensors file."""

    def __init__(self, weights: Path, rank: int) -> None:
        super().__init__()
        tensors = load_file(weights)
        self.words = tensors["embeddings.word_embeddings.weight"]
        self.places = (
            tensors["embeddings.position_embeddings.weight"]
            + tensors["embeddings.token_type_embeddings.weight"][0]
        )
        self.first_norm = [tensors[f"embeddings.LayerNorm.{part}"] for part in ("weight", "bias")]
        self.layers = nn.ModuleList()
        for i in range(6):
            prefix = f"encoder.layer.{i}."
            layer = nn.ModuleDict()
            for name in _MATRICES:
                weight, bias = (tensors[f"{prefix}{name}.{part}"] for part in ("weight", "bias"))
                layer[name.replace(".", "_")] = Adapted(weight, bias, rank)
            for name in _NORMS:
                norm = nn.LayerNorm(self.words.shape[1], _EPS)
                norm.weight.data = tensors[f"{prefix}{name}.weight"].clone()
                norm.bias.data = tensors[f"{prefix}{name}.bias"].clone()
                layer[name.replace(".", "_")] = norm
            self.layers.append(layer)
        hidden = self.words.shape[1]
        self.rank = nn.Linear(2 * hidden, 1)
        self.ends = nn.Linear(hidden, 2)
        self.of_span = nn.Parameter(torch.tensor(0.25))
        for head in (self.rank, self.ends):
            nn.init.normal_(head.weight, std=0.02)
            nn.init.zeros_(head.bias)

    def forward(self, windows: Sequence[Window]) -> Scores:
        order = sorted(range(len(windows)), key=lambda i: len(windows[i].ids))
        lengths = [len(windows[i].ids) for i in order]
        x = self._hidden([windows[i].ids for i in order], lengths)
        rank: list[Tensor] = [x.new_zeros(())] * len(windows)
        starts, ends = list(rank), list(rank)
        both = self.ends(x)
        at = 0
        for i, length in zip(order, lengths, strict=True):
            first, last = at + windows[i].start, at + length - 1
            starts[i], ends[i] = both[first:last, 0], both[first:last, 1]
            own = self.rank(torch.cat([x[at], x[first:last].mean(0)]))[0]
            spans = starts[i].logsumexp(0) + ends[i].logsumexp(0) - 2 * math.log(last - first)
            rank[i] = own + self.of_span * spans
            at += length
        return Scores(torch.stack(rank), starts, ends)

    def _hidden(self, ids: Sequence[Sequence[int]], lengths: Sequence[int]) -> Tensor:
        """Return the last states (N, H) of windows sorted by length."""
        runs: list[tuple[int, int]] = []
        for length in lengths:
            if runs and runs[-1][0] == length:
                runs[-1] = (length, runs[-1][1] + 1)
            else:
                runs.append((length, 1))
        at = torch.cat([self.places[:length].repeat(count, 1) for length, count in runs])
        width = [self.words.shape[1]]
        x = self.words[torch.tensor([i for window in ids for i in window])] + at
        x = layer_norm(x, width, *self.first_norm, _EPS)
        for layer in self.layers:
            q, k, v = (layer[f"attention_self_{name}"](x) for name in ("query", "key", "value"))
            outputs = []
            start = 0
            for length, count in runs:
                stop = start + count * length
                parts = [
                    part[start:stop].view(count, length, _HEADS, -1).transpose(1, 2)
                    for part in (q, k, v)
                ]
                mixed = scaled_dot_product_attention(*parts)
                outputs.append(mixed.transpose(1, 2).reshape(stop - start, -1))
                start = stop
            x = x + layer["attention_output_dense"](torch.cat(outputs))
            x = layer["attention_output_LayerNorm"](x)
            x = x + layer["output_dense"](gelu(layer["intermediate_dense"](x)))
            x = layer["output_LayerNorm"](x)
        return x
