"""The same numbers as colpali-engine, whose environment cannot be shared: `tests/golden/make_golden.py`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from indexer.base.pages import PageWords, RenderedPage
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.queries import tokenize_query
from tests.conftest import ROOT
from tests.golden.make_golden import QUERY, golden_images, golden_tiles
from tests.support.checkpoints import tiny_encoder

FAMILIES = {"colqwen2": "qwen2_vl", "colqwen2.5": "qwen2_5_vl", "colmodernvbert": "modernvbert"}


@pytest.fixture(scope="module")
def golden() -> dict[str, np.ndarray]:
    with np.load(ROOT / "tests" / "golden" / "colpali_engine.npz") as stored:
        return dict(stored)


def images_of(name: str) -> list[Image.Image]:
    arrays = golden_tiles() if name == "colmodernvbert" else golden_images()
    return [Image.fromarray(array) for array in arrays]


def page_vectors(encoder: Any, image: Image.Image) -> np.ndarray:
    """Before they are rounded to float16."""
    batch = encoder._adapter.page_batch([image])
    found = encoder._vectors(encoder._model, batch.inputs)[0][batch.visual_mask[0]]
    vectors: np.ndarray = found.numpy()
    return vectors


@pytest.mark.parametrize("name", FAMILIES)
def test_page_vectors_equal_those_of_colpali_engine(
    name: str, golden: dict[str, np.ndarray]
) -> None:
    encoder = tiny_encoder(name)
    for i, image in enumerate(images_of(name)):
        expected = golden[f"{FAMILIES[name]}_page{i}"]
        np.testing.assert_allclose(page_vectors(encoder, image), expected, atol=1e-5, rtol=0)
        page = RenderedPage(1, "1", 612.0, 792.0, image, PageWords())
        (stored,) = encoder.encode_pages([page])
        np.testing.assert_allclose(stored.vectors, expected, atol=1e-3)


@pytest.mark.parametrize("name", FAMILIES)
def test_page_prompts_have_the_ids_of_colpali_engine(
    name: str, golden: dict[str, np.ndarray]
) -> None:
    adapter = tiny_encoder(name)._adapter
    for i, image in enumerate(images_of(name)):
        ids = adapter.page_batch([image]).inputs["input_ids"][0].numpy()
        np.testing.assert_array_equal(ids, golden[f"{FAMILIES[name]}_page{i}_ids"])


@pytest.mark.parametrize("name", FAMILIES)
def test_query_ids_and_vectors_equal_those_of_colpali_engine(
    name: str, golden: dict[str, np.ndarray]
) -> None:
    """transformers adds a newline at the end of ColQwen2's query; it is left out to compare."""
    encoder = tiny_encoder(name)
    query = replace(VISUAL_MODELS[name].query, end="")
    tokens = tokenize_query(encoder._tokenizer, query, QUERY)
    np.testing.assert_array_equal(tokens.ids, golden[f"{FAMILIES[name]}_query_ids"])
    inputs = encoder._adapter.query_inputs(torch.tensor([tokens.ids]))
    vectors = encoder._vectors(encoder._model, inputs)[0].numpy()
    np.testing.assert_allclose(vectors, golden[f"{FAMILIES[name]}_query"], atol=1e-5, rtol=0)


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
def test_without_m_rope_positions_the_vectors_are_others(
    name: str, golden: dict[str, np.ndarray], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What transformers 5.23 does when it is left alone. Should this fail, it has been mended there."""
    encoder = tiny_encoder(name)
    right = page_vectors(encoder, images_of(name)[0])
    monkeypatch.setattr(encoder._adapter, "_positions", lambda inputs, visual: None)
    vectors = encoder._vectors
    monkeypatch.setattr(
        encoder,
        "_vectors",
        lambda model, inputs: vectors(model, {k: v for k, v in inputs.items() if v is not None}),
    )
    flat = page_vectors(encoder, images_of(name)[0])
    assert (flat * right).sum(axis=1).mean() < 0.95
    with pytest.raises(AssertionError):
        np.testing.assert_allclose(flat, golden[f"{FAMILIES[name]}_page0"], atol=1e-2)


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
def test_positions_are_time_row_and_column(name: str) -> None:
    batch = tiny_encoder(name)._adapter.page_batch(images_of(name)[:2])
    for i, (n_cols, n_rows) in enumerate(((8, 6), (4, 9))):
        time, row, col = batch.inputs["position_ids"][:, i, batch.visual_mask[i]].numpy()
        assert len(set(time.tolist())) == 1
        np.testing.assert_array_equal(row - row[0], np.arange(n_rows).repeat(n_cols))
        np.testing.assert_array_equal(col - col[0], np.tile(np.arange(n_cols), n_rows))
