"""MiniLM as an ONNX graph: ids of windows in, finished vectors out; the weights of torch's file as they are.

Windows of one call are equally long, so nothing is padded or masked. The steps are those of `forward.py`; a
test compares. Dimension key: B windows, L tokens of each, H hidden (384), D dim of the vectors.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.lite.identity import BETA, HIDDEN
from indexer.encoders.onnx.graph import CONTRIB, Graph

_HEADS = 12
_EPSILON = 1e-12
_STORED_TYPES = {"F32": np.float32, "F16": np.float16}
Weights = Mapping[str, NDArray[np.float32]]
Product = Callable[[Graph, str, NDArray[np.float32], NDArray[np.float32]], str]


def minilm_graph(
    weights: Weights,
    *,
    projection: NDArray[np.float32] | None = None,
    offset: NDArray[np.float32] | None = None,
    int8: bool = False,
) -> Graph:
    """Return the graph `ids` (B, L) int64 -> `vectors` (B, L, D) float32.

    weights     by BERT's names; see MiniLM for projection and offset
    int8        multiply integers: weights are rounded column by column, tokens as they come
    """
    graph = Graph("minilm")
    product = _int8_product if int8 else _product
    x = _word_sums(graph, weights)
    n_layers = sum(name.endswith("attention.self.query.weight") for name in weights)
    for i in range(n_layers):
        x = _layer(graph, weights, f"encoder.layer.{i}.", x, product)
    vectors = _mean_mixed_in(graph, x)
    if projection is not None:
        vectors = graph.node("MatMul", vectors, graph.weight("projection", projection))
    if offset is not None:
        vectors = graph.node("Sub", vectors, graph.weight("offset", offset))
    dim = HIDDEN if projection is None else projection.shape[1]
    graph.output("vectors", vectors, "float32", ["B", "L", dim])
    return graph


def mapped_tensors(path: Path) -> dict[str, NDArray[np.float32]]:
    """Return the floating-point tensors of a safetensors file, mapped: processes share their memory.

    Raises EncoderUnavailable for a file that is damaged.
    """
    try:
        with path.open("rb") as file:
            n_header = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(n_header))
        content = np.memmap(path, np.uint8, "r", offset=8 + n_header)
        return {
            name: content[slice(*about["data_offsets"])]
            .view(_STORED_TYPES[about["dtype"]])
            .reshape(about["shape"])
            .astype(np.float32, copy=False)
            for name, about in header.items()
            if about.get("dtype") in _STORED_TYPES
        }
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(f"{path} is damaged: download it again") from error


def _word_sums(graph: Graph, weights: Weights) -> str:
    ids = graph.input("ids", "int64", ["B", "L"])
    length = graph.node("Shape", ids, start=1, end=2)
    places = weights["embeddings.position_embeddings.weight"]
    places = places + weights["embeddings.token_type_embeddings.weight"][0]
    zero = graph.constant(np.zeros(1, np.int64))
    at = graph.node("Slice", graph.weight("places", places), zero, length)
    words = graph.weight("words", weights["embeddings.word_embeddings.weight"])
    x = graph.node("Add", graph.node("Gather", words, ids), at)
    return _norm(graph, weights, "embeddings.LayerNorm", x)


def _layer(graph: Graph, weights: Weights, prefix: str, x: str, product: Product) -> str:
    parts = [f"{prefix}attention.self.{name}" for name in ("query", "key", "value")]
    joint = product(
        graph,
        x,
        np.concatenate([weights[f"{part}.weight"] for part in parts]),
        np.concatenate([weights[f"{part}.bias"] for part in parts]),
    )
    q, k, v = graph.split("Split", joint, n_outputs=3, axis=-1, num_outputs=3)
    heads = graph.node("MultiHeadAttention", q, k, v, domain=CONTRIB, num_heads=_HEADS)

    def dense(name: str, value: str) -> str:
        weight, bias = (weights[f"{prefix}{name}.{kind}"] for kind in ("weight", "bias"))
        return product(graph, value, weight, bias)

    x = graph.node("Add", x, dense("attention.output.dense", heads))
    x = _norm(graph, weights, f"{prefix}attention.output.LayerNorm", x)
    up = graph.node("Gelu", dense("intermediate.dense", x))
    x = graph.node("Add", x, dense("output.dense", up))
    return _norm(graph, weights, f"{prefix}output.LayerNorm", x)


def _norm(graph: Graph, weights: Weights, name: str, x: str) -> str:
    parts = (
        graph.weight(f"{name}.{kind}", weights[f"{name}.{kind}"]) for kind in ("weight", "bias")
    )
    return graph.node("LayerNormalization", x, *parts, epsilon=_EPSILON)


def _mean_mixed_in(graph: Graph, x: str) -> str:
    """The window's mean mixed in, as `mixed_vectors` has it."""
    tokens = graph.node("LpNormalization", x, axis=-1, p=2)
    mean = graph.node("ReduceMean", tokens, graph.constant(np.array([1], np.int64)), keepdims=1)
    share = graph.node("Mul", mean, graph.constant(np.array(BETA, np.float32)))
    return graph.node("LpNormalization", graph.node("Add", tokens, share), axis=-1, p=2)


def _product(graph: Graph, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32]) -> str:
    """x (B, L, in) times weight (out, in), and bias (out,)."""
    name = f"product_{len(graph.weights)}"
    columns = graph.weight(f"{name}.weight", weight.T)
    return graph.node("Add", graph.node("MatMul", x, columns), graph.weight(f"{name}.bias", bias))


def _int8_product(
    graph: Graph, x: str, weight: NDArray[np.float32], bias: NDArray[np.float32]
) -> str:
    """The same with a weight of integers: each output has a step of its own, and none is clipped."""
    name = f"product_{len(graph.weights)}"
    steps = np.abs(weight).max(axis=1) / 127
    integers = np.rint(weight / np.maximum(steps, np.finfo(np.float32).tiny)[:, None])
    return graph.node(
        "DynamicQuantizeMatMul",
        x,
        graph.weight(f"{name}.weight", integers.astype(np.int8).T),
        graph.weight(f"{name}.steps", steps.astype(np.float32)),
        "",
        graph.weight(f"{name}.bias", bias),
        domain=CONTRIB,
    )
