from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest
import torch

from generator.backends.vlm.padded_caches import PaddedCaches, RowCache

if TYPE_CHECKING:
    from transformers import Qwen2Config


@cache
def config() -> Qwen2Config:
    from transformers import Qwen2Config

    return Qwen2Config(num_hidden_layers=2)


def row(n_columns: int, seed: int) -> RowCache:
    generator = torch.Generator().manual_seed(seed)
    return [
        tuple(torch.rand((1, 2, n_columns, 4), generator=generator) for _ in range(2))  # type: ignore[misc]
        for _ in range(config().num_hidden_layers)
    ]


def same(left: RowCache, right: RowCache) -> bool:
    return all(
        torch.equal(a, b)
        for pair, other in zip(left, right, strict=True)
        for a, b in zip(pair, other, strict=True)
    )


def filled(*rows: RowCache) -> PaddedCaches:
    caches = PaddedCaches(config())
    for added_row in rows:
        caches.add(added_row)
    return caches


def test_each_row_comes_out_as_it_went_in_whatever_stands_beside_it() -> None:
    rows = [row(5, 1), row(2, 2), row(9, 3)]
    for index in range(3):
        caches = filled(*rows)
        assert caches.mask is not None and caches.mask.sum(dim=1).tolist() == [5, 2, 9]
        assert same(caches.take_out(index), rows[index])


def test_no_column_is_kept_that_is_padding_in_all_rows() -> None:
    caches = filled(row(5, 1), row(2, 2), row(9, 3))
    caches.keep([1, 0])
    assert caches.mask is not None and caches.mask.tolist() == [[0, 0, 0, 1, 1], [1] * 5]
    assert caches.cache.get_seq_length() == 5
    caches.keep([])
    assert caches.mask is None


def test_a_row_for_which_there_is_no_room_leaves_the_others_as_they_were(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = row(5, 1)
    caches, join, n_joined = filled(first), torch.cat, 0

    def cat(*arguments: object) -> object:
        nonlocal n_joined
        n_joined += 1
        if n_joined > 2:  # the second layer
            raise torch.OutOfMemoryError
        return join(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(torch, "cat", cat)
    with pytest.raises(torch.OutOfMemoryError):
        caches.add(row(9, 2))
    monkeypatch.undo()
    caches.add(row(3, 3))
    assert same(caches.take_out(0), first)
