"""From a name to an encoder that is ready: the one place that puts the parts together."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.device import fastest_dtype, resolve_device
from indexer.encoders.visual import lora
from indexer.encoders.visual.encoder import VisualAdapter, VisualEncoder
from indexer.encoders.visual.key_maps import FAMILIES
from indexer.encoders.visual.model_facts import VisualFacts
from indexer.encoders.visual.weights import (
    Checkpoint,
    find_checkpoint,
    load_model,
)

if TYPE_CHECKING:
    import torch

# What a fingerprint calls a checkpoint that was given as a folder; its revision is its content.
LOCAL = "local folder"
_IDENTITY = (
    "config.json",
    "preprocessor_config.json",
    "processor_config.json",
    "tokenizer.json",
    lora.CONFIG,
)


def load_visual(
    facts: VisualFacts,
    *,
    device: str = "auto",
    source: str | None = None,
    dtype: torch.dtype | None = None,
    token_budget: int | None = None,
    compile_queries: bool = False,
) -> VisualEncoder:
    """`source` is a folder or a hub id (`owner/name` or `owner/name@revision`) to take instead of the
    model's own; `dtype` overrides the device's fastest.

    Raises EncoderUnavailable when weights or device are missing or not the expected ones.
    """
    chosen = resolve_device(device)
    checkpoint = _find(facts, source)
    dtype = dtype or fastest_dtype(chosen)
    with quiet():
        model = load_model(checkpoint, facts, dtype, attention_for(facts, chosen, dtype))
        adapter = _adapter(model, checkpoint.processor, facts)
    return VisualEncoder(
        model,
        adapter,
        _fingerprint(facts, source, checkpoint),
        facts.query,
        device=chosen,
        token_budget=token_budget,
        compile_queries=compile_queries,
    )


def attention_for(facts: VisualFacts, device: torch.device, dtype: torch.dtype) -> str:
    """The fastest attention that transformers can use for the model here.

    flash-attention (arXiv 2307.08691) skips padding and works in half precision on a GPU only.
    """
    import torch
    from transformers.utils import is_flash_attn_2_available

    half = dtype in (torch.bfloat16, torch.float16)
    if FAMILIES[facts.family].flash and device.type == "cuda" and half:
        return "flash_attention_2" if is_flash_attn_2_available() else "sdpa"
    return "sdpa"


@contextmanager
def quiet() -> Iterator[None]:
    """No progress bar and no advice of transformers: what matters of a load is checked and raised.

    Errors are still logged. The state is the process's own, so loads that overlap may restore late.
    """
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def visual_fingerprint(facts: VisualFacts, source: str | None = None) -> EncoderFingerprint:
    """What `load_visual(facts, source=source).fingerprint` is.

    Costs nothing without a source; with one, its files are found and, in a folder, read.
    """
    return (
        facts.fingerprint if source is None else _fingerprint(facts, source, _find(facts, source))
    )


def _find(facts: VisualFacts, source: str | None) -> Checkpoint:
    if source is not None:
        name, _, revision = source.partition("@") if not Path(source).exists() else (source, "", "")
        return find_checkpoint(name, revision or None)
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
    folders = [f.name for f in (checkpoint.adapter, checkpoint.weights) if f is not None]
    return EncoderFingerprint(
        name=own.name,
        checkpoint=LOCAL if local else source.partition("@")[0],
        revision=content_revision(checkpoint) if local else "+".join(folders),
        dim=own.dim,
        options=own.options,
    )


def content_revision(checkpoint: Checkpoint) -> str:
    """`sha256:` over the names and bytes of all that shapes the vectors of a local checkpoint.

    Reads every weight once: about 1 to 3 s per GB on one core, less than loading them takes.
    """
    total = hashlib.sha256()
    for folder in (checkpoint.weights, checkpoint.adapter, checkpoint.processor):
        for path in sorted(folder.iterdir()) if folder else ():
            if path.suffix == ".safetensors" or path.name in _IDENTITY:
                with path.open("rb") as file:
                    digest = hashlib.file_digest(file, "sha256").hexdigest()
                total.update(f"{path.name} {digest}\n".encode())
    return f"sha256:{total.hexdigest()}"


def _adapter(model: Any, folder: Path, facts: VisualFacts) -> VisualAdapter:
    from indexer.encoders.visual.colmodernvbert import ColModernVBertAdapter
    from indexer.encoders.visual.colpali import ColPaliAdapter
    from indexer.encoders.visual.colqwen2 import ColQwen2Adapter

    kinds: dict[str, type[ColQwen2Adapter | ColPaliAdapter | ColModernVBertAdapter]] = {
        "colqwen2": ColQwen2Adapter,
        "colpali": ColPaliAdapter,
        "colmodernvbert": ColModernVBertAdapter,
    }
    try:
        return kinds[facts.family](model, folder, facts)
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(
            f"{folder} has no tokenizer or image settings of {facts.name}: download it again "
            f"({' '.join(str(error).split())[:200]})"
        ) from error
