from __future__ import annotations

from pathlib import Path

import pytest

from api.base.main_memory import ram_bytes
from api.diagnostics.doctor import examine
from api.diagnostics.hardware import memories
from api.diagnostics.memory_fit import PROCESS_BYTES, Memory, Model, fit, fits, models
from generator.registry import GENERATORS
from indexer.encoders.registry import ENCODERS, facts_of
from tests.builders import settings_of

WITH_WEIGHTS = [name for name, model in ENCODERS.items() if model.facts.n_parameters]
TWO_BILLION = Model("encoder", "two", 2_000_000_000, 300_000_000)


def ram(gb: float, dtype: str = "float32") -> Memory:
    return Memory("cpu", "main memory", int(gb * 1e9), dtype)


def test_weights_take_four_bytes_a_parameter_in_float32_and_two_in_bfloat16() -> None:
    assert fit(TWO_BILLION, ram(16)).weights_bytes == 8_000_000_000
    assert fit(TWO_BILLION, ram(16, "bfloat16")).weights_bytes == 4_000_000_000


def test_a_model_fits_up_to_the_last_byte_that_it_needs() -> None:
    needs = 8_000_000_000 + 300_000_000 + PROCESS_BYTES
    just = Memory("cpu", "main memory", needs, "float32")
    less = Memory("cpu", "main memory", needs - 1, "float32")
    assert fit(TWO_BILLION, just).fits
    assert not fit(TWO_BILLION, less).fits


def test_a_verdict_says_what_is_needed_and_what_there_is() -> None:
    assert fit(TWO_BILLION, ram(8)).summary() == (
        "does not fit on cpu: needs 9.8 GB (weights 8.0 in float32, work 0.3, the rest 1.5), "
        "has 8.0 GB"
    )
    gpu = Memory("cuda:0", "a GPU", 24_000_000_000, "bfloat16")
    assert (
        fit(TWO_BILLION, gpu).summary().startswith("fits on cuda:0: needs 5.0 GB (weights 4.0 in b")
    )


def test_every_model_with_weights_of_both_registries_is_looked_at() -> None:
    named = {one.name for one in models()}
    assert named == set(WITH_WEIGHTS) | {
        name for name, facts in GENERATORS.items() if facts.size_bytes
    }
    found = fits([ram(16), Memory("cuda:0", "a GPU", 24_000_000_000, "bfloat16")])
    assert len(found) == 2 * len(named)


@pytest.mark.parametrize("name", WITH_WEIGHTS)
def test_the_parameters_of_an_encoder_agree_with_its_size_on_disk(name: str) -> None:
    facts = facts_of(name)
    item_bytes = facts.size_bytes / facts.n_parameters
    assert item_bytes == pytest.approx(4, rel=0.02) or item_bytes == pytest.approx(2, rel=0.02)


def test_a_larger_memory_never_loses_a_model() -> None:
    small, large = ({one.name for one in fits([ram(gb)]) if one.fits} for gb in (4, 16))
    assert "lite" in small
    assert "colqwen2" not in small
    assert small < large


def test_main_memory_is_no_more_than_a_container_may_take(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    whole = ram_bytes(limit)
    limit.write_text("1000000\n")
    assert ram_bytes(limit) == 1_000_000
    limit.write_text("max\n")
    assert ram_bytes(limit) == whole
    assert memories()[0].device == "cpu"


def test_the_doctor_refuses_to_load_an_encoder_that_would_not_fit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.diagnostics.doctor.memories", lambda: [ram(4)])
    settings = settings_of(tmp_path, encoder="colqwen2", device="cpu")
    finding = next(one for one in examine(settings) if one.subject == "encoder")
    assert not finding.ok
    assert "does not fit on cpu" in finding.state
    assert "pagesight models" in finding.fix


def test_a_generator_must_fit_beside_the_encoder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = fit(next(one for one in models() if one.name == "qwen2-vl"), ram(99))
    for spare, ok in ((0, False), (1_000_000_000, True)):
        place = Memory("cpu", "main memory", found.needs_bytes + spare, "float32")
        monkeypatch.setattr("api.diagnostics.doctor.memories", lambda place=place: [place])
        settings = settings_of(tmp_path, generator="qwen2-vl", device="cpu")
        finding = next(one for one in examine(settings) if one.subject == "generator")
        assert finding.ok is ok
        assert "the encoder beside it takes 0.1 GB" in finding.state
