"""Load a visual encoder: find its checkpoint, build the model and the adapter, and put them together."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.checkpoints.contents import content_revision
from indexer.encoders.checkpoints.devices import fastest_dtype, resolve_device
from indexer.encoders.checkpoints.discovery import (
    LOCAL,
    Checkpoint,
    find_checkpoint,
    split_revision,
)
from indexer.encoders.checkpoints.messages import one_line, quiet
from indexer.encoders.visual.encoder import VisualEncoder
from indexer.encoders.visual.facts import VisualFacts
from indexer.encoders.visual.families import family_of
from indexer.encoders.visual.family import VisualAdapter
from indexer.encoders.visual.weights import load_model

if TYPE_CHECKING:
    import torch


def load_visual(
    facts: VisualFacts,
    *,
    device: str = "auto",
    source: str | None = None,
    name: str | None = None,
    dtype: torch.dtype | None = None,
    token_budget: int | None = None,
    compile_queries: bool = False,
) -> VisualEncoder:
    """Load a model and what belongs to it.

    source  a folder or a hub id (`owner/name` or `owner/name@revision`) instead of the model's own
    name    what the encoder is called instead of as the model is
    dtype   instead of the device's fastest

    Raises EncoderUnavailable when weights or device are missing or not the expected ones.
    """
    target_device = resolve_device(device)
    checkpoint = visual_checkpoint(facts, source)
    dtype = dtype or fastest_dtype(target_device)
    with quiet():
        model = load_model(checkpoint, facts, dtype, attention_for(facts, target_device, dtype))
        adapter = _adapter(model, checkpoint.processor, facts)
    return VisualEncoder(
        model,
        adapter,
        _fingerprint(facts, source, checkpoint).of_adapter(name),
        facts.query,
        device=target_device,
        token_budget=token_budget,
        compile_queries=compile_queries,
    )


def attention_for(facts: VisualFacts, device: torch.device, dtype: torch.dtype) -> str:
    """Return the fastest attention that transformers can use for the model here.

    flash-attention (arXiv 2307.08691) skips padding and works in half precision on a GPU only.
    """
    import torch
    from transformers.utils import is_flash_attn_2_available

    half = dtype in (torch.bfloat16, torch.float16)
    if family_of(facts).flash and device.type == "cuda" and half:
        return "flash_attention_2" if is_flash_attn_2_available() else "sdpa"
    return "sdpa"


def visual_fingerprint(
    facts: VisualFacts, source: str | None = None, name: str | None = None
) -> EncoderFingerprint:
    """Return what `load_visual(facts, source=source, name=name).fingerprint` would be.

    Costs nothing without a source; with one, its files are found and, in a folder, read.
    """
    if source is None:
        return facts.fingerprint
    return _fingerprint(facts, source, visual_checkpoint(facts, source)).of_adapter(name)


def visual_checkpoint(facts: VisualFacts, source: str | None) -> Checkpoint:
    """Find the files of a model, or of `source` instead. Raises EncoderUnavailable."""
    if source is not None:
        return find_checkpoint(*split_revision(source))
    return find_checkpoint(
        facts.checkpoint, facts.revision, base=facts.base, base_revision=facts.base_revision
    )


def _fingerprint(
    facts: VisualFacts, source: str | None, checkpoint: Checkpoint
) -> EncoderFingerprint:
    own = facts.fingerprint
    if source is None:
        return own
    local = Path(source).expanduser().is_dir()
    # The hub's cache names a snapshot's folder by its commit.
    folders = [folder.name for folder in (*reversed(checkpoint.adapters), checkpoint.weights)]
    return EncoderFingerprint(
        name=own.name,
        checkpoint=LOCAL if local else split_revision(source)[0],
        revision=content_revision(checkpoint) if local else "+".join(folders),
        dim=own.dim,
        options=own.options,
    )


def _adapter(model: Any, folder: Path, facts: VisualFacts) -> VisualAdapter:
    try:
        return family_of(facts).adapter(model, folder, facts)
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(
            f"{folder} has no tokenizer or image settings of {facts.name}: download it again "
            f"({one_line(error, 200)})"
        ) from error
