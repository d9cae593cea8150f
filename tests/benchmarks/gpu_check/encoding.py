"""Pages and questions to vectors: as fast as the card can, and the same as on the processor."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch

from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.loading import load_visual
from tests.benchmarks import bench_visual as visual
from tests.benchmarks.gpu_check.shapes import Figures, Shape
from tests.support.checkpoints import tiny_encoder, tiny_folder


def compare_with_cpu(shape: Shape) -> Figures:
    """The largest difference of page vectors on the device from those on the processor, in float32."""
    encoder = load_visual(
        VISUAL_MODELS["colqwen2"],
        device=str(shape.device),
        source=str(tiny_folder("colqwen2")),
        dtype=torch.float32,
    )
    pages = [visual.noise_page((112, 168), seed) for seed in range(2)]
    pairs = zip(
        encoder.encode_pages(pages), tiny_encoder("colqwen2").encode_pages(pages), strict=True
    )
    largest = max(
        float(np.abs(a.vectors.astype(np.float32) - b.vectors.astype(np.float32)).max())
        for a, b in pairs
    )
    return {"largest difference": largest}


def encode_pages(shape: Shape) -> Figures:
    """Pages a second of our path and of the plain loop over batches of 4, and the latency of a query."""
    encoder, model, processor = visual.visual_encoder(
        shape.device, real=shape.real, dtype=torch.bfloat16
    )
    n_pages = shape.of(192, 4)
    pages = [visual.noise_page(visual.SIZES[-1 - i % len(visual.SIZES)], i) for i in range(n_pages)]
    images = [page.image for page in pages]
    ours, plain = visual.alternating(
        shape.clock,
        lambda: visual.encode_windows(encoder, pages),
        lambda: visual.encode_plainly(model, processor, images, shape.device),
        n=shape.of(3, 1),
    )
    prepared, _ = visual.alternating(
        shape.clock, lambda: encoder._prepare(images[:4]), lambda: None, n=shape.of(5, 1)
    )
    n_tokens = [encoder._adapter.n_visual_tokens(image) for image in images]
    flops = sum(visual.page_flops(model, n) for n in n_tokens)
    peak = visual.peak_flops(shape.device, model.dtype, shape.clock)
    query_s, _ = visual.alternating(
        shape.clock,
        lambda: encoder.encode_queries([visual.QUERY]),
        lambda: None,
        n=shape.of(15, 1),
    )
    return {
        "pages a second": n_pages / ours,
        "times the plain loop": plain / ours,
        "MFU": flops / ours / peak,
        "preparing a page on the processor, ms": prepared / 4 * 1e3,
        "query, ms": query_s * 1e3,
        "attention": str(model.config._attn_implementation),
    }


def compile_queries(shape: Shape) -> Figures:
    """The latency of a query by the compiled model (PAGESIGHT_COMPILE_QUERIES); a rehearsal compiles none."""
    encoder, _, _ = visual.visual_encoder(shape.device, real=shape.real, dtype=torch.bfloat16)
    stance: AbstractContextManager[object] = nullcontext()
    if not shape.real:
        stance = torch.compiler.set_stance("force_eager")
    with stance:
        began = shape.clock()
        encoder._query_model = encoder._compile()
        compiled = shape.clock()
        query_s, _ = visual.alternating(
            shape.clock,
            lambda: encoder.encode_queries([visual.QUERY]),
            lambda: None,
            n=shape.of(15, 1),
        )
    return {"query, ms": query_s * 1e3, "compiling, s": compiled - began}
