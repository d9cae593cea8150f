from __future__ import annotations

import pytest

from api.base.settings import Settings
from api.services.answer_writers import WRITERS, make_writer
from generator.answering.extractive_writer import ExtractiveWriter
from generator.answering.model_writer import ModelWriter
from generator.errors import GeneratorUnavailable
from indexer.stores import Stores


def settings(**values: object) -> Settings:
    return Settings(**values)  # type: ignore[arg-type]


def test_an_unknown_generator_names_the_known_ones(stores: Stores) -> None:
    with pytest.raises(GeneratorUnavailable, match=r"'oracle'.*extractive, openai"):
        make_writer(settings(generator="oracle"), stores)


def test_a_model_without_an_address_says_what_to_set(stores: Stores) -> None:
    with pytest.raises(GeneratorUnavailable, match="PAGESIGHT_OPENAI_BASE_URL"):
        make_writer(settings(generator="openai", openai_model="m"), stores)


def test_each_generator_is_made_from_the_settings(stores: Stores) -> None:
    address = {"openai_base_url": "http://127.0.0.1:1/v1", "openai_model": "m"}
    made = {name: make_writer(settings(generator=name, **address), stores) for name in WRITERS}
    assert isinstance(made["extractive"], ExtractiveWriter)
    assert isinstance(made["openai"], ModelWriter)


def test_the_key_is_in_no_representation_of_the_settings() -> None:
    assert "secret-key" not in repr(settings(openai_api_key="secret-key"))
