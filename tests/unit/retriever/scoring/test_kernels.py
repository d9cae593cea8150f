"""Every path that this processor can run, against plain NumPy in float64 and in whole numbers."""

from __future__ import annotations

import sys
import threading
import time
from itertools import pairwise, product
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retriever.scoring import kernels
from retriever.scoring.kernels import (
    _torch,
    available_paths,
    kernel_name,
    maxsim_f16,
    maxsim_f16_many,
    maxsim_i8,
    maxsim_i8_many,
    widened,
)
from tests.support.factories import unit_vectors

each_path = pytest.mark.parametrize("path", available_paths())
each_c_path = pytest.mark.parametrize("path", kernels.C_PATHS)
TOKENS = [1, 31, 32, 33, 74]
DIMS = [1, 7, 16, 100, 128, 320]
SCALE = 1 / 300


def offsets_of(lengths: list[int]) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)


def halves(n: int, dim: int, seed: int = 0) -> np.ndarray:
    return unit_vectors(n, dim, seed).astype(np.float16)


def integers(n: int, dim: int, seed: int = 0) -> np.ndarray:
    """All values, the extremes often: -128 and 127 are where int8 arithmetic breaks."""
    random = np.random.default_rng(seed)
    vectors = random.integers(-128, 128, (n, dim), dtype=np.int8)
    vectors[random.random((n, dim)) < 0.2] = -128
    vectors[random.random((n, dim)) < 0.2] = 127
    return vectors


def by_the_definition(query: np.ndarray, vectors: np.ndarray, offsets: np.ndarray) -> np.ndarray:
    """Page by page in float64."""
    scores = []
    for begin, end in pairwise(offsets):
        products = query.astype(np.float64) @ vectors[begin:end].astype(np.float64).T
        scores.append(products.max(axis=1).sum() if end > begin else -np.inf)
    return np.array(scores)


def in_whole_numbers(
    query: np.ndarray, vectors: np.ndarray, offsets: np.ndarray, scale: float
) -> np.ndarray:
    """What `maxsim_i8` promises: int64 products and maxima of the quantised query, float64 sums."""
    steps = np.abs(query).max(axis=1).astype(np.float64) / 127
    tokens = np.rint(query / np.where(steps > 0, steps, 1)[:, None]).astype(np.int64)
    scores = []
    for begin, end in pairwise(offsets):
        score = 0.0 if end > begin else -np.inf
        if end > begin:
            maxima = (tokens @ vectors[begin:end].astype(np.int64).T).max(axis=1)
            for step, maximum in zip(steps, maxima, strict=True):
                score += float(maximum) * (step * scale)
        scores.append(score)
    return np.array(scores).astype(np.float32)


@each_path
def test_float16_scores_are_those_of_the_definition(path: str) -> None:
    offsets = offsets_of([5, 0, 1, 16, 17, 33, 64, 100, 0])
    for n_tokens, dim in product(TOKENS, DIMS):
        vectors, query = halves(offsets[-1], dim), unit_vectors(n_tokens, dim, seed=1)
        scores = maxsim_f16(query, vectors, offsets, path=path)
        expected = by_the_definition(query, vectors, offsets)
        assert scores.dtype == np.float32
        case = f"{n_tokens} query tokens of {dim} numbers"
        np.testing.assert_allclose(scores, expected, rtol=1e-4, atol=1e-4, err_msg=case)


@each_path
def test_int8_scores_are_exact_in_whole_numbers(path: str) -> None:
    offsets = offsets_of([5, 0, 1, 16, 17, 33, 64, 100, 0])
    for n_tokens, dim in product(TOKENS, DIMS):
        vectors, query = integers(offsets[-1], dim), unit_vectors(n_tokens, dim, seed=1)
        scores = maxsim_i8(query, vectors, offsets, scale=SCALE, path=path)
        expected = in_whole_numbers(query, vectors, offsets, SCALE)
        case = f"{n_tokens} query tokens of {dim} numbers"
        np.testing.assert_array_equal(scores, expected, err_msg=case)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
