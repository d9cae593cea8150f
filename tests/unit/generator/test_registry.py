from __future__ import annotations

import re

import pytest

from api.services.answer_writers import WRITERS
from generator.errors import GeneratorUnavailable
from generator.registry import GENERATORS, generator_facts


def test_every_generator_that_is_listed_can_be_made_and_no_other() -> None:
    assert list(GENERATORS) == list(WRITERS)


def test_what_is_downloaded_is_pinned_and_has_a_size_and_a_licence() -> None:
    for facts in GENERATORS.values():
        assert facts.summary and facts.licence
        assert bool(facts.checkpoint) == bool(facts.size_bytes) == bool(facts.model_type)
        if facts.checkpoint:
            assert re.fullmatch("[0-9a-f]{40}", facts.revision)


def test_an_unknown_generator_names_the_known_ones() -> None:
    with pytest.raises(GeneratorUnavailable, match=r"'oracle'.*extractive, openai, gguf, qwen2-vl"):
        generator_facts("oracle")
