"""What scores pages, made from the settings."""

from __future__ import annotations

import os

from api.base.settings import Settings
from retriever.scoring.bounds import PageScorer
from retriever.scoring.cpu import CpuScorer


def make_scorer(settings: Settings) -> PageScorer:
    """The kernels of the processor, or a GPU. Raises EncoderUnavailable for one that is not there."""
    if settings.search_device == "cpu":
        return CpuScorer(settings.search_threads or os.cpu_count() or 1)
    from indexer.encoders.device import resolve_device  # torch, only where it is needed
    from retriever.scoring.gpu import GpuScorer

    return GpuScorer(resolve_device(settings.search_device), settings.search_device_bytes)
