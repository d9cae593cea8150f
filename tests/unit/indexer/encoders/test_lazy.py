"""The encoder that everybody shares: loaded once, by whoever needs it first, and it says so."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint, PageEncoder
from indexer.encoders.fake import FakeEncoder
from indexer.encoders.lazy import LazyEncoder

N_THREADS = 8


class Loader:
    """Loads the fake encoder; fails as often as it is told to."""

    def __init__(self, n_failures: int = 0) -> None:
        self.n_loads = 0
        self.n_failures = n_failures

    def __call__(self) -> PageEncoder:
        self.n_loads += 1
        if self.n_loads <= self.n_failures:
            raise EncoderUnavailable("the weights are missing")
        return FakeEncoder()


def lazy(load: Loader) -> LazyEncoder:
    return LazyEncoder(lambda: FakeEncoder().fingerprint, load)


def test_its_fingerprint_is_the_encoders_and_loads_none() -> None:
    loader = Loader()
    encoder = lazy(loader)
    assert encoder.fingerprint == FakeEncoder().fingerprint
    assert not encoder.loaded and loader.n_loads == 0


def test_a_fingerprint_is_read_once_and_again_after_a_failure() -> None:
    reads: list[str] = []

    def fingerprint() -> EncoderFingerprint:
        reads.append("read")
        if len(reads) == 1:
            raise EncoderUnavailable("the checkpoint is not there")
        return FakeEncoder().fingerprint

    encoder = LazyEncoder(fingerprint, FakeEncoder)
    with pytest.raises(EncoderUnavailable):
        _ = encoder.fingerprint
    assert encoder.fingerprint == encoder.fingerprint
    assert len(reads) == 2


def test_many_threads_load_it_once_and_get_the_same() -> None:
    loader = Loader()
    encoder = lazy(loader)
    together = threading.Barrier(N_THREADS)

    def get() -> PageEncoder:
        together.wait()
        return encoder.get()

    with ThreadPoolExecutor(N_THREADS) as pool:
        encoders = [future.result() for future in [pool.submit(get) for _ in range(N_THREADS)]]
    assert loader.n_loads == 1 and encoder.loaded
    assert all(loaded is encoders[0] for loaded in encoders)


def test_a_load_that_failed_is_tried_again_and_told_when_it_succeeds() -> None:
    notes: list[bool] = []
    encoder = lazy(Loader(n_failures=1))
    encoder.when_loaded(lambda: notes.append(encoder.loaded))
    with pytest.raises(EncoderUnavailable):
        encoder.get()
    assert not encoder.loaded and notes == []
    encoder.get()
    assert encoder.loaded and notes == [True]


def test_it_is_not_loaded_while_it_is_being_loaded_and_nobody_waits_to_be_told_so() -> None:
    begun, release = threading.Event(), threading.Event()

    def load() -> PageEncoder:
        begun.set()
        release.wait(600)
        return FakeEncoder()

    encoder = LazyEncoder(lambda: FakeEncoder().fingerprint, load)
    with ThreadPoolExecutor(1) as pool:
        loading = pool.submit(encoder.get)
        assert begun.wait(600)
        assert not encoder.loaded
        release.set()
        loading.result()
    assert encoder.loaded


def test_who_comes_after_it_was_loaded_is_told_at_once_and_once() -> None:
    notes: list[str] = []
    encoder = lazy(Loader())
    encoder.when_loaded(lambda: notes.append("early"))
    encoder.get()
    encoder.when_loaded(lambda: notes.append("late"))
    encoder.get()
    assert notes == ["early", "late"]
