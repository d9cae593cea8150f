"""What an answer of a catalogue model takes, computed: only one of them was run (docs/experiments.md)."""

from __future__ import annotations

from generator.backends.gguf.catalogue import CatalogueModel
from generator.backends.gguf.memory import GgufMemory

PAGE_IMAGES = 2  # of an answer, where a model sees
# CPU seconds of Qwen2.5-Coder 1.5B over 1,500 characters of pages, with the rules about 600 tokens.
_MEASURED_S = 10.5
_MEASURED_PARAMETERS = 1_540_000_000
_PROMPT_TOKENS = 600
_IMAGE_TOKENS = 768  # of a page image, by the default of PAGESIGHT_MAX_PROMPT_IMAGE_PX
_PATCHES_OF_TOKEN = 4


def memory_of_model(model: CatalogueModel, context_tokens: int) -> GgufMemory:
    """Return what a model takes in main memory with a context of so many tokens."""
    return GgufMemory(model.size_bytes, context_tokens * model.token_memory_bytes)


def answer_cpu_s(model: CatalogueModel, n_page_images: int) -> float:
    """Return the CPU seconds of an answer: parameters times what they read, by the pace that was measured.

    A model that sees also reads `n_page_images` page images, each patch of them by its vision tower.
    """
    reads = model.n_parameters * _PROMPT_TOKENS
    if model.projector is not None:
        n_tower_parameters = model.projector.size_bytes  # stored in 8 bits
        tower_reads = n_tower_parameters * _PATCHES_OF_TOKEN
        reads += n_page_images * _IMAGE_TOKENS * (model.n_parameters + tower_reads)
    return _MEASURED_S * reads / (_MEASURED_PARAMETERS * _PROMPT_TOKENS)
