"""What every visual encoder promises, on tiny checkpoints of the real classes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from indexer.base.pages import PageEmbedding, PageWords, RenderedPage
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.loading import load_visual, visual_fingerprint
from tests.support.checkpoints import colqwen2_processor, tiny_encoder, tiny_folder

NAMES = list(VISUAL_MODELS)
SIZES = ((90, 120), (300, 200), (50, 400), (3, 900), (8, 8), (210, 297))
Encoder = Any


@pytest.fixture(params=NAMES)
def encoder(request: pytest.FixtureRequest) -> Encoder:
    return tiny_encoder(request.param)


def page(width: int, height: int, seed: int = 0) -> RenderedPage:
    noise = np.random.default_rng(seed).integers(0, 256, (height, width, 3), dtype=np.uint8)
    return RenderedPage(1, "1", 612.0, 792.0, Image.fromarray(noise), PageWords())


PAGES = [page(*size, seed) for seed, size in enumerate(SIZES)]


def test_pages_become_unit_vectors_in_float16_with_a_box_each(encoder: Encoder) -> None:
    assert not encoder.reads_words
    for embedding in encoder.encode_pages(PAGES):
        assert embedding.vectors.dtype == np.float16
        assert embedding.vectors.shape == (len(embedding.boxes), 128)
        lengths = np.linalg.norm(embedding.vectors.astype(np.float32), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=2e-3)


def test_boxes_cover_the_whole_page(encoder: Encoder) -> None:
    for embedding in encoder.encode_pages(PAGES):
        assert embedding.boxes.dtype == np.uint16
        assert embedding.boxes.min() == 0
        assert (embedding.boxes.max(axis=0)[2:] == 65535).all()
        assert (embedding.boxes[:, :2] < embedding.boxes[:, 2:]).all()


def test_batch_mates_do_not_change_a_page(encoder: Encoder) -> None:
    together = encoder.encode_pages(PAGES)
    for source, among_others in zip(PAGES, together, strict=True):
        (alone,) = encoder.encode_pages([source])
        np.testing.assert_array_equal(alone.boxes, among_others.boxes)
        np.testing.assert_allclose(alone.vectors, among_others.vectors, atol=2e-3)


def test_no_pages_give_no_embeddings(encoder: Encoder) -> None:
    assert encoder.encode_pages([]) == []


@pytest.mark.parametrize("text", ["What was the revenue in 2021?", "the", "", "\ud800", "狐"])
def test_any_query_has_a_unit_vector_for_each_token(encoder: Encoder, text: str) -> None:
    query = encoder.encode_queries([text])[0]
    assert len(query.tokens) == len(query.content) == len(query.vectors) >= 10
    assert query.vectors.shape[1] == 128
    assert query.vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(query.vectors, axis=1), 1, atol=1e-5)


def test_out_of_memory_halves_the_batches_and_keeps_every_page_in_its_place(
    encoder: Encoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    pages = [page(60 + 5 * i, 100, i) for i in range(12)]
    expected = encoder.encode_pages(pages)
    encode, sizes = encoder._encode, []

    def fails_above_two(batch: Any) -> Any:
        sizes.append(len(batch.boxes))
        if len(batch.boxes) > 2:
            raise torch.OutOfMemoryError("simulated")
        return encode(batch)

    monkeypatch.setattr(encoder, "_encode", fails_above_two)
    monkeypatch.setattr(encoder.budget, "tokens", 4096)
    found = encoder.encode_pages(pages)
    failed = [size for size in sizes if size > 2]
    assert failed
    assert all(later <= earlier / 2 + 1 for earlier, later in pairwise(failed))
    for before, after in zip(expected, found, strict=True):
        np.testing.assert_array_equal(before.boxes, after.boxes)
        np.testing.assert_allclose(before.vectors, after.vectors, atol=2e-3)


def test_only_visual_tokens_are_stored(encoder: Encoder) -> None:
    for source, embedding in zip(PAGES, encoder.encode_pages(PAGES), strict=True):
        assert len(embedding.vectors) == encoder._adapter.n_visual_tokens(source.image)


def test_the_fingerprint_of_a_folder_is_its_content(encoder: Encoder) -> None:
    name = encoder.fingerprint.name
    assert encoder.fingerprint == visual_fingerprint(VISUAL_MODELS[name], str(tiny_folder(name)))
    assert encoder.fingerprint.revision.startswith("sha256:")


@pytest.mark.parametrize("name", NAMES)
def test_the_fingerprint_names_the_published_weights_and_what_shapes_the_vectors(name: str) -> None:
    facts = VISUAL_MODELS[name]
    fingerprint = visual_fingerprint(facts)
    assert fingerprint == facts.fingerprint
    assert facts.revision in fingerprint.revision
    assert fingerprint.options["max_visual_tokens"] == facts.max_visual_tokens
    assert fingerprint.options["query_prefix"] == facts.query.prefix
    if not facts.fixed_resolution:
        assert facts.at_resolution(max_visual_tokens=256).fingerprint != fingerprint


def test_queries_and_pages_may_be_encoded_at_the_same_time(encoder: Encoder) -> None:
    expected = encoder.encode_queries(["what is the total"])[0].vectors
    with ThreadPoolExecutor(4) as threads:
        pages = [threads.submit(encoder.encode_pages, PAGES) for _ in range(4)]
        queries = [threads.submit(encoder.encode_queries, ["what is the total"]) for _ in range(20)]
        for query in queries:
            np.testing.assert_allclose(query.result()[0].vectors, expected, atol=1e-5)
        assert {len(found.result()) for found in pages} == {len(PAGES)}


@pytest.mark.parametrize("name", NAMES)
def test_half_precision_gives_nearly_the_same_vectors(name: str) -> None:
    half = load_visual(
        VISUAL_MODELS[name], device="cpu", source=str(tiny_folder(name)), dtype=torch.bfloat16
    )
    pairs = zip(half.encode_pages(PAGES), tiny_encoder(name).encode_pages(PAGES), strict=True)
    for rounded, exact in pairs:
        lengths = np.linalg.norm(rounded.vectors.astype(np.float32), axis=1)
        np.testing.assert_allclose(lengths, 1, atol=2e-3)
        cosines = (rounded.vectors.astype(np.float32) * exact.vectors).sum(axis=1)
        assert cosines.mean() > 0.98


def test_a_vector_stands_at_the_place_of_its_box() -> None:
    """Before any attention: a spot painted on the page changes the token whose box it is in most."""
    encoder = tiny_encoder("colqwen2")
    base = np.full((196, 140, 3), 255, np.uint8)  # 7 x 5 cells
    vision = encoder._model.vlm.visual
    with torch.inference_mode():
        for row, col in ((0, 0), (2, 3), (6, 4), (4, 1)):
            painted = base.copy()
            painted[28 * row : 28 * row + 28, 28 * col : 28 * col + 28] = 0
            changed = []
            for pixels in (base, painted):
                batch = encoder._adapter.page_batch([Image.fromarray(pixels)])
                patches = encoder._adapter.on_device(batch.inputs)["pixel_values"][0]
                changed.append(vision.patch_embed(patches))
            moved = (changed[0] - changed[1]).norm(dim=-1).reshape(-1, 4).sum(dim=1)
            x0, y0, x1, y1 = batch.boxes[0][int(moved.argmax())] / 65535
            assert x0 * 5 <= col + 0.5 <= x1 * 5
            assert y0 * 7 <= row + 0.5 <= y1 * 7


def test_colpali_reads_both_ways() -> None:
    """As in its training: the first token of a query knows the last."""
    encoder = tiny_encoder("colpali")
    first, second = (
        encoder.encode_queries([f"what is {word}"])[0].vectors[1] for word in ("a", "b")
    )
    assert np.abs(first - second).max() > 1e-3


def test_a_collection_may_have_fewer_visual_tokens() -> None:
    facts = VISUAL_MODELS["colqwen2"].at_resolution(max_visual_tokens=24)
    encoder = load_visual(
        facts, device="cpu", source=str(tiny_folder("colqwen2")), dtype=torch.float32
    )
    (embedding,) = encoder.encode_pages([page(300, 400)])
    assert 12 < len(embedding.vectors) <= 24


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
def test_pages_become_the_inputs_of_transformers_own_processor(name: str) -> None:
    """Ids, masks and grids are equal; colours are normalised on the device, to the last bit or so."""
    adapter = tiny_encoder(name)._adapter
    images = [one.image for one in PAGES if max(one.image.size) < 200 * min(one.image.size)]
    batch = adapter.page_batch(images)
    ours = adapter.on_device(batch.inputs)
    own = colqwen2_processor().process_images(images=images)
    for key in ("input_ids", "attention_mask", "image_grid_thw"):
        assert torch.equal(ours[key], own[key])
    torch.testing.assert_close(ours["pixel_values"], padded_as(own["pixel_values"], ours))


def padded_as(own: torch.Tensor, ours: dict[str, torch.Tensor]) -> torch.Tensor:
    """What stands behind a page's patches is dropped by the model: ours there, theirs elsewhere."""
    n_patches = ours["image_grid_thw"].prod(dim=1)
    behind = torch.arange(own.shape[1]) >= n_patches[:, None]
    return torch.where(behind[..., None], ours["pixel_values"], own)


