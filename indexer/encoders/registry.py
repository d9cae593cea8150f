"""The encoders that a collection can be made with. Importing this loads no model and no torch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.lite.identity import FINGERPRINT as LITE_FINGERPRINT
from indexer.encoders.lite.identity import WEIGHTS_BYTES as LITE_WEIGHTS_BYTES
from indexer.errors import EncoderUnavailable


@dataclass(frozen=True, slots=True)
class EncoderFacts:
    """What a person wants to know before choosing. `size_bytes` is what the weights take on disk."""

    name: str
    summary: str
    licence: str
    dim: int
    checkpoint: str
    revision: str
    size_bytes: int
    reads_words: bool


@dataclass(frozen=True, slots=True)
class RegisteredEncoder:
    """Facts and fingerprint cost nothing; `load(device)` reads the weights."""

    facts: EncoderFacts
    fingerprint: EncoderFingerprint
    load: Callable[[str], PageEncoder]


def _load_lite(device: str) -> PageEncoder:
    from indexer.encoders.lite.encoder import LiteEncoder

    return LiteEncoder(device=device)


def _load_fake(device: str) -> PageEncoder:
    return FakeEncoder()


def _registered(
    fingerprint: EncoderFingerprint,
    load: Callable[[str], PageEncoder],
    *,
    summary: str,
    licence: str,
    size_bytes: int,
) -> RegisteredEncoder:
    facts = EncoderFacts(
        name=fingerprint.name,
        summary=summary,
        licence=licence,
        dim=fingerprint.dim,
        checkpoint=fingerprint.checkpoint,
        revision=fingerprint.revision,
        size_bytes=size_bytes,
        reads_words=True,
    )
    return RegisteredEncoder(facts, fingerprint, load)


ENCODERS: dict[str, RegisteredEncoder] = {
    "lite": _registered(
        LITE_FINGERPRINT,
        _load_lite,
        summary="MiniLM over the page's words (text layer or OCR): English, runs on a CPU",
        licence="Apache-2.0",
        size_bytes=LITE_WEIGHTS_BYTES,
    ),
    "fake": _registered(
        FakeEncoder().fingerprint,
        _load_fake,
        summary="matches equal words only: for tests and trials, no model",
        licence="AGPL-3.0-or-later",
        size_bytes=0,
    ),
}


def load_encoder(name: str, *, device: str) -> PageEncoder:
    """The encoder, its weights in memory. `device` is `auto`, `cpu`, `cuda` or `cuda:N`.

    Raises EncoderUnavailable for an unknown name, missing weights or a missing device.
    """
    return _find(name).load(device)


def fingerprint_of(name: str) -> EncoderFingerprint:
    """What `load_encoder(name).fingerprint` would be, without loading anything.

    Raises EncoderUnavailable for an unknown name.
    """
    return _find(name).fingerprint


def facts_of(name: str) -> EncoderFacts:
    """Raises EncoderUnavailable for an unknown name."""
    return _find(name).facts


def _find(name: str) -> RegisteredEncoder:
    if name not in ENCODERS:
        raise EncoderUnavailable(f"encoder {name!r} is unknown: use one of {', '.join(ENCODERS)}")
    return ENCODERS[name]
