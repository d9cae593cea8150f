"""MiniLM as two functions of tensors, each of which torch can run as one call.

A batch is 150 calls into torch, and each of them asks for the interpreter's lock again: a service that was
busy with its other requests kept a search waiting for a quarter of its time. As TorchScript a function gives
the lock away once; alone, a question takes two thirds of the time, and the numbers are the same to the last
bit. TorchScript is deprecated, and not supported from Python 3.14 on: there the functions run as they stand.
PAGESIGHT_TORCHSCRIPT switches it off; `python -m tests.benchmarks tricks` says what it is worth.

Importing this loads torch. Dimension key: N packed tokens, W windows of T tokens, H hidden (384), D dim of
the vectors.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from typing import TypeVar, cast

import torch
from torch import Tensor
from torch.nn.functional import gelu, layer_norm, linear, normalize, scaled_dot_product_attention

Function = TypeVar("Function", bound=Callable[..., Tensor])


def as_one_call(function: Function) -> Function:
    """Compile the function where that is possible."""
    if sys.version_info >= (3, 14):
        return function
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return cast(Function, torch.jit.script(function))


def hidden_states(
    ids: Tensor,
    lengths: list[int],
    counts: list[int],
    words: Tensor,
    places: Tensor,
    norm: list[Tensor],
    layers: list[list[Tensor]],
) -> Tensor:
    """BERT's forward pass (Devlin et al., arXiv 1810.04805) over packed windows -> (N, H) float32.

    ids     (N,) of runs of windows: `counts[i]` windows of `lengths[i]` tokens each
    words   (vocabulary, H) and places (longest window, H): embeddings
    norm    weight and bias of their layer norm
    layers  weights and biases of each: joint query, key and value; output; its norm; up; down; its norm
    """
    heads, eps = 12, 1e-12
    width = [words.size(1)]
    at = torch.cat([places[: lengths[i]].repeat(counts[i], 1) for i in range(len(lengths))])
    x = layer_norm(words[ids] + at, width, norm[0], norm[1], eps)
    for layer in layers:
        qkv = linear(x, layer[0], layer[1])
        window_outputs: list[Tensor] = []
        start = 0
        for i in range(len(lengths)):  # every window attends to itself alone
            stop = start + counts[i] * lengths[i]
            parts = qkv[start:stop].view(counts[i], lengths[i], 3, heads, -1)
            q, k, v = parts.permute(2, 0, 3, 1, 4).unbind(0)
            window_outputs.append(_attention(q, k, v).transpose(1, 2).reshape(stop - start, -1))
            start = stop
        x = x + linear(torch.cat(window_outputs), layer[2], layer[3])
        x = layer_norm(x, width, layer[4], layer[5], eps)
        x = x + linear(gelu(linear(x, layer[6], layer[7])), layer[8], layer[9])
        x = layer_norm(x, width, layer[10], layer[11], eps)
    return x.float()


def _attention(q: Tensor, k: Tensor, v: Tensor) -> Tensor:
    """Attention of W windows (W, heads, T, 32) -> the same shape.

    For bfloat16 on a processor it is written as two products: torch's own takes 1.7 times as long over heads
    of 32, which made it two fifths of a page's time. One window at a time, as the logits of several are so
    large that the system is asked for their memory, and takes it back, in each layer: a fifth of the time.
    """
    if q.dtype != torch.bfloat16 or q.is_cuda:
        return scaled_dot_product_attention(q, k, v)
    scale = q.size(3) ** -0.5
    outputs: list[Tensor] = []
    for i in range(q.size(0)):
        logits = torch.baddbmm(q.new_zeros(1), q[i], k[i].transpose(1, 2), beta=0, alpha=scale)
        outputs.append(torch.bmm(torch.softmax(logits, -1), v[i]))
    return torch.stack(outputs)


def mixed_vectors(
    hidden: Tensor, lengths: Tensor, beta: float, projection: Tensor | None
) -> Tensor:
    """States (N, H) of windows of `lengths` (W,) -> (N, D): the window's mean mixed in, then projected.

    The mean weighs `beta` beside a token of length one; rows have length one before the projection (H, D).
    """
    tokens = normalize(hidden, dim=-1)
    window = torch.repeat_interleave(lengths)  # of each row
    sums = tokens.new_zeros([lengths.size(0), tokens.size(1)]).index_add_(0, window, tokens)
    means = sums / lengths.unsqueeze(1)
    vectors = normalize(tokens + beta * means[window], dim=-1)
    return vectors if projection is None else vectors @ projection