@each_path
def test_ragged_pages_in_any_order_by_any_number_of_threads(path: str, data: st.DataObject) -> None:
    offsets = offsets_of(data.draw(st.lists(st.integers(0, 70), max_size=20)))
    n_pages = len(offsets) - 1
    dim, n_tokens = data.draw(st.integers(1, 140)), data.draw(st.integers(1, 40))
    n_threads, seed = data.draw(st.integers(1, 5)), data.draw(st.integers(0, 99))
    rows = st.lists(st.integers(0, n_pages - 1)) if n_pages else st.just([])
    pages = np.array(data.draw(rows), np.int64)
    query = unit_vectors(n_tokens, dim, seed)
    near, whole = halves(offsets[-1], dim, seed), integers(offsets[-1], dim, seed)
    np.testing.assert_allclose(
        maxsim_f16(query, near, offsets, pages, n_threads, path=path),
        by_the_definition(query, near, offsets)[pages],
        rtol=1e-4,
        atol=1e-4,
    )
    np.testing.assert_array_equal(
        maxsim_i8(query, whole, offsets, pages, SCALE, n_threads, path=path),
        in_whole_numbers(query, whole, offsets, SCALE)[pages],
    )


@each_path
def test_a_query_of_a_thousand_tokens(path: str) -> None:
    offsets = offsets_of([3, 130, 1])
    query, near, whole = unit_vectors(1000, 128), halves(134, 128), integers(134, 128)
    np.testing.assert_allclose(
        maxsim_f16(query, near, offsets, path=path),
        by_the_definition(query, near, offsets),
        rtol=1e-4,
    )
    np.testing.assert_array_equal(
        maxsim_i8(query, whole, offsets, scale=SCALE, path=path),
        in_whole_numbers(query, whole, offsets, SCALE),
    )


@each_path
def test_products_of_extremes_do_not_saturate(path: str) -> None:
    """Sums of two products of 128 x 127 do not fit int16, where AVX2's own int8 product ends."""
    query = np.array([[1] * 256, [-1] * 256], np.float32)
    vectors = np.array([[127] * 256, [-128] * 256], np.int8)
    scores = maxsim_i8(query, vectors, offsets_of([1, 1, 0]), scale=127.0, path=path)
    np.testing.assert_array_equal(scores, np.float32([0, 0, -np.inf]))
    both = maxsim_i8(query, vectors, offsets_of([2]), scale=1.0, path=path)
    np.testing.assert_allclose(both, 256 * (127 + 128), rtol=1e-6)


