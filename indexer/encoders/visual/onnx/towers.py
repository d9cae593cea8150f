"""The two towers of ColQwen2 and ColQwen2.5 as ONNX graphs: patches to cells, and tokens to vectors.

Dimension key: P patches of a page, N cells, A tokens before them, B behind, S = A + N + B, E dim of a head,
H hidden, D dim.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexer.encoders.onnx.graph import CONTRIB, Graph
from indexer.encoders.visual.onnx.products import Precision, Products

Weights = Mapping[str, NDArray[np.float32]]


@dataclass(frozen=True, slots=True)
class TowerShape:
    """The numbers of the configuration that the graphs need.

    quick_gelu    the vision tower's activation; else SiLU with a gate
    full_layers   layers of the vision tower that see the whole page; None: all of them
    window_px     side of what the others see
    """

    patch_px: int
    merge: int
    vision_layers: int
    vision_heads: int
    vision_head_dim: int
    text_layers: int
    heads: int
    kv_heads: int
    head_dim: int
    hidden: int
    epsilon: float
    theta: float
    sections: tuple[int, ...]
    full_layers: tuple[int, ...] | None
    window_px: int
    dim: int


def vision_tower(shape: TowerShape, weights: Weights, precision: Precision) -> Graph:
    """Return the graph `patches` (P, colours x frames x area), `cos`, `sin` (P, E) -> `cells` (N, H).

    With windows it wants `windows` (1, 1, P, P), too: what is added to the scores of patches.
    """
    graph = Graph("vision")
    layer = _VisionLayer(graph, shape, Products(graph, weights, precision))
    patches = graph.input("patches", "float32", ["P", weights[_PATCHES][0].size])
    x = layer.products.linear("vlm.visual.patch_embed.proj", patches)
    if shape.full_layers is not None:
        graph.input("windows", "float32", [1, 1, "P", "P"])
    for i in range(shape.vision_layers):
        x = layer(f"vlm.visual.blocks.{i}.", x, i)
    products, name = layer.products, "vlm.visual.merger."
    x = layer.norm(f"{name}ln_q", x)
    cell_width = shape.merge**2 * shape.vision_heads * shape.vision_head_dim
    x = graph.node("Reshape", x, graph.constant(np.array([-1, cell_width])))
    x = graph.node("Gelu", products.linear(f"{name}mlp.0", x))
    graph.output("cells", products.linear(f"{name}mlp.2", x), "float32", ["N", shape.hidden])
    return graph


def text_tower(shape: TowerShape, weights: Weights, precision: Precision) -> Graph:
    """Return the graph `before` (A,), `cells` (N, H), `after` (B,), `cos`, `sin` (S, E) -> `vectors` (S, D).

    Vectors have length one. `before` and `after` are ids; a query has no cells.
    """
    graph = Graph("text")
    products = Products(graph, weights, precision)
    before, after = (graph.input(name, "int64", [name[0].upper()]) for name in ("before", "after"))
    cells = graph.input("cells", "float32", ["N", shape.hidden])
    turn = _rotation(graph, shape.head_dim)
    words = products.as_kept("vlm.language_model.embed_tokens.weight")
    parts = [graph.node("Gather", words, before), cells, graph.node("Gather", words, after)]
    parts = [parts[1] if part == cells else graph.node("Cast", part, to=1) for part in parts]
    x = graph.node("Concat", *parts, axis=0)
    for i in range(shape.text_layers):
        name = f"vlm.language_model.layers.{i}."
        norm_output = products.rms_norm(f"{name}input_layernorm", x, shape.epsilon)
        x = graph.node(
            "Add", x, _causal_attention(products, shape, f"{name}self_attn.", norm_output, turn)
        )
        norm_output = products.rms_norm(f"{name}post_attention_layernorm", x, shape.epsilon)
        x = graph.node("Add", x, products.gated_layer(f"{name}mlp.", norm_output))
    x = products.rms_norm("vlm.language_model.norm", x, shape.epsilon)
    x = products.linear("embedding_proj_layer", x)
    x = graph.node("LpNormalization", x, axis=-1, p=2)
    graph.output("vectors", x, "float32", ["S", shape.dim])
    return graph


class _VisionLayer:
    """Adds the layers of a vision tower, Qwen2-VL's or Qwen2.5-VL's: the names of their weights differ."""

    def __init__(self, graph: Graph, shape: TowerShape, products: Products) -> None:
        self.graph, self.shape, self.products = graph, shape, products
        self._turn = _rotation(graph, shape.vision_head_dim)

    def __call__(self, name: str, x: str, number: int) -> str:
        x = self.graph.node("Add", x, self._attention(name, self.norm(f"{name}norm1", x), number))
        norm_output = self.norm(f"{name}norm2", x)
        if self.shape.full_layers is not None:
            return self.graph.node("Add", x, self.products.gated_layer(f"{name}mlp.", norm_output))
        up = self.products.linear(f"{name}mlp.fc1", norm_output)
        up = self.graph.node("QuickGelu", up, domain=CONTRIB, alpha=1.702)
        return self.graph.node("Add", x, self.products.linear(f"{name}mlp.fc2", up))

    def norm(self, name: str, x: str) -> str:
        if self.shape.full_layers is not None:
            return self.products.rms_norm(name, x, 1e-6)
        return self.products.layer_norm(name, x, 1e-6)

    def _attention(self, name: str, x: str, number: int) -> str:
        shape, graph = self.shape, self.graph
        joint = self.products.linear(f"{name}attn.qkv", x)
        q, k, v = graph.split("Split", joint, n_outputs=3, axis=-1, num_outputs=3)
        q, k = (self._turn(part, shape.vision_heads) for part in (q, k))
        full = shape.full_layers is None or number in shape.full_layers
        biases = () if full else ("windows",)
        heads = _attend(graph, q, k, v, *biases, num_heads=shape.vision_heads)
        return self.products.linear(f"{name}attn.proj", heads)


def _causal_attention(
    products: Products, shape: TowerShape, name: str, x: str, turn: Callable[[str, int], str]
) -> str:
    """Each token attends to itself and those before it; several heads share keys and values."""
    graph = products.graph
    q = turn(products.linear(f"{name}q_proj", x), shape.heads)
    k = turn(products.linear(f"{name}k_proj", x), shape.kv_heads)
    v = products.linear(f"{name}v_proj", x)
    k, v = (_heads_repeated(graph, part, shape) for part in (k, v))
    heads = _attend(graph, q, k, v, num_heads=shape.heads, unidirectional=1)
    return products.linear(f"{name}o_proj", heads)


def _attend(graph: Graph, q: str, k: str, v: str, *biases: str, **attributes: int) -> str:
    """Attention over (length, heads x E), `added` to its scores: ONNX Runtime's wants a batch around it."""
    zero = graph.constant(np.zeros(1, np.int64))
    batch = [graph.node("Unsqueeze", part, zero) for part in (q, k, v)]
    inputs = (*batch, "", "", *biases) if biases else batch  # neither bias nor padding
    heads = graph.node("MultiHeadAttention", *inputs, domain=CONTRIB, **attributes)
    return graph.node("Squeeze", heads, zero)


