from __future__ import annotations

import pytest

from api.diagnostics import readiness
from retriever.scoring.kernels import C_PATHS


@pytest.fixture
def kernels_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a C compiler was; without one the service is ready, too, but degraded."""
    if not C_PATHS:
        monkeypatch.setattr(readiness, "kernel_name", lambda: "c/portable")
