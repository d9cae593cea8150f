"""MiniLM's two functions: compiled or not, and against their formulas. Real weights: `test_lite_encoder`."""

from __future__ import annotations

import sys

import numpy as np
import pytest
import torch
from torch import Tensor

from indexer.base.settings import IndexerSettings
from indexer.encoders.lite.encoder import LiteEncoder
from indexer.encoders.lite.forward import as_one_call, hidden_states, mixed_vectors
from indexer.encoders.options import EncoderOptions
from indexer.encoders.registry import load_encoder

WIDTH, VOCABULARY = 24, 50  # 12 heads of 2
LENGTHS, COUNTS = [5, 3], [1, 2]

needs_torchscript = pytest.mark.skipif(
    sys.version_info >= (3, 14), reason="TorchScript ended with Python 3.13"
)


@pytest.fixture
def drawn() -> torch.Generator:
    return torch.Generator().manual_seed(7)


def layer(drawn: torch.Generator) -> list[Tensor]:
    shapes = [(3 * WIDTH, WIDTH), (WIDTH, WIDTH), (WIDTH,), (48, WIDTH), (WIDTH, 48), (WIDTH,)]
    return [
        torch.randn(shape, generator=drawn) for weight in shapes for shape in (weight, weight[:1])
    ]


def inputs(drawn: torch.Generator) -> tuple[object, ...]:
    n = sum(length * count for length, count in zip(LENGTHS, COUNTS, strict=True))
    return (
        torch.randint(VOCABULARY, (n,), generator=drawn),
        LENGTHS,
        COUNTS,
        torch.randn(VOCABULARY, WIDTH, generator=drawn),
        torch.randn(16, WIDTH, generator=drawn),
        [torch.randn(WIDTH, generator=drawn) for _ in range(2)],
        [layer(drawn) for _ in range(3)],
    )


@needs_torchscript
def test_compiled_the_states_are_the_same_to_the_last_bit(drawn: torch.Generator) -> None:
    given = inputs(drawn)
    compiled = as_one_call(hidden_states)
    assert isinstance(compiled, torch.jit.ScriptFunction)
    plain = hidden_states(*given)  # type: ignore[arg-type]
    for _ in range(3):  # torch optimises what it has seen once
        assert torch.equal(compiled(*given), plain)


@needs_torchscript
@pytest.mark.parametrize("projected", [False, True])
def test_compiled_the_vectors_are_the_same_to_the_last_bit(
    drawn: torch.Generator, projected: bool
) -> None:
    states, lengths = torch.randn(11, WIDTH, generator=drawn), torch.tensor([5, 3, 3])
    projection = torch.randn(WIDTH, 8, generator=drawn) if projected else None
    compiled = as_one_call(mixed_vectors)
    assert isinstance(compiled, torch.jit.ScriptFunction)
    plain = mixed_vectors(states, lengths, 0.5, projection)
    for _ in range(3):
        assert torch.equal(compiled(states, lengths, 0.5, projection), plain)


def test_a_window_does_not_see_its_neighbours(drawn: torch.Generator) -> None:
    ids, _, _, *weights = inputs(drawn)
    assert isinstance(ids, Tensor)
    together = hidden_states(ids, LENGTHS, COUNTS, *weights)  # type: ignore[arg-type]
    alone = hidden_states(ids[5:8], [3], [1], *weights)  # type: ignore[arg-type]
    torch.testing.assert_close(together[5:8], alone)


def test_a_vector_is_its_token_and_half_of_its_windows_mean(drawn: torch.Generator) -> None:
    states = torch.randn(8, WIDTH, generator=drawn)
    got = mixed_vectors(states, torch.tensor([5, 3]), 0.5, None).numpy()
    tokens = states.numpy() / np.linalg.norm(states.numpy(), axis=1, keepdims=True)
    for rows in (slice(0, 5), slice(5, 8)):
        wanted = tokens[rows] + 0.5 * tokens[rows].mean(axis=0)
        wanted /= np.linalg.norm(wanted, axis=1, keepdims=True)
        np.testing.assert_allclose(got[rows], wanted, atol=1e-6)


def test_a_python_without_torchscript_runs_the_functions_as_they_stand(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 14, 0))
    assert as_one_call(hidden_states) is hidden_states


@needs_torchscript
@pytest.mark.parametrize("torchscript", [True, False])
def test_the_setting_decides_whether_the_encoder_compiles(torchscript: bool) -> None:
    settings = IndexerSettings(torchscript=torchscript, lite_runtime="torch")
    encoder = load_encoder("lite", device="cpu", options=EncoderOptions.of(settings))
    assert isinstance(encoder, LiteEncoder)
    reader = encoder._reader
    functions = (reader._model._states, reader._model._mix)
    assert [isinstance(one, torch.jit.ScriptFunction) for one in functions] == [torchscript] * 2
