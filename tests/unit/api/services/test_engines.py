"""The threads that the small encoder gets, and when it is loaded."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import torch

from api.base.settings import Settings
from api.services import engines
from api.services.engines import make_encoders

THREADS = 3


@pytest.fixture(autouse=True)
def _threads_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    yield
    torch.set_num_threads(before)


def threads_after(tmp_path: Path, **settings: str) -> int:
    """Of torch in a thread that begins after the encoder was made; torch computes `lite`."""
    make_encoders(Settings(data_dir=tmp_path, lite_runtime="torch", **settings)).own.get()  # type: ignore[arg-type]
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(torch.get_num_threads).result()


def test_the_lite_encoder_has_one_thread(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "C_PATHS", ("c/portable",))
    assert threads_after(tmp_path, encoder="lite") == 1


def test_what_an_operator_decided_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", str(THREADS))
    assert threads_after(tmp_path, encoder="lite") == THREADS


def test_a_scan_without_the_kernels_keeps_its_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "C_PATHS", ())
    assert threads_after(tmp_path, encoder="lite") == THREADS


def test_a_model_that_answers_here_keeps_its_threads(tmp_path: Path) -> None:
    assert threads_after(tmp_path, encoder="lite", generator="qwen2-vl") == THREADS
