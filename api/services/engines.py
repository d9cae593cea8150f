"""Makes what computes from the settings: encoder, scorer and OCR, with as many threads as help them."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path

from api.base.settings import Settings
from api.services.answer_writers import models_folder
from generator.registry import generator_facts
from indexer.base.errors import EncoderUnavailable
from indexer.base.lazy import Lazy
from indexer.encoders.known_encoders import KnownEncoders
from indexer.encoders.lazy import LazyEncoder
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import facts_of, fingerprint_of, load_encoder
from indexer.encoders.remote.encoder import RemoteEncoder, connect
from indexer.encoders.remote.vllm_encoder import VLLM, VllmEncoder, connect_vllm
from indexer.ocr import PageReader
from indexer.ocr.word_source import WordSource
from retriever.scoring.bounds import PageScorer
from retriever.scoring.cpu import CpuScorer
from retriever.scoring.kernels import C_PATHS


def make_encoders(settings: Settings) -> KnownEncoders:
    """Make the encoders that the settings name; load none. Raises EncoderUnavailable for an unknown name."""
    (name, options), *further_choices = encoder_choices(settings)
    address = settings.encoder_url
    own = _remote_encoder(settings, name, address) if address else _encoder(settings, name, options)
    return KnownEncoders(own, [_other_encoder(settings, *choice) for choice in further_choices])


def encoder_choices(settings: Settings) -> list[tuple[str, EncoderOptions]]:
    """Return names and options of the encoders that the settings name, the own one first."""
    options = encoder_options(settings)
    other_words = [word.partition("=") for word in (settings.other_encoders or "").split()]
    return [
        (settings.encoder, options),
        *((name, replace(options, checkpoint=place or None)) for name, _, place in other_words),
    ]


def encoder_choice(settings: Settings, name: str) -> EncoderOptions:
    """Return the options of an encoder: those that the settings give it, or those of PAGESIGHT_ENCODER."""
    of_names = dict(reversed(encoder_choices(settings)))
    return of_names.get(name, replace(encoder_options(settings), checkpoint=None))


def encoder_options(settings: Settings) -> EncoderOptions:
    """Return the options of PAGESIGHT_ENCODER."""
    options = EncoderOptions.of(settings, adapters_folder(settings))
    return replace(options, one_thread=_one_thread_is_enough(settings))


def adapters_folder(settings: Settings) -> Path:
    """Return the folder of LoRA adapters that have a name."""
    return models_folder(settings) / "adapters"


def _other_encoder(settings: Settings, name: str, options: EncoderOptions) -> LazyEncoder:
    """Make an encoder beside the own one: its checkpoint may be the address of one that runs elsewhere."""
    place = options.checkpoint or ""
    if place.startswith(("http://", "https://")):
        return _remote_encoder(settings, name, place)
    return _encoder(settings, name, options)


def _remote_encoder(settings: Settings, name: str, address: str) -> LazyEncoder:
    """Make an encoder that another process runs: only that process knows whether it has one of that name."""
    key = settings.encoder_key.get_secret_value() if settings.encoder_key else None
    encoder: Lazy[RemoteEncoder | VllmEncoder] = Lazy(
        partial(connect_vllm, address, key, settings.max_visual_tokens)
        if name == VLLM
        else partial(connect, address, key, name)
    )
    return LazyEncoder(
        lambda: encoder.get().fingerprint, encoder.get, lambda: encoder.get().for_questions()
    )


def _encoder(settings: Settings, name: str, options: EncoderOptions) -> LazyEncoder:
    if name == VLLM:
        raise EncoderUnavailable(
            "the vllm encoder runs elsewhere: set PAGESIGHT_ENCODER_URL to its address"
        )
    facts_of(name, options)  # an unknown name must not wait for the first file

    return LazyEncoder(
        lambda: fingerprint_of(name, options),
        lambda: load_encoder(name, device=settings.device, options=options),
    )


def make_scorer(settings: Settings) -> PageScorer:
    """Make what scores pages, on the processor or on GPUs. Raises EncoderUnavailable for a missing GPU."""
    if settings.search_device == "cpu":
        return CpuScorer(settings.search_threads or os.cpu_count() or 1)
    from indexer.encoders.checkpoints.devices import (
        resolve_device,  # torch, only where it is needed
    )
    from retriever.scoring.gpu import GpuScorer
    from retriever.scoring.several_devices import SeveralDevicesScorer

    scorers = [
        GpuScorer(resolve_device(name), settings.search_device_bytes)
        for name in settings.search_device.split()
    ]
    return scorers[0] if len(scorers) == 1 else SeveralDevicesScorer(scorers)


def make_word_source(settings: Settings) -> WordSource:
    """Make what reads the words that text layers lack; nothing is loaded before the first page."""
    reader = Lazy(lambda: PageReader(max_px=settings.ocr_page_px, cpu_s=settings.ocr_page_cpu_s))
    return WordSource(settings.ocr, reader.get)


def _one_thread_is_enough(settings: Settings) -> bool:
    """Say whether nothing here gains from torch's threads.

    MiniLM's products over a question's 20 tokens are too small to share: two threads that wait for each
    other took 30 times as long as one where another process had a core (measured), and never less. Pages
    are encoded as fast by one. But a model that answers in this process needs all cores, and so does a
    scan without the C kernels.
    """
    answers_here = generator_facts(settings.generator).model_type
    return (
        settings.encoder == "lite"
        and settings.other_encoders is None
        and not answers_here
        and bool(C_PATHS)
        and "OMP_NUM_THREADS" not in os.environ  # somebody decided
    )
