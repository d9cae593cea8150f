"""What the settings say of prompts: how much they hold, how tokens are drawn, how a model points."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from api.base.settings import Settings
from generator.answering.pointing_reader import PointingOptions
from generator.backends.messages import Sampling
from generator.backends.vlm.visual_budget import CellGrid, fit_grid
from generator.errors import GeneratorUnavailable
from generator.grounding.scales import Scale, scale_of
from generator.prompts import PromptLimits

# Of Qwen2.5-VL, whose boxes are in pixels of the resized image; preprocessor_config.json of its release.
CELL_PX = 28
_MIN_SERVER_TOKENS, _MAX_SERVER_TOKENS = 4, 16_384


def pointing_of(
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


def resized_by_a_server(sizes_px: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the sizes that a server's own processor resizes images to, with the limits of its release."""
    return [
        size_of(fit_grid(*size, CELL_PX, _MAX_SERVER_TOKENS, _MIN_SERVER_TOKENS))
        for size in sizes_px
    ]


def size_of(grid: CellGrid) -> tuple[int, int]:
    """Return the pixels of an image of so many cells."""
    return grid.columns * CELL_PX, grid.rows * CELL_PX


def sampling_of(settings: Settings) -> Sampling:
    """Return how tokens are drawn."""
    return Sampling(settings.temperature, settings.top_p, settings.max_answer_tokens)


def limits_of(settings: Settings) -> PromptLimits:
    """Return how much a prompt holds."""
    return PromptLimits(settings.page_text, settings.max_page_characters)
