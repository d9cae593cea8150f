"""Queries that are encoded once."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from indexer.base.pages import QueryEmbedding
from indexer.encoders.fake import FakeEncoder
from retriever.query.cache import QueryCache


class Counting(FakeEncoder):
    def __init__(self, revision: str = "1") -> None:
        super().__init__(revision=revision)
        self.asked: list[str] = []
        self._lock = threading.Lock()

    def encode_queries(self, texts: Sequence[str]) -> list[QueryEmbedding]:
        with self._lock:
            self.asked.extend(texts)
        return super().encode_queries(texts)


def test_a_query_asked_again_is_not_encoded_again() -> None:
    inner = Counting()
    remembered = QueryCache(inner, 2)
    first = remembered.encode_queries(["pump"])[0]
    assert remembered.encode_queries(["pump"])[0] is first
    assert inner.asked == ["pump"]
    np.testing.assert_array_equal(first.vectors, FakeEncoder().encode_queries(["pump"])[0].vectors)


def test_the_query_unused_longest_is_forgotten_first() -> None:
    inner = Counting()
    remembered = QueryCache(inner, 2)
    for text in ("a", "b", "a", "c", "a", "b"):
        remembered.encode_queries([text])
    assert inner.asked == ["a", "b", "c", "b"]


def test_of_several_queries_only_the_new_ones_are_encoded() -> None:
    inner = Counting()
    remembered = QueryCache(inner, 4)
    (known,) = remembered.encode_queries(["pump"])
    found = remembered.encode_queries(["valve", "pump", "valve"])
    assert [query.tokens for query in found] == [("valve",), ("pump",), ("valve",)]
    assert found[1] is known
    assert inner.asked == ["pump", "valve"]


def test_whoever_counts_hears_of_each_query_whether_it_was_remembered() -> None:
    was_remembered: list[bool] = []
    cache = QueryCache(FakeEncoder(), 4, was_remembered.append)
    cache.encode_queries(["pump"])
    cache.encode_queries(["valve", "pump", "pump"])
    assert was_remembered == [False, False, True, True]


def test_a_size_of_zero_remembers_nothing() -> None:
    inner = Counting()
    remembered = QueryCache(inner, 0)
    for _ in range(2):
        remembered.encode_queries(["a"])
    assert inner.asked == ["a", "a"]


def test_what_is_shared_cannot_be_written() -> None:
    query = QueryCache(FakeEncoder(), 2).encode_queries(["a b"])[0]
    with pytest.raises(ValueError, match="read-only"):
        query.vectors[0] = 0


def test_another_fingerprint_is_another_key(monkeypatch: pytest.MonkeyPatch) -> None:
    inner = Counting()
    remembered = QueryCache(inner, 4)
    remembered.encode_queries(["a"])
    monkeypatch.setattr(inner, "_fingerprint", FakeEncoder(revision="2").fingerprint)
    remembered.encode_queries(["a"])
    assert inner.asked == ["a", "a"]


def test_threads_share_it_and_it_never_grows_above_its_size() -> None:
    inner = Counting()
    remembered = QueryCache(inner, 8)
    texts = [f"word{i % 12}" for i in range(600)]
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda text: remembered.encode_queries([text])[0], texts))
    assert [query.tokens[0] for query in found] == texts
    assert len(remembered._embeddings) == 8


def test_everything_else_is_the_encoders_own() -> None:
    inner = FakeEncoder()
    remembered = QueryCache(inner, 1)
    assert remembered.fingerprint == inner.fingerprint
    assert (remembered.reads_words, remembered.window) == (inner.reads_words, inner.window)
    assert remembered.encode_pages([]) == []