def _heads_repeated(graph: Graph, x: str, shape: TowerShape) -> str:
    """(S, kv heads x E) -> (S, heads x E): each head of keys or values once for every head that asks it."""
    share = shape.heads // shape.kv_heads
    if share == 1:
        return x
    dims = [0, shape.kv_heads, 1, shape.head_dim]  # 0: as it is
    x = graph.node("Reshape", x, graph.constant(np.array(dims)))
    x = graph.node("Tile", x, graph.constant(np.array([1, 1, share, 1])))
    return graph.node("Reshape", x, graph.constant(np.array([0, shape.heads * shape.head_dim])))


def _rotation(graph: Graph, head_dim: int) -> Callable[[str, int], str]:
    """Add the inputs `cos` and `sin`; return what turns (length, heads x E) by them."""
    axis_1 = graph.constant(np.ones(1, np.int64))
    cos, sin = (
        graph.node("Unsqueeze", graph.input(name, "float32", ["length", head_dim]), axis_1)
        for name in ("cos", "sin")
    )

    def turn(x: str, n_heads: int) -> str:
        heads = graph.node("Reshape", x, graph.constant(np.array([0, n_heads, head_dim])))
        left, right = graph.split("Split", heads, n_outputs=2, axis=-1, num_outputs=2)
        half_turn = graph.node("Concat", graph.node("Neg", right), left, axis=-1)
        rotation = graph.node(
            "Add", graph.node("Mul", heads, cos), graph.node("Mul", half_turn, sin)
        )
        return graph.node("Reshape", rotation, graph.constant(np.array([0, n_heads * head_dim])))

    return turn


_PATCHES = "vlm.visual.patch_embed.proj.weight"
