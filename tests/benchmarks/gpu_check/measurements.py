"""What is measured on a GPU, each by itself: `Check` has its goal, and `run` gives its figures by name.

With `real` the shape of the 2B models with random weights, else tiny ones: a rehearsal of the same code.
Dimension key: P pages, N vectors, D dim.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from generator.backends.base import Usage
from generator.backends.messages import Sampling
from generator.backends.vlm.loading import LoadedVlm
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.prompting import Prompting
from generator.backends.vlm.text_pieces import TokenBytes
from generator.backends.vlm.video_input import FrameTiming
from generator.backends.vlm.visual_budget import VisualBudget
from indexer.base.pages import PageEmbedding
from indexer.encoders.checkpoints.devices import fastest_dtype
from indexer.encoders.visual.families import VISUAL_MODELS
from indexer.encoders.visual.loading import load_visual
from indexer.storage.segments import SegmentRecord, segment_of
from retriever.open_collections import OpenSegment
from retriever.scoring.bounds import PageScorer
from retriever.scoring.gpu import GpuScorer
from retriever.scoring.several_devices import SeveralDevicesScorer
from tests.benchmarks import bench_visual as visual
from tests.support.checkpoints import (
    colqwen2_config,
    tiny_encoder,
    tiny_folder,
    tiny_vlm,
    vlm_processor,
)
from tests.support.vlm_prompts import prompt

Figures = dict[str, float | str]
H100_BYTES_S = 3.35e12
_TOKENS = 128


@dataclass(frozen=True, slots=True)
class Shape:
    """How much is measured, on which device."""

    device: torch.device
    real: bool

    def of(self, real: int, tiny: int) -> int:
        return real if self.real else tiny

    def clock(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()


@dataclass(frozen=True, slots=True)
class Check:
    """A measurement. `seconds`: what it takes on an H100 at most, with what it loads; an estimate."""

    name: str
    goal: str
    seconds: float
    run: Callable[[Shape], Figures]


def encode_pages(shape: Shape) -> Figures:
    """Pages a second of our path and of the plain loop over batches of 4, and the latency of a query."""
    encoder, model, processor = visual.visual_encoder(shape.device, real=shape.real)
    n_pages = shape.of(256, 4)
    pages = [visual.noise_page(visual.SIZES[i % len(visual.SIZES)], i) for i in range(n_pages)]
    images = [page.image for page in pages]
    ours, plain = visual.alternating(
        shape.clock,
        lambda: visual.encode_windows(encoder, pages),
        lambda: visual.encode_plainly(model, processor, images, shape.device),
        n=shape.of(3, 1),
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
        "query, ms": query_s * 1e3,
    }


def write_answers(shape: Shape) -> Figures:
    """Tokens a second of 1, 4 and 16 questions that wait together."""
    loaded = _random_vlm(shape.device) if shape.real else replace(tiny_vlm("qwen2-vl"))
    loaded = replace(loaded, ends=frozenset())  # random weights end anywhere: every answer is whole
    figures: Figures = {}
    n_tokens = shape.of(_TOKENS, 4)
    size = (shape.of(612, 56), shape.of(792, 56))
    for n in (1, 4, 16):
        model = VlmAnswerModel(
            "random", lambda: loaded, Sampling(max_tokens=n_tokens), VisualBudget(), max_batch=16
        )
        _ask(model, 1, size)  # loads and warms up
        began = shape.clock()
        n_written = _ask(model, n, size)
        figures[f"tokens a second, {n} questions"] = n_written / (shape.clock() - began)
    return figures


def score_exactly(shape: Shape) -> Figures:
    """Bytes of vectors a second of exact MaxSim over what is on the device, of one query and of 16 in a pass.

    Then over all GPUs of the machine, each with a range of the pages; in a rehearsal two names of one device.
    """
    n_pages, n_rows = shape.of(8192, 16), 768
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((n_rows, 128)).astype(np.float16)
    page = PageEmbedding(vectors, np.zeros((n_rows, 4), np.uint16))
    segment = segment_of(range(n_pages), [page] * n_pages)
    record = SegmentRecord("c", "s", n_pages, n_pages * n_rows, 128, {})
    open_segment = OpenSegment(record, segment)
    queries = [rng.standard_normal((20, 128)).astype(np.float32) for _ in range(16)]
    rows = np.arange(n_pages)

    def pass_s(scorer: PageScorer, n_queries: int) -> float:
        return visual.alternating(
            shape.clock,
            lambda: scorer.rough(queries[:n_queries], open_segment, rows),
            lambda: None,
            n=shape.of(9, 1),
        )[0]

    n_bytes = segment.vectors.nbytes
    scorer = GpuScorer(shape.device, memory_bytes=n_bytes + 1)
    speed = n_bytes / pass_s(scorer, 1)
    n_gpus = torch.cuda.device_count() if shape.real else 2
    devices = [torch.device("cuda", i) if shape.real else shape.device for i in range(n_gpus)]
    on_all = SeveralDevicesScorer([GpuScorer(device, n_bytes + 1) for device in devices])
    return {
        "GB a second": speed / 1e9,
        "of 3.35 TB/s": speed / H100_BYTES_S,
        "queries a second, 16 in a pass": 16 / pass_s(scorer, 16),
        f"queries a second, 16 in a pass, {n_gpus} devices": 16 / pass_s(on_all, 16),
    }


def choose_candidates(shape: Shape) -> Figures:
    """Queries a second of stage 1 in FAISS on the GPU; without its package it is said to be absent."""
    if find_spec("faiss") is None:
        return {"stage 1": "faiss is not installed"}
    import faiss

    if not hasattr(faiss, "StandardGpuResources") or faiss.get_num_gpus() == 0:
        return {"stage 1": "this faiss has no GPU"}
    n, n_lists = shape.of(4_000_000, 4_000), shape.of(4096, 16)
    vectors = np.random.default_rng(0).standard_normal((n, 128)).astype(np.float32)
    index = faiss.index_factory(128, f"IVF{n_lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
    gpu_index = faiss.index_cpu_to_all_gpus(index)
    gpu_index.train(vectors[: 64 * n_lists])
    gpu_index.add(vectors)
    queries = vectors[:20]
    seconds, _ = visual.alternating(
        shape.clock, lambda: gpu_index.search(queries, 100), lambda: None
    )
    return {"stage 1, ms a query of 20 tokens": seconds * 1e3}


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


CHECKS = (
    Check("parity of embeddings, GPU against CPU", "<= 0.01", 30, compare_with_cpu),
    Check(
        "pages to vectors", ">= 3x the plain loop, MFU >= 50 %, query <= 15 ms", 180, encode_pages
    ),
    Check("exact MaxSim", ">= 70 % of 3.35 TB/s", 60, score_exactly),
    Check("answers of waiting questions", "none yet", 150, write_answers),
    Check("stage 1 in FAISS", "none yet", 120, choose_candidates),
)


def _random_vlm(device: torch.device) -> LoadedVlm:
    """A Qwen2-VL of the 2B shape with random weights on the device."""
    import transformers

    config = colqwen2_config().vlm_config
    visual.enlarge(config)
    config._attn_implementation = "sdpa"
    torch.manual_seed(0)
    torch.set_default_dtype(fastest_dtype(device))
    with device:
        model = transformers.Qwen2VLForConditionalGeneration(config).eval()
    torch.set_default_dtype(torch.float32)
    model.generation_config = transformers.GenerationConfig()
    processor: Any = vlm_processor("qwen2_vl")
    tokenizer = processor.tokenizer
    return LoadedVlm(
        model=model,
        prompting=Prompting(tokenizer, processor.image_processor, 28, FrameTiming.ORDER),
        token_bytes=TokenBytes(tokenizer),
        ends=frozenset(),
        context_tokens=32_768,
    )


def _ask(model: VlmAnswerModel, n: int, size: tuple[int, int]) -> int:
    """Ask `n` questions at once; return how many tokens were written in all."""
    counts = [0] * n

    def ask(i: int) -> None:
        for piece in model.stream(prompt(f"What is total {i}?", (size,)), lambda: False):
            if isinstance(piece, Usage):
                counts[i] = piece.completion_tokens or 0

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(n)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)
