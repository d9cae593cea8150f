"""The encoder that the settings name, with as many threads as help it."""

from __future__ import annotations

import os

from api.base.settings import Settings
from generator.registry import generator_facts
from indexer.encoders.base import PageEncoder
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import load_encoder
from retriever.scoring.kernels import C_PATHS


def make_encoder(settings: Settings, options: EncoderOptions) -> PageEncoder:
    """Loads the model. Raises EncoderUnavailable."""
    if _one_thread_is_enough(settings):
        import torch

        torch.set_num_threads(1)
    return load_encoder(settings.encoder, device=settings.device, options=options)


def _one_thread_is_enough(settings: Settings) -> bool:
    """Whether nothing here gains from torch's threads.

    MiniLM's products over a question's 20 tokens are too small to share: two threads that wait for each
    other took 30 times as long as one where another process had a core (measured), and never less. Pages
    are encoded as fast by one. But a model that answers in this process needs all cores, and so does a
    scan without the C kernels.
    """
    answers_here = generator_facts(settings.generator).model_type
    return (
        settings.encoder == "lite"
        and not answers_here
        and bool(C_PATHS)
        and "OMP_NUM_THREADS" not in os.environ  # somebody decided
    )
