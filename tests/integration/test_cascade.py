"""Servers that fail, a small model before a large one, and what an answer costs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from api.services.answerers import make_answerer
from api.services.openai_writers import openai_writer
from api.services.wiring import Services
from generator.answering.answers import Answer
from generator.answering.cascade import Cascade
from generator.answering.model_writer import ModelWriter
from generator.backends.base import Usage
from generator.backends.failover import FailoverModel
from generator.backends.fake import FakeAnswerModel
from generator.backends.prices import PricedModel, Prices
from generator.errors import BackendCut, BackendRefused, BackendUnreachable, PromptTooDear
from generator.prompts import Prompt
from tests.support.scripted_model import ScriptedModel
from tests.support.small_library import QUESTION, SENTENCE, library

PROMPT = Prompt("system", (), (), "question")
DOWN = BackendUnreachable("down")


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    yield library(tmp_path_factory.mktemp("cascade"), min_support=0.0)


def text_of(model: FailoverModel) -> str:
    return "".join(piece for piece in model.stream(PROMPT, lambda: False) if isinstance(piece, str))


def test_the_next_server_is_asked_where_one_fails_before_its_first_word() -> None:
    good = FakeAnswerModel(["yes"])
    assert text_of(FailoverModel([FakeAnswerModel([], error=DOWN), good])) == "yes"
    assert text_of(FailoverModel([good, FakeAnswerModel(["no"])])) == "yes"
    with pytest.raises(BackendUnreachable):
        text_of(FailoverModel([FakeAnswerModel([], error=DOWN)] * 2))
    n_asked = len(good.prompts)
    for pieces, error in (
        (["half"], BackendCut("cut")),  # a second server would begin another answer
        ([], BackendRefused("no such model", 404)),  # the request is at fault
    ):
        with pytest.raises(type(error)):
            text_of(FailoverModel([FakeAnswerModel(pieces, error=error), good]))
    assert len(good.prompts) == n_asked


def page_with_torque(prompt: Prompt) -> int:
    return next(page.number for page in prompt.pages if "45 Nm" in page.text)


def cascaded(services: Services, small_says: str) -> tuple[ScriptedModel, ScriptedModel, Answer]:
    small = ScriptedModel(lambda p: small_says.replace("[n]", f"[{page_with_torque(p)}]"))
    large = ScriptedModel(lambda p: f"{SENTENCE} [{page_with_torque(p)}]")
    writers = [
        ModelWriter(PricedModel(model, Prices(prompt=price), 64), lambda _: b"")
        for model, price in ((small, 1e5), (large, 1e6))
    ]
    cascade = Cascade(*writers, min_support=0.2, large_name="large")
    settings, catalog = services.settings, services.stores.catalog
    answerer = make_answerer(settings, services.searcher, catalog, cascade, services.regions)
    return small, large, answerer.answer(QUESTION, ["manuals"], k=3)


def test_the_large_model_is_asked_where_no_page_carries_what_the_small_one_says(
    services: Services,
) -> None:
    _, large, answer = cascaded(services, f"{SENTENCE} [n]")
    assert answer.grounded and not large.prompts and not answer.steps
    assert answer.usage["cost"] == 10 * 1e5 / 1e6
    for weak in ("NOT FOUND", "They are made of cheese [n]", f"{SENTENCE} [n] Roses are red."):
        _, large, answer = cascaded(services, weak)
        assert len(large.prompts) == 1 and answer.grounded and "cheese" not in answer.answer
        assert [(step.kind, step.text) for step in answer.steps] == [("model", "large")]
        assert answer.usage["cost"] == pytest.approx(10 * (1e5 + 1e6) / 1e6), "both are paid for"


def test_a_prompt_that_may_cost_too_much_is_refused_before_it_is_sent() -> None:
    inner = FakeAnswerModel(["yes"])
    *_, usage = PricedModel(ScriptedModel(lambda _: "yes!"), Prices(2.0, 4.0), 100).stream(
        PROMPT, lambda: False
    )
    assert isinstance(usage, Usage) and usage.cost == pytest.approx((10 * 2 + 1 * 4) / 1e6)
    dear = PricedModel(inner, Prices(2.0, 4.0, max_cost=1e-4), 100)
    with pytest.raises(PromptTooDear, match="PAGESIGHT_MAX_ANSWER_COST"):
        list(dear.stream(PROMPT, lambda: False))
    assert not inner.prompts
    list(PricedModel(inner, Prices(2.0, 4.0, max_cost=1e-2), 100).stream(PROMPT, lambda: False))


def test_settings_make_servers_cascade_and_prices(services: Services) -> None:
    update = {
        "openai_base_url": "http://127.0.0.1:1/v1 http://127.0.0.1:2/v1",
        "openai_model": "large",
        "openai_small_model": "small",
        "prompt_price": 2.0,
    }
    settings = services.settings.model_copy(update=update)
    writer = openai_writer(settings, services.stores)
    assert isinstance(writer, Cascade)
    reason = writer.unavailable_reason()
    assert "127.0.0.1:1 " in reason and "127.0.0.1:2 " in reason, "none of them listens"
    alone = settings.model_copy(update={"openai_small_model": None})
    assert isinstance(openai_writer(alone, services.stores), ModelWriter)
