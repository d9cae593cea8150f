"""Makes the writer of answers that PAGESIGHT_GENERATOR names, from the settings."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from api.base.main_memory import ram_bytes
from api.base.settings import Settings
from api.services.stored_pages import page_image
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.model_writer import ModelWriter
from generator.answering.pointing_reader import PointingOptions
from generator.answering.writer import AnswerWriter
from generator.backends.gguf.engine import load_engine
from generator.backends.gguf.files import find_projector_source
from generator.backends.gguf.model import GgufAnswerModel
from generator.backends.gguf.options import GgufOptions
from generator.backends.messages import Sampling
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.backends.openai.deadlines import Deadlines
from generator.backends.vlm.loading import load_vlm
from generator.backends.vlm.model import VlmAnswerModel
from generator.backends.vlm.options import VlmOptions
from generator.backends.vlm.visual_budget import CellGrid, VisualBudget, fit_grid, share_out
from generator.errors import GeneratorUnavailable
from generator.grounding.scales import Scale, scale_of
from generator.prompts import PromptLimits
from generator.registry import GENERATORS, generator_facts
from indexer.base.page_images import jpeg_for_model
from indexer.stores import Stores
from retriever.hits import PageHit

# A phrase has fewer; a small model that does not stop by itself is stopped.
_BRIEF_TOKENS = 256
# Of Qwen2.5-VL, whose boxes are in pixels of the resized image; preprocessor_config.json of its release.
_CELL_PX = 28
_MIN_SERVER_TOKENS, _MAX_SERVER_TOKENS = 4, 16_384


def make_writer(settings: Settings, stores: Stores) -> AnswerWriter:
    """Make the configured generator's writer.

    Raises GeneratorUnavailable for an unknown name, and when a setting that it needs is missing.
    """
    return WRITERS[generator_facts(settings.generator).name](settings, stores)


def _extractive(settings: Settings, stores: Stores) -> AnswerWriter:
    return ExtractiveWriter(settings.min_support, settings.max_quotations)


def _openai(settings: Settings, stores: Stores) -> AnswerWriter:
    if not settings.openai_base_url or not settings.openai_model:
        raise GeneratorUnavailable(
            "the openai generator needs an address and a model: set PAGESIGHT_OPENAI_BASE_URL "
            "(for example http://127.0.0.1:8080/v1) and PAGESIGHT_OPENAI_MODEL"
        )
    key = settings.openai_api_key
    chat = OpenAiChat(
        ChatServer(
            settings.openai_base_url,
            settings.openai_model,
            key.get_secret_value() if key else None,
            settings.openai_images,
        ),
        _sampling(settings),
        Deadlines(
            settings.connect_timeout_s,
            settings.first_token_timeout_s,
            settings.between_tokens_timeout_s,
            settings.answer_timeout_s,
        ),
    )

    def image_of(hit: PageHit) -> bytes:
        return jpeg_for_model(page_image(stores, hit.page), settings.max_prompt_image_px)

    return ModelWriter(
        chat,
        image_of,
        _limits(settings),
        settings.min_support,
        strict=settings.strict,
        pointing=_pointing(settings, settings.openai_model, _resized_by_a_server),
    )


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
        _sampling(settings),
        budget,
        settings.vlm_batch_size,
    )

    def seen_sizes(sizes_px: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
        return [_size_of(grid) for grid in share_out(sizes_px, _CELL_PX, budget)]

    # The stored image as it is: the model's own resizing is the only one.
    return ModelWriter(
        model,
        lambda hit: page_image(stores, hit.page),
        _limits(settings),
        settings.min_support,
        strict=settings.strict,
        pointing=_pointing(settings, facts.name, seen_sizes),
    )


def _gguf(settings: Settings, stores: Stores) -> AnswerWriter:
    options = gguf_options(settings)
    sampling = _sampling(settings)
    limits = replace(
        _limits(settings),
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


def _pointing(
    settings: Settings,
    model: str,
    seen_sizes: Callable[[Sequence[tuple[int, int]]], Sequence[tuple[int, int]]],
) -> PointingOptions | None:
    """Return how a model points, if it is asked to. Raises GeneratorUnavailable where nobody knows."""
    if settings.pointing == "off":
        return None
    scale = scale_of(model) if settings.pointing == "auto" else Scale(settings.pointing)
    if scale is None:
        raise GeneratorUnavailable(
            f"PAGESIGHT_POINTING=auto does not know what the numbers of {model!r} mean: set "
            "`thousandths` or `pixels`"
        )
    return PointingOptions(scale, seen_sizes)


def _resized_by_a_server(sizes_px: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sizes that a server's own processor resizes images to, with the limits of its release."""
    return [
        _size_of(fit_grid(*size, _CELL_PX, _MAX_SERVER_TOKENS, _MIN_SERVER_TOKENS))
        for size in sizes_px
    ]


def _size_of(grid: CellGrid) -> tuple[int, int]:
    return grid.columns * _CELL_PX, grid.rows * _CELL_PX


def _sampling(settings: Settings) -> Sampling:
    return Sampling(settings.temperature, settings.top_p, settings.max_answer_tokens)


def _limits(settings: Settings) -> PromptLimits:
    return PromptLimits(settings.page_text, settings.max_page_characters)


WRITERS: dict[str, Callable[[Settings, Stores], AnswerWriter]] = {
    "extractive": _extractive,
    "openai": _openai,
    "gguf": _gguf,
    **{facts.name: _vlm for facts in GENERATORS.values() if facts.model_type},
}
