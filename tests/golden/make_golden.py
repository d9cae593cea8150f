"""Makes `colpali_engine.npz`: what colpali-engine 0.3.18 gives for the tiny checkpoints of the tests.

The oracle must not share an environment with pagesight: it brings torchvision, whose operators do not fit
the CPU build of torch. Beside pagesight's own packages it needs, in a folder of its own:

    pip install --no-deps --target ORACLE colpali-engine==0.3.18 peft scipy torchvision==0.28.0
    PYTHONPATH=ORACLE:. python tests/golden/make_golden.py

Images have sides that are whole cells, so that nothing is resized and no version of an image library has
a say; weights come from `tests.support.checkpoints`, drawn by NumPy.
"""

from __future__ import annotations

import sys
import types
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np

OUT = Path(__file__).with_name("colpali_engine.npz")
SIDES = (
    (224, 168),
    (112, 252),
    (280, 140),
)  # (width, height): 8 x 6, 4 x 9 and 10 x 5 cells of 28 px
QUERY = "what is the total revenue?"


def golden_images() -> list[np.ndarray]:
    """Noise in blocks, (height, width, 3) uint8."""
    rng = np.random.default_rng(11)
    images = []
    for width, height in SIDES:
        blocks = rng.integers(0, 256, (height // 14, width // 14, 3), dtype=np.uint8)
        images.append(blocks.repeat(14, axis=0).repeat(14, axis=1))
    return images


def golden_tiles() -> list[np.ndarray]:
    """Noise for ColModernVBERT, whole tiles of 32 px: 3 x 2 and 2 x 3."""
    rng = np.random.default_rng(12)
    return [rng.integers(0, 256, (h, w, 3), dtype=np.uint8) for w, h in ((96, 64), (64, 96))]


def declare_missing_operators() -> object:
    """torchvision's Python code asks for these at import; images are handled by Pillow here.

    They exist as long as what is returned.
    """
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    for name in ("roi_align", "roi_pool", "ps_roi_align", "ps_roi_pool", "deform_conv2d"):
        library.define(f"{name}(Tensor a) -> Tensor")
        library.define(f"_{name}_backward(Tensor a) -> Tensor")
    return library


def without_training() -> None:
    """colpali-engine imports its trainer's dependencies with its models; they are not needed."""
    for name in ("peft", "accelerate"):
        try:
            __import__(name)
        except ImportError:
            stub = types.ModuleType(name)
            stub.__spec__ = ModuleSpec(name, None)
            sys.modules[name] = stub


def engine_name(name: str) -> str:
    return name.removeprefix("vlm.").replace("embedding_proj_layer", "custom_text_proj")


def encode_qwen(family: str) -> dict[str, np.ndarray]:
    import torch
    from colpali_engine.models import ColQwen2, ColQwen2_5, ColQwen2_5_Processor, ColQwen2Processor
    from PIL import Image
    from transformers import Qwen2VLVideoProcessor

    from tests.support import checkpoints

    native = checkpoints.colqwen2_model(family)
    config = native.config.vlm_config
    kinds = {"qwen2_vl": (ColQwen2, ColQwen2Processor)}
    kinds["qwen2_5_vl"] = (ColQwen2_5, ColQwen2_5_Processor)
    model_class, processor_class = kinds[family]
    model = model_class(config).eval()
    model.load_state_dict({engine_name(k): v for k, v in native.state_dict().items()}, strict=True)
    ours = checkpoints.colqwen2_processor()
    processor = processor_class(ours.image_processor, ours.tokenizer, Qwen2VLVideoProcessor())
    found: dict[str, np.ndarray] = {}
    with torch.inference_mode():
        for i, array in enumerate(golden_images()):
            batch = processor.process_images([Image.fromarray(array)])
            visual = batch["input_ids"][0] == processor.image_token_id
            found[f"page{i}_ids"] = batch["input_ids"][0].numpy()
            found[f"page{i}"] = model(**batch)[0][visual].numpy()
        # The prefix that the checkpoints were trained with; newer engines leave it to the caller.
        batch = processor.process_queries([f"Query: {QUERY}"])
        found["query_ids"] = batch["input_ids"][0].numpy()
        found["query"] = model(**batch)[0].numpy()
    return {f"{family}_{name}": value for name, value in found.items()}


def encode_modernvbert() -> dict[str, np.ndarray]:
    import torch
    from colpali_engine.models import ColModernVBert, ColModernVBertProcessor
    from PIL import Image

    from tests.support import checkpoints

    native = checkpoints.colmodernvbert_model()
    model = ColModernVBert(native.config.vlm_config).eval()
    names = {
        k.replace("vlm.", "model.", 1).replace("embedding_proj_layer", "custom_text_proj"): v
        for k, v in native.state_dict().items()
    }
    model.load_state_dict(names, strict=True)
    ours = checkpoints.colmodernvbert_processor()
    processor = ColModernVBertProcessor(ours.image_processor, ours.tokenizer, image_seq_len=4)
    found: dict[str, np.ndarray] = {}
    with torch.inference_mode():
        for i, array in enumerate(golden_tiles()):
            batch = processor.process_images([Image.fromarray(array)])
            visual = batch["input_ids"][0] == processor.image_token_id
            found[f"page{i}_ids"] = batch["input_ids"][0].numpy()
            found[f"page{i}"] = model(**batch)[0][visual].numpy()
        batch = processor.process_queries([QUERY])
        found["query_ids"] = batch["input_ids"][0].numpy()
        found["query"] = model(**batch)[0].numpy()
    return {f"modernvbert_{name}": value for name, value in found.items()}


if __name__ == "__main__":
    kept = declare_missing_operators()
    without_training()
    np.savez_compressed(
        OUT, **encode_qwen("qwen2_vl"), **encode_qwen("qwen2_5_vl"), **encode_modernvbert()
    )
    print(OUT.name, OUT.stat().st_size, "bytes")
