"""Write the two graphs of a checkpoint, and all that pages are read with, into a folder. Imports torch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.messages import quiet
from indexer.encoders.visual.colqwen2 import ColQwen2Adapter
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.loading import visual_checkpoint, visual_fingerprint
from indexer.encoders.visual.onnx.folder import TEXT, TOKENIZER, VISION, ExportedEncoder
from indexer.encoders.visual.onnx.products import Precision
from indexer.encoders.visual.onnx.towers import TowerShape, text_tower, vision_tower
from indexer.encoders.visual.weights import load_model

if TYPE_CHECKING:
    from torch import Tensor


def export_onnx(
    facts: VisualFacts,
    source: str | None,
    folder: Path,
    precision: Precision,
    adapter_name: str | None = None,
) -> ExportedEncoder:
    """Write `source`, or the model's own checkpoint, its LoRA adapters merged. Takes memory for it twice.

    adapter_name  of the adapter that `source` is, if it has a name of its own

    Raises EncoderUnavailable where it cannot be loaded, and for a folder that has something in it.
    """
    import torch

    if folder.exists() and any(folder.iterdir()):
        raise EncoderUnavailable(f"{folder} has something in it: name a new folder")
    checkpoint = visual_checkpoint(facts, source)
    with quiet():
        model = load_model(checkpoint, facts, torch.float32)
        adapter = ColQwen2Adapter(model, checkpoint.processor, facts)
    shape = _shape(model.config, facts)
    weights = _NumPyWeights(model.state_dict())
    folder.mkdir(parents=True, exist_ok=True)
    vision_tower(shape, weights, precision).save(folder / VISION)
    text_tower(shape, weights, precision).save(folder / TEXT)
    adapter.tokenizer.backend_tokenizer.save(str(folder / TOKENIZER))
    fingerprint = visual_fingerprint(facts, source)
    images, (before, after) = adapter.images, adapter.prompt
    about = ExportedEncoder(
        encoder=facts.name,
        adapter=adapter_name,
        checkpoint=fingerprint.checkpoint,
        revision=fingerprint.revision,
        precision=precision,
        shape=shape,
        image_mean=tuple(images.image_mean),
        image_std=tuple(images.image_std),
        rescale_factor=images.rescale_factor,
        resample=int(images.resample),
        frames=images.temporal_patch_size,
        before=tuple(before),
        after=tuple(after),
        special_tokens=tuple(adapter.tokenizer.all_special_tokens),
    )
    about.write(folder)  # last: with it the folder is whole
    return about


def _shape(config: Any, facts: VisualFacts) -> TowerShape:
    text, vision = config.vlm_config.text_config, config.vlm_config.vision_config
    has_windows = vision.model_type.startswith("qwen2_5")
    width = vision.hidden_size if has_windows else vision.embed_dim
    rope = text.rope_parameters
    return TowerShape(
        patch_px=facts.patch_px,
        merge=facts.merge,
        vision_layers=vision.depth,
        vision_heads=vision.num_heads,
        vision_head_dim=width // vision.num_heads,
        text_layers=text.num_hidden_layers,
        heads=text.num_attention_heads,
        kv_heads=text.num_key_value_heads,
        head_dim=text.hidden_size // text.num_attention_heads,
        hidden=text.hidden_size,
        epsilon=text.rms_norm_eps,
        theta=rope["rope_theta"],
        sections=tuple(rope["mrope_section"]),
        full_layers=tuple(vision.fullatt_block_indexes) if has_windows else None,
        window_px=vision.window_size if has_windows else 0,
        dim=facts.dim,
    )


class _NumPyWeights(Mapping[str, NDArray[np.float32]]):
    """Weights of torch as NumPy's, each made when it is asked for."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors

    def __getitem__(self, name: str) -> NDArray[np.float32]:
        values: NDArray[np.float32] = self._tensors[name].detach().float().numpy()
        return values

    def __iter__(self) -> Iterator[str]:
        return iter(self._tensors)

    def __len__(self) -> int:
        return len(self._tensors)
