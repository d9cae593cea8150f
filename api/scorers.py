"""What scores pages, made from the settings."""

from __future__ import annotations

import os

from api.settings import Settings
from retriever.kernel_scorer import KernelScorer
from retriever.scoring import PageScorer


def make_scorer(settings: Settings) -> PageScorer:
    """The kernels of the processor, or a GPU. Raises EncoderUnavailable for one that is not there."""
    if settings.search_device == "cpu":
        return KernelScorer(settings.search_threads or os.cpu_count() or 1)
    from indexer.encoders.device import resolve_device  # torch, only where it is needed
    from retriever.device_scorer import DeviceScorer

    return DeviceScorer(resolve_device(settings.search_device), settings.search_device_bytes)
