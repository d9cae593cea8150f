"""`lite` by ONNX Runtime: torch's numbers without torch, and integers in a space of their own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.lite.identity import HIDDEN
from indexer.encoders.lite.model import MiniLM
from indexer.encoders.lite.onnx_graph import mapped_tensors, minilm_graph
from indexer.encoders.lite.onnx_model import OnnxMiniLM
from indexer.encoders.lite.weights import checked_weights, find_weights, load_projection
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import fingerprint_of, load_encoder
from tests.builders import write_pdf
from tests.support.blocked_imports import output_without

WINDOWS = [[101, *range(2000, 2254), 102], [101, 7473, 2003, 102], [101, 3712, 2833, 102]]


@pytest.fixture(scope="module")
def torch_vectors() -> np.ndarray:
    weights = checked_weights(find_weights())
    model = MiniLM(weights, torch.device("cpu"), torch.float32, projection=load_projection())
    return model.vectors(WINDOWS)


def onnx_vectors(*, int8: bool) -> np.ndarray:
    weights = find_weights() / "model.safetensors"
    return OnnxMiniLM(weights, projection=load_projection(), int8=int8).vectors(WINDOWS)


def test_the_vectors_are_those_of_torch(torch_vectors: np.ndarray) -> None:
    np.testing.assert_allclose(onnx_vectors(int8=False), torch_vectors, atol=1e-5)


def test_integers_turn_each_vector_a_little(torch_vectors: np.ndarray) -> None:
    vectors = onnx_vectors(int8=True)
    lengths = np.linalg.norm(vectors, axis=1) * np.linalg.norm(torch_vectors, axis=1)
    cosines = (vectors * torch_vectors).sum(axis=1) / lengths
    assert 0.98 < cosines.mean() < 0.999  # so they have a fingerprint of their own
    assert fingerprint_of("lite-int8") != fingerprint_of("lite")


def test_both_runtimes_may_share_a_collection() -> None:
    by_onnx = EncoderOptions(lite_runtime="onnx")
    assert fingerprint_of("lite", by_onnx) == fingerprint_of("lite")


def test_a_model_with_an_offset_and_other_layers_is_the_same_by_both(tmp_path: Path) -> None:
    drawn = np.random.default_rng(3)
    path = tmp_path / "model.safetensors"
    save_file(_random_weights(drawn, n_layers=2), path)
    offset = drawn.normal(size=HIDDEN).astype(np.float32)
    windows = [[3, 1, 4, 1, 5], [9, 2, 6], [5, 3, 5]]
    by_torch = MiniLM(path, torch.device("cpu"), torch.float32, offset=offset).vectors(windows)
    np.testing.assert_allclose(
        OnnxMiniLM(path, offset=offset).vectors(windows), by_torch, atol=1e-5
    )


@pytest.mark.parametrize("int8", [False, True])
def test_the_graph_keeps_to_the_format(int8: bool) -> None:
    onnx = pytest.importorskip("onnx", reason="the format's own checker is not installed")
    graph = minilm_graph(
        _random_weights(np.random.default_rng(3), n_layers=1),
        projection=load_projection(),
        int8=int8,
    )
    model = onnx.load_from_string(graph.to_bytes(inline=True))
    onnx.checker.check_model(model, full_check=True)
    assert [value.name for value in (*model.graph.input, *model.graph.output)] == ["ids", "vectors"]


def test_weights_that_were_cut_off_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(checked_weights(find_weights()).read_bytes()[:100_000])
    with pytest.raises(EncoderUnavailable, match="damaged"):
        mapped_tensors(path)


def test_a_gpu_is_refused() -> None:
    with pytest.raises(EncoderUnavailable, match="PAGESIGHT_DEVICE=cpu"):
        load_encoder("lite-int8", device="cuda")


def test_files_are_ingested_searched_and_asked_without_torch(tmp_path: Path) -> None:
    source = write_pdf(tmp_path / "pump.pdf", "The torque of the housing bolts is 95 Nm.")
    environment = {"PAGESIGHT_DATA_DIR": str(tmp_path / "data"), "PAGESIGHT_LITE_RUNTIME": "onnx"}
    commands = [
        ["ingest", str(source), "-c", "c"],
        ["search", "bolts", "-c", "c"],
        ["ask", "What is the torque of bolts?", "-c", "c"],
    ]
    assert "95 Nm" in output_without(["torch"], commands, environment)


def _random_weights(drawn: np.random.Generator, n_layers: int) -> dict[str, np.ndarray]:
    shapes = {
        "embeddings.word_embeddings": (50, HIDDEN),
        "embeddings.position_embeddings": (16, HIDDEN),
        "embeddings.token_type_embeddings": (2, HIDDEN),
        "embeddings.LayerNorm": (HIDDEN,),
    }
    for i in range(n_layers):
        layer = f"encoder.layer.{i}"
        for part in ("query", "key", "value"):
            shapes[f"{layer}.attention.self.{part}"] = (HIDDEN, HIDDEN)
        shapes[f"{layer}.attention.output.dense"] = (HIDDEN, HIDDEN)
        shapes[f"{layer}.attention.output.LayerNorm"] = (HIDDEN,)
        shapes[f"{layer}.intermediate.dense"] = (2 * HIDDEN, HIDDEN)
        shapes[f"{layer}.output.dense"] = (HIDDEN, 2 * HIDDEN)
        shapes[f"{layer}.output.LayerNorm"] = (HIDDEN,)
    weights = {
        f"{name}.weight": (0.1 * drawn.normal(size=shape)).astype(np.float32)
        for name, shape in shapes.items()
    }
    biases = {
        name.replace(".weight", ".bias"): drawn.normal(size=len(weight)).astype(np.float32)
        for name, weight in weights.items()
        if "_embeddings" not in name
    }
    return weights | biases
