"""Which files a setting names: a path, a model of the catalogue, a hub id."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from generator.backends.gguf.catalogue import CATALOGUE
from generator.backends.gguf.files import find_model, find_projector_source
from generator.backends.gguf.options import GgufOptions
from generator.errors import GeneratorUnavailable


def options(source: str, folder: Path, projector: str | None = None) -> GgufOptions:
    return GgufOptions(source, projector, folder)


def test_a_path_is_taken_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "m.gguf"
    path.touch()
    found = find_model(options(str(path), tmp_path))
    assert (found.model, found.projector) == (path, None)


def test_a_downloaded_model_is_found_by_its_name_with_what_lets_it_see(tmp_path: Path) -> None:
    model = CATALOGUE["qwen3-vl-2b"]
    for file in model.files:
        (tmp_path / file.name).touch()
    found = find_model(options(model.name, tmp_path))
    assert [found.model, found.projector] == [tmp_path / file.name for file in model.files]


def test_a_model_that_was_not_downloaded_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(GeneratorUnavailable, match="pagesight models get qwen3-4b"):
        find_model(options("qwen3-4b", tmp_path))


def test_what_is_none_of_them_says_what_can_be_named(tmp_path: Path) -> None:
    with pytest.raises(GeneratorUnavailable, match=r"owner/name:file\.gguf@revision"):
        find_model(options("no-such-model", tmp_path))


def test_the_hub_out_of_reach_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(GeneratorUnavailable, match=r"cannot get a\.gguf of some/model .*abc123"):
        find_model(options("some/model:a.gguf@abc123", tmp_path))


def test_a_configured_projector_wins_and_a_text_model_has_none(tmp_path: Path) -> None:
    assert find_projector_source(options("qwen3-vl-2b", tmp_path, "eye.gguf")) == "eye.gguf"
    assert find_projector_source(options("qwen3-4b", tmp_path)) is None


def test_every_file_of_the_catalogue_is_pinned_with_hash_size_and_licence() -> None:
    names = [file.name for model in CATALOGUE.values() for file in model.files]
    assert len(set(names)) == len(names)
    for name, model in CATALOGUE.items():
        assert model.name == name
        assert model.licence and model.summary
        for file in model.files:
            assert re.fullmatch("[0-9a-f]{40}", file.revision)
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size_bytes > 100_000_000
            assert file.name.endswith(".gguf")
