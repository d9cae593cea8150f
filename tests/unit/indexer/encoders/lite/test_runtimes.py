"""Which model reads questions, which reads pages, and when torch is loaded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pytest
import torch

from indexer.encoders.lite import runtimes
from indexer.encoders.lite.runtimes import Runtimes, load_models
from indexer.encoders.options import Runtime

N_THREADS = 3


class Model:
    """A WindowModel that gives every token what torch's threads were when it was loaded."""

    dim = 1

    def __init__(self) -> None:
        self.n_threads = torch.get_num_threads()

    def vectors(self, windows: Sequence[Sequence[int]]) -> np.ndarray:
        return np.full((sum(map(len, windows)), 1), self.n_threads, np.float32)


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    monkeypatch.setattr(runtimes, "_multiplies_bfloat16", lambda: True)
    before = torch.get_num_threads()
    torch.set_num_threads(N_THREADS)
    yield []
    torch.set_num_threads(before)


def models(loads: list[str], runtime: Runtime, **options: bool) -> tuple[object, object]:
    def load(name: str) -> Model:
        loads.append(name)
        return Model()

    pair = Runtimes(lambda: load("onnx"), lambda device: load(f"torch on {device}"))
    return load_models("lite", "cpu", runtime, pair, **options)


def test_torch_is_loaded_with_the_first_page(loads: list[str]) -> None:
    of_questions, of_pages = models(loads, "auto", one_thread=True)
    of_questions.vectors([[1, 2]])  # type: ignore[attr-defined]
    assert loads == ["onnx"]
    assert of_pages.vectors([[1, 2]]).tolist() == [[1], [1]], "one thread"  # type: ignore[attr-defined]
    assert loads == ["onnx", "torch on cpu"]


def test_torch_keeps_its_threads_where_others_gain_from_them(loads: list[str]) -> None:
    _, of_pages = models(loads, "auto")
    assert of_pages.vectors([[1]]).tolist() == [[N_THREADS]]  # type: ignore[attr-defined]


@pytest.mark.parametrize(("runtime", "name"), [("onnx", "onnx"), ("torch", "torch on cpu")])
def test_a_runtime_that_is_named_reads_both(loads: list[str], runtime: Runtime, name: str) -> None:
    of_questions, of_pages = models(loads, runtime)
    assert of_questions is of_pages
    assert loads == [name]


def test_a_processor_without_bfloat16_needs_no_torch(
    loads: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runtimes, "_multiplies_bfloat16", lambda: False)
    of_questions, of_pages = models(loads, "auto")
    assert of_questions is of_pages
    assert loads == ["onnx"]
