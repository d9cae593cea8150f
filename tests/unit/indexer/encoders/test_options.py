"""Settings of encoders: what they do to a fingerprint, and where an encoder does not have them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from indexer.base.errors import EncoderMismatch, EncoderUnavailable
from indexer.base.settings import IndexerSettings
from indexer.catalog.collections import Collection
from indexer.encoders.options import EncoderOptions
from indexer.encoders.pooling import PooledEncoder
from indexer.encoders.registry import ENCODERS, fingerprint_of, load_encoder

WITH_CHECKPOINT = [name for name, model in ENCODERS.items() if model.facts.checkpoint]
NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize("name", WITH_CHECKPOINT)
def test_the_defaults_leave_every_fingerprint_as_it_was(name: str) -> None:
    options = EncoderOptions.of(IndexerSettings())
    assert fingerprint_of(name, options) == fingerprint_of(name)
    assert not {"token_pooling", "min_visual_tokens"} & set(fingerprint_of(name).options)


@pytest.mark.parametrize("name", WITH_CHECKPOINT)
def test_every_encoder_can_be_pooled(name: str) -> None:
    options = EncoderOptions.of(IndexerSettings(token_pooling=3))
    assert fingerprint_of(name, options).options["token_pooling"] == 3


def test_a_pooled_encoder_has_the_fingerprint_that_was_foretold() -> None:
    options = EncoderOptions(token_pooling=2)
    encoder = load_encoder("fake", device="cpu", options=options)
    assert isinstance(encoder, PooledEncoder)
    assert encoder.fingerprint == fingerprint_of("fake", options)


@pytest.mark.parametrize("name", ["colqwen2", "colqwen2.5"])
def test_the_resolution_is_part_of_the_fingerprint(name: str) -> None:
    options = EncoderOptions(min_visual_tokens=64, max_visual_tokens=512)
    found = fingerprint_of(name, options).options
    assert (found["min_visual_tokens"], found["max_visual_tokens"]) == (64, 512)
    own = fingerprint_of(name)
    assert fingerprint_of(name, EncoderOptions(max_visual_tokens=768)) == own
    assert fingerprint_of(name, EncoderOptions(min_visual_tokens=4)) == own


@pytest.mark.parametrize("name", ["colpali", "colmodernvbert"])
def test_a_model_of_one_resolution_says_so(name: str) -> None:
    options = EncoderOptions(max_visual_tokens=512)
    for ask in (
        lambda: fingerprint_of(name, options),
        lambda: load_encoder(name, device="cpu", options=options),
    ):
        with pytest.raises(EncoderUnavailable, match=f"{name} .* fixed number .* unset PAGESIGHT"):
            ask()


@pytest.mark.parametrize("name", ["lite", "fake"])
def test_an_encoder_of_words_has_no_visual_tokens(name: str) -> None:
    with pytest.raises(EncoderUnavailable, match=f"{name} .* no visual tokens: unset PAGESIGHT"):
        fingerprint_of(name, EncoderOptions(min_visual_tokens=8))


def test_bounds_that_contradict_are_refused() -> None:
    with pytest.raises(EncoderUnavailable, match="at least 900 and at most 768"):
        fingerprint_of("colqwen2", EncoderOptions(min_visual_tokens=900))


@pytest.mark.parametrize(
    ("made", "now", "remedy"),
    [
        (EncoderOptions(token_pooling=3), EncoderOptions(), "set PAGESIGHT_TOKEN_POOLING=3"),
        (EncoderOptions(), EncoderOptions(token_pooling=2), "unset PAGESIGHT_TOKEN_POOLING"),
        (
            EncoderOptions(max_visual_tokens=512),
            EncoderOptions(),
            "set PAGESIGHT_MAX_VISUAL_TOKENS=512",
        ),
    ],
)
def test_a_collection_of_other_settings_names_them(
    made: EncoderOptions, now: EncoderOptions, remedy: str
) -> None:
    collection = Collection("1", "c", fingerprint_of("colqwen2", made), 1, NOW)
    with pytest.raises(EncoderMismatch, match=f": {remedy}, or re-encode"):
        collection.require_encoder(fingerprint_of("colqwen2", now))