@pytest.mark.parametrize("dim", [128, 1100])
def test_torch_without_an_exact_int8_product_widens_and_stays_exact(
    dim: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a processor whose int8 product saturates; 1,100 dims no longer fit float32."""
    monkeypatch.setattr(_torch, "_int_mm_is_exact", lambda: False)
    offsets = offsets_of([5, 0, 40])
    vectors, query = integers(45, dim), unit_vectors(22, dim, seed=1)
    scores = maxsim_i8(query, vectors, offsets, scale=SCALE, path="torch")
    np.testing.assert_array_equal(scores, in_whole_numbers(query, vectors, offsets, SCALE))


@each_path
def test_int8_comes_close_to_the_true_scores(path: str) -> None:
    offsets = offsets_of([200] * 20)
    true, query = unit_vectors(4000, 128), unit_vectors(22, 128, seed=3)
    scale = float(np.abs(true).max()) / 127
    vectors = np.rint(true / scale).astype(np.int8)
    scores = maxsim_i8(query, vectors, offsets, scale=scale, path=path)
    np.testing.assert_allclose(scores, by_the_definition(query, true, offsets), rtol=0.02)


@each_path
def test_a_page_of_negative_similarities_keeps_them(path: str) -> None:
    """Tiles are filled up with something that can never win."""
    query = np.eye(4, dtype=np.float32)[:1]
    against = -np.eye(4, dtype=np.float32)[:1]
    offsets = offsets_of([1, 0])
    assert maxsim_f16(query, against.astype(np.float16), offsets, path=path).tolist() == [
        -1,
        -np.inf,
    ]
    assert maxsim_i8(query, against.astype(np.int8), offsets, path=path).tolist() == [-1, -np.inf]


@each_path
def test_a_zero_token_adds_nothing(path: str) -> None:
    query = np.zeros((2, 16), np.float32)
    query[1, 3] = 1
    vectors = integers(9, 16)
    scores = maxsim_i8(query, vectors, offsets_of([9]), path=path)
    np.testing.assert_allclose(scores, vectors[:, 3].max(), rtol=1e-6)


@each_path
def test_every_float16_value_is_widened_exactly(path: str) -> None:
    every = np.arange(65536, dtype=np.uint16).view(np.float16)
    finite = every[np.isfinite(every)].reshape(-1, 1)
    scores = maxsim_f16(
        np.ones((1, 1), np.float32), finite, np.arange(len(finite) + 1, dtype=np.int64), path=path
    )
    np.testing.assert_array_equal(scores, finite[:, 0].astype(np.float32))


@each_path
def test_no_score_is_nan(path: str) -> None:
    vectors = halves(40, 8)
    vectors[3] = np.nan  # page 0 has others
    vectors[10:20] = np.nan  # page 1 has none
    vectors[20:30, 0], vectors[20:30, 1] = np.inf, -np.inf
    offsets = offsets_of([10, 10, 10, 10])
    query = unit_vectors(5, 8)
    scores = maxsim_f16(query, vectors, offsets, path=path)
    assert not np.isnan(scores).any()
    assert scores[1] == -np.inf
    without = by_the_definition(query, np.delete(vectors[:10], 3, axis=0), offsets_of([9]))
    np.testing.assert_allclose(scores[0], without[0], rtol=1e-4)


@each_path
def test_several_queries_in_one_pass_score_as_each_alone(path: str) -> None:
    offsets, lengths = offsets_of([30, 0, 5, 70]), [22, 1, 40]
    queries = [unit_vectors(n, 100, seed=n) for n in lengths]
    near, whole = halves(105, 100), integers(105, 100)
    many = maxsim_f16_many(queries, near, offsets, path=path)
    alone = [maxsim_f16(query, near, offsets, path=path) for query in queries]
    np.testing.assert_allclose(many, alone, rtol=1e-5)
    np.testing.assert_array_equal(
        maxsim_i8_many(queries, whole, offsets, scale=SCALE, path=path),
        [maxsim_i8(query, whole, offsets, scale=SCALE, path=path) for query in queries],
    )
    assert maxsim_f16_many([], near, offsets, path=path).shape == (0, 4)


@each_c_path
def test_a_score_is_the_same_to_the_bit_beside_any_pages_and_threads(path: str) -> None:
    random = np.random.default_rng(5)
    offsets = offsets_of(list(random.integers(0, 900, 60)))
    near, query = halves(offsets[-1], 128), unit_vectors(22, 128, seed=1)
    everything = maxsim_f16(query, near, offsets, path=path)
    for n_threads in (1, 2, 3, 200):
        pages = random.permutation(60)[:47].astype(np.int64)
        scores = maxsim_f16(query, near, offsets, pages, n_threads, path=path)
        np.testing.assert_array_equal(scores, everything[pages])


@each_path
@pytest.mark.parametrize("shift", [1, 2, 6, 33])
def test_vectors_of_a_memory_map_may_lie_at_any_byte(path: str, shift: int, tmp_path: Path) -> None:
    offsets = offsets_of([20, 13])
    near, whole, query = halves(33, 20), integers(33, 20), unit_vectors(4, 20, seed=1)
    (tmp_path / "vectors").write_bytes(b"x" * shift + near.tobytes() + whole.tobytes())
    raw = np.memmap(tmp_path / "vectors", np.uint8, "r")
    middle = shift + near.nbytes
    mapped = raw[shift:middle].view(np.float16).reshape(near.shape)
    np.testing.assert_array_equal(
        maxsim_f16(query, mapped, offsets, path=path), maxsim_f16(query, near, offsets, path=path)
    )
    mapped_whole = raw[middle:].view(np.int8).reshape(whole.shape)
    np.testing.assert_array_equal(
        maxsim_i8(query, mapped_whole, offsets, path=path),
        maxsim_i8(query, whole, offsets, path=path),
    )


@each_path
def test_the_last_row_of_a_map_is_not_read_past(path: str, tmp_path: Path) -> None:
    """The vectors end with the last byte of a memory page: one more byte read would end the process."""
    for dim in (7, 16, 100, 128):
        rows = -(-4096 // (2 * dim)) + 3
        (tmp_path / "vectors").write_bytes(
            b"\0" * (16384 - rows * 2 * dim) + b"\1" * (rows * 2 * dim)
        )
        raw = np.memmap(tmp_path / "vectors", np.uint8, "r")
        query, offsets = unit_vectors(3, dim), offsets_of([rows])
        near = raw[-rows * 2 * dim :].view(np.float16).reshape(rows, dim)
        whole = raw[-rows * dim :].view(np.int8).reshape(rows, dim)
        assert np.isfinite(maxsim_f16(query, near, offsets, path=path)).all()
        assert np.isfinite(maxsim_i8(query, whole, offsets, path=path)).all()


@each_path
def test_no_pages_have_no_scores(path: str) -> None:
    query, none = unit_vectors(3, 8), np.empty(0, np.int64)
    assert maxsim_f16(query, halves(4, 8), offsets_of([4]), none, 2, path=path).shape == (0,)
    assert maxsim_i8(query, integers(0, 8), offsets_of([]), path=path).shape == (0,)
    assert maxsim_f16(query, halves(0, 8), offsets_of([0, 0]), path=path).tolist() == [-np.inf] * 2


QUERY, NEAR, WHOLE, OFFSETS = unit_vectors(3, 8), halves(10, 8), integers(10, 8), offsets_of([4, 6])


@each_path
@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"query": QUERY[:, :7]}, "dim 8"),
        ({"query": QUERY[:0]}, "dim 8"),
        ({"query": QUERY[0]}, "a query is"),
        ({"query": QUERY.astype(np.float64)}, "a query is"),
        ({"query": QUERY * np.float32(np.nan)}, "NaN"),
        ({"query": QUERY * np.float32(np.inf)}, "infinite"),
        ({"vectors": NEAR.astype(np.float32)}, "page vectors are"),
        ({"vectors": NEAR.astype(">f2")}, "page vectors are"),
        ({"vectors": WHOLE}, "page vectors are"),
        ({"vectors": NEAR[0]}, "page vectors are"),
        ({"vectors": NEAR[:, :0]}, "dims"),
        ({"vectors": np.asfortranarray(NEAR)}, "row by row"),
        ({"vectors": np.repeat(NEAR, 2, axis=0)[::2]}, "row by row"),
        ({"offsets": OFFSETS.astype(np.int32)}, "offsets are"),
        ({"offsets": OFFSETS[:0]}, "offsets are"),
        ({"offsets": OFFSETS[None]}, "offsets are"),
        ({"offsets": OFFSETS + 1}, "offsets must"),
        ({"offsets": OFFSETS - 1}, "offsets must"),
        ({"offsets": np.array([0, 7, 3])}, "offsets must"),
        ({"offsets": np.array([0, 2**62, 10])}, "offsets must"),
        ({"pages": np.array([0, 2])}, "pages go"),
        ({"pages": np.array([-1])}, "pages go"),
        ({"pages": np.array([0], np.int32)}, "pages are"),
        ({"pages": np.array([[0]])}, "pages are"),
        ({"n_threads": 0}, "thread"),
        ({"n_threads": -3}, "thread"),
    ],
)
def test_what_does_not_fit_is_refused(path: str, changed: dict[str, object], message: str) -> None:
    given = {"query": QUERY, "vectors": NEAR, "offsets": OFFSETS, "pages": None, "n_threads": 1}
    with pytest.raises(ValueError, match=message):
        maxsim_f16(**(given | changed), path=path)  # type: ignore[arg-type]


@pytest.mark.parametrize("scale", [0.0, -1.0, np.nan, np.inf])
def test_a_scale_is_a_positive_number(scale: float) -> None:
    with pytest.raises(ValueError, match="scale"):
        maxsim_i8(QUERY, WHOLE, OFFSETS, scale=scale)


def test_a_path_that_is_not_here_is_refused_with_those_that_are() -> None:
    with pytest.raises(ValueError, match="torch"):
        maxsim_f16(QUERY, NEAR, OFFSETS, path="c/of-tomorrow")


def test_the_best_path_is_named_and_torch_is_always_there() -> None:
    assert kernel_name() == available_paths()[0]
    assert available_paths()[-1] == "torch"


@each_path
def test_a_query_and_offsets_with_gaps_are_taken(path: str) -> None:
    """Small arrays are copied; only page vectors must lie as they are read."""
    query, offsets = np.repeat(QUERY, 2, axis=1)[:, ::2], np.repeat(OFFSETS, 2)[::2]
    np.testing.assert_array_equal(
        maxsim_f16(query, NEAR, offsets, path=path), maxsim_f16(QUERY, NEAR, OFFSETS, path=path)
    )


def test_the_extension_refuses_buffers_that_do_not_fit() -> None:
    """The checks in Python stand before it; it must not read outside a buffer even without them."""
    if not kernels.C_PATHS:
        pytest.skip("the C extension is not built here")
    from retriever.scoring.kernels import _maxsim

    good: list[object] = [
        "portable", 2, 8, 1, QUERY, np.ones(3), np.array([0, 3]), NEAR,
        OFFSETS[:-1], OFFSETS[1:], np.empty((1, 2), np.float32),
    ]  # fmt: skip
    _maxsim.scan(*good)  # type: ignore[arg-type]
    for position, bad in (
        (0, "none"), (1, 3), (2, 0), (2, 9), (2, 2**62), (4, QUERY[:2]), (5, np.ones(4)),
        (6, np.array([0, 4])), (6, np.array([2, 1])), (7, NEAR[:9]), (8, OFFSETS[:-1] - 1),
        (8, OFFSETS[:1]), (9, OFFSETS[1:] + 1), (10, np.empty(1, np.float32)),
    ):  # fmt: skip
        with pytest.raises(ValueError, match=r"fit|sizes|level"):
            _maxsim.scan(*good[:position], bad, *good[position + 1 :])  # type: ignore[arg-type]


@each_c_path
def test_other_threads_run_while_pages_are_scored(path: str) -> None:
    """Threads change only where one gives up the interpreter's lock: the interval is out of reach.

    A scan that held it would leave the counter where it was, every time.
    """
    from retriever.scoring.kernels import _maxsim

    near, query = np.ones((50_000, 128), np.float16), unit_vectors(32, 128)
    begins, ends = np.array([0, 25_000]), np.array([25_000, 50_000])
    scores, edges, factors = np.empty((1, 2), np.float32), np.array([0, 32]), np.ones(32)
    counted, stop = 0, threading.Event()

    def count() -> None:
        nonlocal counted
        while not stop.is_set():
            counted += 1
            time.sleep(0)

    def progress() -> int:
        before = counted
        _maxsim.scan(
            path[2:], 2, 128, 1, query, factors, edges, near, begins, ends, scores
        )  # fmt: skip
        return counted - before

    interval = sys.getswitchinterval()
    sys.setswitchinterval(60)
    counter = threading.Thread(target=count)
    counter.start()
    try:
        ran = any(progress() for _ in range(100))  # the machine may be busy with something else
    finally:
        stop.set()
        counter.join()
        sys.setswitchinterval(interval)
    assert ran


@each_path
def test_every_half_has_the_same_value_as_a_float(path):
    every = np.arange(65_536, dtype=np.uint16).view(np.float16)
    for some in (every, every[:13], every[1:8], every[:0], every.reshape(256, 256)[:, ::2]):
        floats = widened(some, path=path)
        assert floats.dtype == np.float32
        assert np.array_equal(floats, some.astype(np.float32), equal_nan=True)


@each_c_path
def test_what_does_not_fit_is_not_widened(path):
    level = path.removeprefix("c/")
    for n_floats in (7, 9):
        with pytest.raises(ValueError, match="do not fit"):
            kernels._maxsim.widen(level, np.zeros(8, np.float16), np.zeros(n_floats, np.float32))
    with pytest.raises(ValueError, match="no level"):
        kernels._maxsim.widen("abacus", np.zeros(8, np.float16), np.zeros(8, np.float32))
