"""Makes the writer over models behind addresses: several of one model, a small one before a large one."""

from __future__ import annotations

from api.base.settings import Settings
from api.services.prompting import limits_of, pointing_of, resized_by_a_server, sampling_of
from api.services.stored_pages import page_image
from generator.answering.cascade import Cascade
from generator.answering.model_writer import ModelWriter
from generator.answering.writer import AnswerWriter
from generator.backends.base import AnswerModel
from generator.backends.failover import FailoverModel
from generator.backends.openai.chat import ChatServer, OpenAiChat
from generator.backends.openai.deadlines import Deadlines
from generator.backends.openai.profiles import PROFILES
from generator.backends.openai.retries import Retries
from generator.backends.prices import PricedModel, Prices
from generator.errors import GeneratorUnavailable
from indexer.base.page_images import jpeg_for_model
from indexer.stores import Stores
from retriever.hits import PageHit


def openai_writer(settings: Settings, stores: Stores) -> AnswerWriter:
    """Make the writer of the `openai` generator. Raises GeneratorUnavailable where a setting is missing."""
    addresses = (settings.openai_base_url or "").split()
    if not addresses or not settings.openai_model:
        raise GeneratorUnavailable(
            "the openai generator needs an address and a model: set PAGESIGHT_OPENAI_BASE_URL "
            "(for example http://127.0.0.1:8080/v1) and PAGESIGHT_OPENAI_MODEL"
        )
    cap = settings.max_answer_cost
    prices = Prices(settings.prompt_price, settings.completion_price, cap)
    large = _writer(settings, stores, settings.openai_model, addresses, prices)
    if not settings.openai_small_model:
        return large
    small_addresses = (settings.openai_small_base_url or "").split() or addresses
    small_prices = Prices(settings.small_prompt_price, settings.small_completion_price, cap)
    small = _writer(settings, stores, settings.openai_small_model, small_addresses, small_prices)
    return Cascade(small, large, settings.cascade_support, settings.openai_model)


def _writer(
    settings: Settings, stores: Stores, model: str, addresses: list[str], prices: Prices
) -> ModelWriter:
    def image_of(hit: PageHit) -> bytes:
        return jpeg_for_model(page_image(stores, hit.page), settings.max_prompt_image_px)

    return ModelWriter(
        _model(settings, model, addresses, prices),
        image_of,
        limits_of(settings),
        settings.min_support,
        strict=settings.strict,
        pointing=pointing_of(settings, model, resized_by_a_server),
    )


def _model(settings: Settings, model: str, addresses: list[str], prices: Prices) -> AnswerModel:
    """Return the model: over several addresses each but the last is tried once."""
    last = len(addresses) - 1
    servers = [
        _server(settings, model, address, Retries() if n == last else Retries(max_attempts=1))
        for n, address in enumerate(addresses)
    ]
    answer_model: AnswerModel = servers[0] if len(servers) == 1 else FailoverModel(servers)
    if prices.prompt or prices.completion:
        return PricedModel(answer_model, prices, settings.max_answer_tokens)
    return answer_model


def _server(settings: Settings, model: str, address: str, retries: Retries) -> OpenAiChat:
    key = settings.openai_api_key
    return OpenAiChat(
        ChatServer(
            address,
            model,
            key.get_secret_value() if key else None,
            settings.openai_images,
            PROFILES[settings.openai_profile],
        ),
        sampling_of(settings),
        Deadlines(
            settings.connect_timeout_s,
            settings.first_token_timeout_s,
            settings.between_tokens_timeout_s,
            settings.answer_timeout_s,
        ),
        retries,
    )
