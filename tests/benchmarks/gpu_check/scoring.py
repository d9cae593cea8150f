"""Exact MaxSim over vectors on the device, and candidates by FAISS. P pages, N vectors, D dim."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np
import torch

from indexer.base.pages import PageEmbedding
from indexer.storage.segments import SegmentRecord, segment_of
from retriever.open_collections import OpenSegment
from retriever.scoring.bounds import PageScorer
from retriever.scoring.gpu import GpuScorer
from retriever.scoring.several_devices import SeveralDevicesScorer
from tests.benchmarks import bench_visual as visual
from tests.benchmarks.gpu_check.shapes import Figures, Shape

# Bytes a second of the data sheets.
_BANDWIDTHS = {"H200": 4.8e12, "H100": 3.35e12, "A100": 2.04e12, "L40S": 0.864e12, "L4": 0.3e12}
_N_VECTORS, _DIM = 768, 128


def score_exactly(shape: Shape) -> Figures:
    """Bytes of vectors a second of exact MaxSim over what is on the device, of one query and of 16 in a pass.

    Then over all GPUs of the machine, each with a range of the pages; in a rehearsal two names of one device.
    Beside it what a copy on the device moves, and the two steps of a block by themselves.
    """
    n_pages = shape.of(8192, 16)
    rng = np.random.default_rng(0)
    vectors = rng.standard_normal((_N_VECTORS, _DIM), np.float32).astype(np.float16)
    page = PageEmbedding(vectors, np.zeros((_N_VECTORS, 4), np.uint16))
    segment = segment_of(range(n_pages), [page] * n_pages)
    record = SegmentRecord("c", "s", n_pages, n_pages * _N_VECTORS, _DIM, {})
    open_segment = OpenSegment(record, segment)
    queries = [rng.standard_normal((20, _DIM), np.float32) for _ in range(16)]
    rows = np.arange(n_pages)

    def pass_s(scorer: PageScorer, n_queries: int) -> float:
        return visual.alternating(
            shape.clock,
            lambda: scorer.rough(queries[:n_queries], open_segment, rows),
            lambda: None,
            n=shape.of(9, 1),
        )[0]

    n_bytes = segment.vectors.nbytes
    scorer = GpuScorer(shape.device, memory_bytes=2 * n_bytes)
    speed = n_bytes / pass_s(scorer, 1)
    n_gpus = torch.cuda.device_count() if shape.real else 2
    devices = [torch.device("cuda", i) if shape.real else shape.device for i in range(n_gpus)]
    on_all = SeveralDevicesScorer([GpuScorer(device, 2 * n_bytes) for device in devices])
    figures: Figures = {
        "GB of vectors a second": speed / 1e9,
        "of the bandwidth": speed / _bandwidth(shape),
        "queries a second, 16 in a pass": 16 / pass_s(scorer, 16),
        f"queries a second, 16 in a pass, {n_gpus} devices": 16 / pass_s(on_all, 16),
    }
    return figures | _steps_of_a_block(shape, vectors, torch.from_numpy(queries[0]))


def _steps_of_a_block(shape: Shape, vectors: Any, tokens: torch.Tensor) -> Figures:
    """What a copy of a block takes, its product and its maxima: where the time of a pass goes."""
    n_pages = shape.of(333, 2)  # 64 MiB
    block = torch.from_numpy(vectors).to(shape.device).repeat(n_pages, 1)
    columns = tokens.to(shape.device).T
    counts = torch.full((n_pages,), _N_VECTORS, device=shape.device)
    products = block.float() @ columns
    n = shape.of(9, 1)
    copy_s, product_s = visual.alternating(
        shape.clock, block.clone, lambda: block.float() @ columns, n=n
    )
    maxima_s, _ = visual.alternating(
        shape.clock,
        lambda: torch.segment_reduce(products, "max", lengths=counts, axis=0, unsafe=True),
        lambda: None,
        n=n,
    )
    return {
        "a copy, GB read and written a second": 2 * block.nbytes / copy_s / 1e9,
        "product of a block, us": product_s * 1e6,
        "maxima of a block, us": maxima_s * 1e6,
    }


def _bandwidth(shape: Shape) -> float:
    """Return the card's by its data sheet; by that of the H100 where it is unknown."""
    name = torch.cuda.get_device_name(shape.device) if shape.real else ""
    return next((b for kind, b in _BANDWIDTHS.items() if kind in name), _BANDWIDTHS["H100"])


def choose_candidates(shape: Shape) -> Figures:
    """Milliseconds of stage 1 in FAISS on the GPU, rehearsed on the processor; absent packages are told."""
    if find_spec("faiss") is None:
        return {"stage 1": "faiss is not installed"}
    import faiss

    n, n_lists = shape.of(4_000_000, 4_000), shape.of(4096, 16)
    index = faiss.index_factory(_DIM, f"IVF{n_lists},SQfp16", faiss.METRIC_INNER_PRODUCT)
    if shape.real:
        if not hasattr(faiss, "StandardGpuResources") or faiss.get_num_gpus() == 0:
            return {"stage 1": "this faiss has no GPU"}
        index = faiss.index_cpu_to_gpu(faiss.StandardGpuResources(), 0, index)
    vectors = np.random.default_rng(0).standard_normal((n, _DIM), np.float32)
    index.train(vectors[: 64 * n_lists])
    index.add(vectors)
    index.nprobe = 16
    seconds, _ = visual.alternating(
        shape.clock, lambda: index.search(vectors[:20], 100), lambda: None, n=shape.of(5, 1)
    )
    return {"stage 1, ms a query of 20 tokens": seconds * 1e3}
