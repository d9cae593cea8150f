"""Makes the writer of answers that PAGESIGHT_GENERATOR names, from the settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from api.base.main_memory import ram_bytes
from api.base.settings import Settings
from api.services.openai_writers import openai_writer
from api.services.prompting import (
    CELL_PX,
    limits_of,
    pointing_of,
    sampling_of,
    size_of,
)
from api.services.stored_pages import page_image
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.model_writer import ModelWriter
from generator.answering.writer import AnswerWriter
from generator.backends.gguf.engine import load_engine
from generator.backends.gguf.files import find_projector_source
from generator.backends.gguf.model import GgufAnswerModel
from generator.backends.gguf.options import GgufOptions
from generator.backends.vlm.loading import load_vlm
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.options import VlmOptions
from generator.backends.vlm.visual_budget import VisualBudget, share_out
from generator.registry import GENERATORS, generator_facts
from indexer.base.page_images import jpeg_for_model
from indexer.stores import Stores
from retriever.hits import PageHit

# A phrase has fewer; a small model that does not stop by itself is stopped.
_BRIEF_TOKENS = 256


def make_writer(settings: Settings, stores: Stores) -> AnswerWriter:
    """Make the configured generator's writer.

    Raises GeneratorUnavailable for an unknown name, and when a setting that it needs is missing.
    """
    return WRITERS[generator_facts(settings.generator).name](settings, stores)


def _extractive(settings: Settings, stores: Stores) -> AnswerWriter:
    return ExtractiveWriter(settings.min_support, settings.max_quotations)


def _vlm(settings: Settings, stores: Stores) -> AnswerWriter:
    facts = generator_facts(settings.generator)
    options = VlmOptions(
        checkpoint=settings.vlm_checkpoint,
        device=settings.device,
        dtype=settings.vlm_dtype,
        quantization=settings.vlm_quantization,
        attention=settings.vlm_attention,
        yarn_factor=settings.vlm_yarn_factor,
    )

    budget = VisualBudget(
        settings.visual_token_budget, settings.min_page_visual_tokens, settings.max_prompt_image_px
    )
    model = VlmAnswerModel(
        facts.name,
        lambda: load_vlm(facts, options),
        sampling_of(settings),
        budget,
        settings.vlm_batch_size,
    )

    def seen_sizes(sizes_px: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        return [size_of(grid) for grid in share_out(sizes_px, CELL_PX, budget)]

    # The stored image as it is: the model's own resizing is the only one.
    return ModelWriter(
        model,
        lambda hit: page_image(stores, hit.page),
        limits_of(settings),
        settings.min_support,
        strict=settings.strict,
        pointing=pointing_of(settings, facts.name, seen_sizes),
    )


def _gguf(settings: Settings, stores: Stores) -> AnswerWriter:
    options = gguf_options(settings)
    sampling = sampling_of(settings)
    limits = replace(
        limits_of(settings),
        max_prompt_characters=settings.gguf_prompt_characters,
        brief=settings.gguf_brief,
    )
    if settings.gguf_brief:
        sampling = replace(sampling, max_tokens=min(sampling.max_tokens, _BRIEF_TOKENS))
    model = GgufAnswerModel(
        settings.gguf,
        lambda: load_engine(options),
        sampling,
        reads_images=find_projector_source(options) is not None,
    )

    def image_of(hit: PageHit) -> bytes:
        return jpeg_for_model(page_image(stores, hit.page), settings.max_prompt_image_px)

    return ModelWriter(
        model, image_of, limits, settings.min_support, settings.gguf_min_logprob, settings.strict
    )


def gguf_options(settings: Settings) -> GgufOptions:
    """Return how the GGUF model that the settings name is loaded."""
    return GgufOptions(
        source=settings.gguf,
        projector=settings.gguf_mmproj,
        folder=models_folder(settings),
        context_tokens=settings.gguf_context_tokens,
        n_threads=settings.gguf_threads or len(os.sched_getaffinity(0)),
        on_gpu=settings.device.startswith("cuda"),
        memory_bytes=ram_bytes(),
    )


def models_folder(settings: Settings) -> Path:
    """Return the folder of downloaded models."""
    return settings.models_dir or settings.data_dir / "models"


WRITERS: dict[str, Callable[[Settings, Stores], AnswerWriter]] = {
    "extractive": _extractive,
    "openai": openai_writer,
    "gguf": _gguf,
    **{facts.name: _vlm for facts in GENERATORS.values() if facts.model_type},
}
