"""Pages a second of the visual encoder's path: python -m tests.benchmarks visual

With a GPU: the shape of ColQwen2 (Qwen2-VL 2B) with random weights, wall seconds. Without: a tiny shape on
one core, CPU seconds, which shows what the path around the model costs and nothing about the model.
Every claim is a ratio within this run, against the loop that colpali-engine's users write: the library's
processor and model over batches of 4 pages as they come.
Dimension key: R patches of a page, S tokens of a page.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image

from indexer.base.pages import PageWords, RenderedPage
from indexer.encoders.checkpoints.devices import fastest_dtype, resolve_device
from indexer.encoders.pooling import pool_vectors
from indexer.encoders.visual.colqwen2 import ColQwen2Adapter
from indexer.encoders.visual.encoder import VisualEncoder
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.loading import attention_for
from tests.support.checkpoints import colqwen2_config, colqwen2_processor

FACTS = VISUAL_MODELS["colqwen2"]
# Pixels at 120 dpi: A4, US Letter, a slide, an older slide, a receipt; A4 is the most frequent by far.
SIZES = ((992, 1403),) * 4 + ((1020, 1320), (1600, 900), (1200, 900), (360, 900))
QUERY = "What was the net revenue of the last year in million?"
PLAIN_BATCH = 4
# Dense bfloat16 of the data sheets, in FLOP/s.
PEAKS = {
    "H200": 989e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "L4": 121e12,
    "A10": 125e12,
}


def main() -> None:
    device = resolve_device("auto")
    on_gpu = device.type == "cuda"
    if not on_gpu:
        os.sched_setaffinity(0, {sorted(os.sched_getaffinity(0))[0]})
        torch.set_num_threads(1)
    clock = wall_s if on_gpu else time.process_time
    encoder, model, processor = visual_encoder(device, real=on_gpu)
    n_pages = 256 if on_gpu else 24
    pages = [noise_page(SIZES[i % len(SIZES)], i) for i in range(n_pages)]
    name = torch.cuda.get_device_name(device) if on_gpu else "one core of the CPU, tiny shape"
    print(f"{name}, {model.dtype}, load average {os.getloadavg()[0]:.1f}, {n_pages} pages")
    images = [page.image for page in pages]
    unit = "wall" if on_gpu else "CPU"
    ours, plain = alternating(
        clock,
        lambda: encode_windows(encoder, pages),
        lambda: encode_plainly(model, processor, images, device),
    )
    flops = sum(page_flops(model, encoder._adapter.n_visual_tokens(image)) for image in images)
    peak = peak_flops(device, model.dtype, clock)
    for what, seconds in (("our path", ours), ("plain loop, batches of 4", plain)):
        share = flops / seconds / peak
        print(f"{what:<34} {n_pages / seconds:9.2f} pages per {unit} s, MFU {share:.1%}")
    print(f"{'  ours / plain':<34} {plain / ours:9.2f} x")
    few = images[:8]
    prepared, processed = alternating(
        clock, lambda: encoder._prepare(few), lambda: processor.process_images(images=few)
    )
    _tell("preparing a page", prepared / len(few), unit)
    _tell("  by the library's processor", processed / len(few), unit)
    embeddings = encoder.encode_pages(pages[:4])
    pooling, _ = alternating(
        clock, lambda: [pool_vectors(one, 3) for one in embeddings], lambda: None
    )
    _tell("pooling a page by 3", pooling / len(embeddings), unit)
    asked, plainly = alternating(
        clock,
        lambda: encoder.encode_queries([QUERY])[0],
        lambda: _plain_query(model, processor, device),
        n=15,
    )
    _tell("query", asked, unit)
    _tell("  by the library's processor", plainly, unit)
    if on_gpu:
        compiled = encoder._compile()
        encoder._query_model = compiled
        asked, _ = alternating(
            clock, lambda: encoder.encode_queries([QUERY])[0], lambda: None, n=15
        )
        _tell("  compiled", asked, unit)
        print(f"most GPU memory {torch.cuda.max_memory_allocated(device) / 1e9:.1f} GB")


def visual_encoder(
    device: torch.device, *, real: bool, dtype: torch.dtype | None = None
) -> tuple[VisualEncoder, Any, Any]:
    """The encoder, its model, and the library's processor for the same model.

    dtype  None: the device's fastest
    """
    from transformers import ColQwen2ForRetrieval

    config = colqwen2_config()
    if real:
        enlarge(config.vlm_config)
    dtype = dtype or fastest_dtype(device)
    config._attn_implementation = attention_for(FACTS, device, dtype)
    with weights_drawn(device, dtype):
        model = ColQwen2ForRetrieval(config).eval()
    model.embedding_proj_layer.float()
    model.config.vlm_config.text_config.use_cache = False
    processor = colqwen2_processor()
    with tempfile.TemporaryDirectory() as folder:
        processor.save_pretrained(folder)
        adapter = ColQwen2Adapter(model, Path(folder), FACTS)
    return (
        VisualEncoder(model, adapter, FACTS.fingerprint, FACTS.query, device=device),
        model,
        processor,
    )


@contextmanager
def weights_drawn(device: torch.device, dtype: torch.dtype) -> Iterator[None]:
    """Let a model that is built here draw the same weights each time, on the device at once."""
    torch.manual_seed(0)
    torch.set_default_dtype(dtype)
    try:
        with device:
            yield
    finally:
        torch.set_default_dtype(torch.float32)


def enlarge(config: Any) -> None:
    """Give a tiny Qwen2-VL the shape of the 2B model; its weights are drawn when it is built."""
    text, vision = config.text_config, config.vision_config
    text.update({
        "vocab_size": 151_936, "hidden_size": 1536, "intermediate_size": 8960,
        "num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2,
        "max_position_embeddings": 32_768, "layer_types": ["full_attention"] * 28,
        "rope_parameters": {
            "rope_type": "default", "rope_theta": 1e6, "mrope_section": [16, 24, 24]
        },
    })  # fmt: skip
    vision.update({"depth": 32, "embed_dim": 1280, "hidden_size": 1536, "num_heads": 16})
    vision.update({"mlp_ratio": 4})


def noise_page(size: tuple[int, int], seed: int) -> RenderedPage:
    noise = np.random.default_rng(seed).integers(0, 256, (*size[::-1], 3), dtype=np.uint8)
    return RenderedPage(1, "1", 612.0, 792.0, Image.fromarray(noise), PageWords())


def encode_windows(encoder: VisualEncoder, pages: Sequence[RenderedPage]) -> None:
    for start in range(0, len(pages), encoder.window):
        encoder.encode_pages(pages[start : start + encoder.window])


def encode_plainly(
    model: Any, processor: Any, images: Sequence[Image.Image], device: torch.device
) -> None:
    for start in range(0, len(images), PLAIN_BATCH):
        batch = processor.process_images(images=images[start : start + PLAIN_BATCH]).to(device)
        with torch.no_grad():
            embeddings = model(**batch).embeddings
        list(torch.unbind(embeddings.to("cpu")))


def _plain_query(model: Any, processor: Any, device: torch.device) -> None:
    batch = processor.process_queries(text=[QUERY]).to(device)
    with torch.no_grad():
        model(**batch).embeddings.to("cpu")


def page_flops(model: Any, n_visual: int) -> float:
    """Of one page's forward pass: two per weight and token, and attention's two products.

    As in the roofline of 7.6 TFLOP for 768 visual tokens of the 2B shape; padding does not count.
    """
    vision, text = model.config.vlm_config.vision_config, model.config.vlm_config.text_config
    n_patches, n_tokens = 4 * n_visual, n_visual + 11
    blocks = _n_weights(model.vlm.visual.patch_embed) + _n_weights(model.vlm.visual.blocks)
    seen = 2 * n_patches * blocks + 2 * n_visual * _n_weights(model.vlm.visual.merger)
    seen += vision.depth * 4 * n_patches**2 * vision.embed_dim
    read = 2 * n_tokens * _n_weights(model.vlm.language_model.layers)
    # Causal: half of the products.
    read += text.num_hidden_layers * 2 * n_tokens**2 * text.hidden_size
    return float(seen + read)


def _n_weights(module: Any) -> int:
    return sum(weight.numel() for weight in module.parameters() if weight.ndim > 1)


def peak_flops(device: torch.device, dtype: torch.dtype, clock: Callable[[], float]) -> float:
    """FLOP/s of the data sheet, or those of a large product in this run where there is none."""
    if device.type == "cuda":
        name = torch.cuda.get_device_name(device)
        known = next((peak for kind, peak in PEAKS.items() if kind in name), None)
        if known is not None:
            print(f"roofline: {known / 1e12:.0f} TFLOP/s (data sheet)")
            return known
    n = 8192 if device.type == "cuda" else 1024
    matrix = torch.randn(n, n, device=device).to(dtype)
    seconds, _ = alternating(clock, lambda: matrix @ matrix, lambda: None)
    print(f"roofline: {2 * n**3 / seconds / 1e12:.2f} TFLOP/s (a {n} x {n} product in this run)")
    return 2 * n**3 / seconds


def alternating(
    clock: Callable[[], float],
    first: Callable[[], object],
    second: Callable[[], object],
    n: int = 5,
) -> tuple[float, float]:
    """Median seconds of each, in turns, so that a change of load meets both."""
    times: tuple[list[float], list[float]] = ([], [])
    for turn in range(n + 1):
        for run, found in zip((first, second), times, strict=True):
            before = clock()
            run()
            if turn:  # the first warms up
                found.append(clock() - before)
    return float(np.median(times[0])), float(np.median(times[1]))


def wall_s() -> float:
    torch.cuda.synchronize()
    return time.perf_counter()


def _tell(what: str, seconds: float, unit: str) -> None:
    print(f"{what:<34} {seconds * 1e3:9.2f} {unit} ms", flush=True)


if __name__ == "__main__":
    main()
