"""Products with the weights of a model, in the precision that a file is written for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.onnx.graph import CONTRIB, Graph

Precision = Literal["fp32", "fp16", "int8"]
_BLOCK = 32  # weights that share a step
_INT8_SUMS = (
    4  # ONNX Runtime's number for products of integers, blocks of activations having steps, too
)
_FLOAT32 = 1  # ONNX's number for the type
_TINY = np.finfo(np.float32).tiny


class Products:
    """Adds products and norms to a graph, their weights by the names of transformers.

    fp16  halves the file; numbers are float32 again once it is loaded
    int8  a quarter of the memory: blocks of 32 weights have a step, and what meets them is rounded likewise
    """

    def __init__(
        self, graph: Graph, weights: Mapping[str, NDArray[np.float32]], precision: Precision
    ) -> None:
        self.graph = graph
        self._weights = weights
        self._precision = precision

    def as_kept(self, name: str) -> str:
        """Return a weight as it is kept: of half precision, unless all are whole."""
        values = self._weights[name]
        return self.graph.weight(
            name, values if self._precision == "fp32" else values.astype(np.float16)
        )

    def linear(self, name: str, x: str) -> str:
        """x (length, in) times the weight (out, in), and the bias, if there is one."""
        weight = self._weights[f"{name}.weight"]
        weight = weight.reshape(len(weight), -1)  # a convolution whose windows do not overlap
        if self._precision == "int8":
            x = self._int8(name, weight, x)
        else:
            stored_type = np.float32 if self._precision == "fp32" else np.float16
            columns = self.graph.weight(f"{name}.weight", weight.T.astype(stored_type))
            x = self.graph.node("MatMul", x, self._whole(columns))
        bias = self._weights.get(f"{name}.bias")
        return (
            x
            if bias is None
            else self.graph.node("Add", x, self.graph.weight(f"{name}.bias", bias))
        )

    def gated_layer(self, name: str, x: str) -> str:
        """down(SiLU(gate(x)) * up(x)) (Shazeer, arXiv 2002.05202)."""
        gate = self.linear(f"{name}gate_proj", x)
        gate = self.graph.node("Mul", gate, self.graph.node("Sigmoid", gate))
        up = self.graph.node("Mul", gate, self.linear(f"{name}up_proj", x))
        return self.linear(f"{name}down_proj", up)

    def layer_norm(self, name: str, x: str, epsilon: float) -> str:
        parts = (self._plain(f"{name}.{kind}") for kind in ("weight", "bias"))
        return self.graph.node("LayerNormalization", x, *parts, epsilon=epsilon)

    def rms_norm(self, name: str, x: str, epsilon: float) -> str:
        """x over the root of its mean square (Zhang & Sennrich, arXiv 1910.07467)."""
        graph = self.graph
        last = graph.constant(np.array([-1]))
        mean = graph.node("ReduceMean", graph.node("Mul", x, x), last, keepdims=1)
        mean = graph.node("Add", mean, graph.constant(np.array(epsilon, np.float32)))
        unit_root = graph.node("Div", x, graph.node("Sqrt", mean))
        return graph.node("Mul", unit_root, self._plain(f"{name}.weight"))

    def _plain(self, name: str) -> str:
        return self.graph.weight(name, self._weights[name])

    def _whole(self, weight: str) -> str:
        return weight if self._precision == "fp32" else self.graph.node("Cast", weight, to=_FLOAT32)

    def _int8(self, name: str, weight: NDArray[np.float32], x: str) -> str:
        n_out, n_in = weight.shape
        n_blocks = -(-n_in // _BLOCK)
        blocks = np.zeros((n_out, n_blocks * _BLOCK), np.float32)
        blocks[:, :n_in] = weight
        blocks = blocks.reshape(n_out, n_blocks, _BLOCK)
        steps = np.abs(blocks).max(axis=2) / 127
        integers = (
            np.rint(blocks / np.maximum(steps, _TINY)[..., None]) + 128
        )  # 128 stands for zero
        return self.graph.node(
            "MatMulNBits",
            x,
            self.graph.weight(f"{name}.integers", integers.astype(np.uint8)),
            self.graph.weight(f"{name}.steps", steps.astype(np.float32)),
            domain=CONTRIB,
            K=n_in,
            N=n_out,
            bits=8,
            block_size=_BLOCK,
            accuracy_level=_INT8_SUMS,
        )