def test_a_grey_page_is_read_as_the_same_page_in_colour() -> None:
    encoder = tiny_encoder("colqwen2")
    grey = PAGES[0].image.convert("L")
    found, expected = (
        encoder.encode_pages([replace(PAGES[0], image=image)])[0].vectors
        for image in (grey, grey.convert("RGB"))
    )
    np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def two_hundred_pages() -> list[tuple[RenderedPage, PageEmbedding]]:
    """Sizes from a stamp to 8 x 8 cells, in no order; each page with what it is alone."""
    encoder = tiny_encoder("colqwen2")
    sides = np.random.default_rng(11).integers(20, 224, (200, 2)).tolist()
    pages = [page(width, height, seed) for seed, (width, height) in enumerate(sides)]
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)  # two hundred tiny calls: threads would only wait for one another
    alone = [encoder.encode_pages([one])[0] for one in pages]
    torch.set_num_threads(n_threads)
    return list(zip(pages, alone, strict=True))


@pytest.mark.parametrize("memory_tokens", [None, 300], ids=["memory enough", "out of memory"])
def test_two_hundred_pages_of_mixed_sizes_are_encoded_as_each_would_be_alone(
    memory_tokens: int | None,
    two_hundred_pages: list[tuple[RenderedPage, PageEmbedding]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Batches follow the budget, also when it is halved; no page is lost, doubled or moved."""
    encoder = tiny_encoder("colqwen2")
    pages, alone = zip(*two_hundred_pages, strict=True)
    lengths = [len(one.vectors) for one in alone]
    done: list[list[int]] = []
    failed: list[int] = []
    encode = encoder._encode

    def limited(batch: Any) -> Any:
        sizes = [len(boxes) for boxes in batch.boxes]
        padded = len(sizes) * max(sizes)
        assert padded <= encoder.budget.tokens
        if memory_tokens is not None and padded > memory_tokens:
            failed.append(encoder.budget.tokens)
            raise torch.OutOfMemoryError("simulated")
        done.append(sizes)
        return encode(batch)

    monkeypatch.setattr(encoder, "_encode", limited)
    monkeypatch.setattr(encoder.budget, "tokens", 1000)
    together = encoder.encode_pages(pages)
    assert sorted(size for sizes in done for size in sizes) == sorted(lengths)
    longest = [sizes[0] for sizes in done]
    assert longest == sorted(longest, reverse=True)
    assert len(done) < 100
    if memory_tokens is None:
        assert encoder.budget.tokens == 1000
    else:
        assert len(failed) >= 2 and encoder.budget.tokens <= memory_tokens
        assert all(later <= earlier / 2 for earlier, later in pairwise(failed))
    for one, among_others in zip(alone, together, strict=True):
        np.testing.assert_array_equal(one.boxes, among_others.boxes)
        np.testing.assert_allclose(one.vectors, among_others.vectors, atol=2e-3)


def test_small_pages_are_scaled_up_to_the_fewest_tokens() -> None:
    facts = VISUAL_MODELS["colqwen2"].at_resolution(min_visual_tokens=30, max_visual_tokens=60)
    encoder = load_visual(
        facts, device="cpu", source=str(tiny_folder("colqwen2")), dtype=torch.float32
    )
    for source in (page(40, 60), page(300, 400), page(8, 8)):
        (embedding,) = encoder.encode_pages([source])
        assert 30 <= len(embedding.vectors) <= 60


def test_the_budget_is_the_one_that_was_set() -> None:
    source, facts = str(tiny_folder("colqwen2")), VISUAL_MODELS["colqwen2"]
    assert load_visual(facts, device="cpu", source=source, token_budget=99).budget.tokens == 99
    assert load_visual(facts, device="cpu", source=source).budget.tokens == 768


@pytest.mark.gpu
@pytest.mark.parametrize("name", NAMES)
def test_a_gpu_gives_the_vectors_of_the_cpu(name: str) -> None:
    """Through pinned memory and, where it is installed, flash-attention; in bfloat16 as it is used."""
    on_gpu = load_visual(VISUAL_MODELS[name], device="cuda", source=str(tiny_folder(name)))
    on_cpu = load_visual(
        VISUAL_MODELS[name], device="cpu", source=str(tiny_folder(name)), dtype=torch.bfloat16
    )
    pairs = zip(on_gpu.encode_pages(PAGES), on_cpu.encode_pages(PAGES), strict=True)
    for found, expected in pairs:
        np.testing.assert_array_equal(found.boxes, expected.boxes)
        cosines = (found.vectors.astype(np.float32) * expected.vectors).sum(axis=1)
        assert cosines.mean() > 0.98
    query = "what is the total"
    cosines = (
        on_gpu.encode_queries([query])[0].vectors * on_cpu.encode_queries([query])[0].vectors
    ).sum(axis=1)
    assert cosines.mean() > 0.98
