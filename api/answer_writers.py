"""The generators that PAGESIGHT_GENERATOR can name, each made from the settings."""

from __future__ import annotations

from collections.abc import Callable

from api.settings import Settings
from generator.answerer import AnswerWriter
from generator.backends.deadlines import Deadlines
from generator.backends.messages import Sampling
from generator.backends.openai_chat import ChatServer, OpenAiChat
from generator.backends.page_images import as_jpeg
from generator.errors import GeneratorUnavailable
from generator.extractive import ExtractiveModel
from generator.prompts import PromptLimits
from generator.written import WrittenModel
from indexer.stores import Stores
from retriever.hits import PageHit


def make_writer(settings: Settings, stores: Stores) -> AnswerWriter:
    """The configured generator.

    Raises GeneratorUnavailable for an unknown name, and when a setting that it needs is missing.
    """
    if settings.generator not in WRITERS:
        raise GeneratorUnavailable(
            f"no generator is called {settings.generator!r}: set PAGESIGHT_GENERATOR to one of "
            f"{', '.join(WRITERS)}"
        )
    return WRITERS[settings.generator](settings, stores)


def _extractive(settings: Settings, stores: Stores) -> AnswerWriter:
    return ExtractiveModel(settings.min_support, settings.max_quotations)


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
        Sampling(settings.temperature, settings.top_p, settings.max_answer_tokens),
        Deadlines(
            settings.connect_timeout_s,
            settings.first_token_timeout_s,
            settings.between_tokens_timeout_s,
            settings.answer_timeout_s,
        ),
    )

    def image_of(hit: PageHit) -> bytes:
        return as_jpeg(stores.images.read(hit.page.image_sha256), settings.max_prompt_image_px)

    limits = PromptLimits(settings.page_text, settings.max_page_characters)
    return WrittenModel(chat, image_of, limits)


WRITERS: dict[str, Callable[[Settings, Stores], AnswerWriter]] = {
    "extractive": _extractive,
    "openai": _openai,
}
