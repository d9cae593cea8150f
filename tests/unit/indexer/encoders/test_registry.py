from __future__ import annotations

import subprocess
import sys

import pytest

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.devices import resolve_device
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.registry import ENCODERS, facts_of, fingerprint_of, load_encoder


def test_facts_agree_with_the_fingerprint() -> None:
    for name in ENCODERS:
        facts = facts_of(name)
        if not facts.checkpoint:
            assert facts.dim == 0, "its checkpoint decides"
            continue
        fingerprint = fingerprint_of(name)
        assert (facts.name, facts.dim) == (fingerprint.name, fingerprint.dim)
        assert (facts.checkpoint, facts.revision) == (fingerprint.checkpoint, fingerprint.revision)


def test_an_unknown_encoder_is_refused_with_the_known_ones() -> None:
    for ask in (fingerprint_of, facts_of, lambda name: load_encoder(name, device="cpu")):
        with pytest.raises(EncoderUnavailable, match=r"'colossus'.*lite.*fake"):
            ask("colossus")


def test_a_fingerprint_loads_no_weights_and_no_torch() -> None:
    code = (
        "import sys; from indexer.encoders.registry import fingerprint_of; fingerprint_of('lite')\n"
        "print(sorted({'torch', 'transformers', 'tokenizers', 'safetensors'} & set(sys.modules)))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_two_fake_encoders_can_have_two_fingerprints() -> None:
    assert FakeEncoder().fingerprint == FakeEncoder().fingerprint
    assert FakeEncoder().fingerprint != FakeEncoder(revision="2").fingerprint
    assert FakeEncoder().fingerprint != FakeEncoder(name="other").fingerprint


@pytest.mark.parametrize("name", ["gpu", "cpu:1", "cuda:x", "", "cuda:999"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(EncoderUnavailable, match="use"):
        resolve_device(name)


def test_the_automatic_device_is_one_that_exists() -> None:
    assert resolve_device("auto").type in {"cpu", "cuda"}
