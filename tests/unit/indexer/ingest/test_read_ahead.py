"""One item ahead: order, errors, and an end in every case."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from indexer.ingest.read_ahead import ReadAhead


def n_threads() -> int:
    return sum(thread.name == "read-ahead" for thread in threading.enumerate())


def test_items_come_in_order_each_once() -> None:
    with ReadAhead(range(50)) as items:
        assert list(items) == list(range(50))
    assert n_threads() == 0


def test_an_empty_source_ends_at_once() -> None:
    with ReadAhead([]) as items:
        assert list(items) == []


def test_the_next_item_is_made_while_one_is_used_and_no_more() -> None:
    begun = [threading.Event() for _ in range(5)]

    def source() -> Iterator[int]:
        for i, event in enumerate(begun):
            event.set()
            yield i

    with ReadAhead(source()) as items:
        for i in items:
            if i < 4:
                assert begun[i + 1].wait(30), "the next item was not begun meanwhile"
            assert not any(event.wait(0.02) for event in begun[i + 2 : i + 3])


def test_an_error_comes_where_its_item_would_have() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("broken")

    found: list[int] = []
    with pytest.raises(OSError, match="broken"), ReadAhead(source()) as items:
        found.extend(items)
    assert n_threads() == 0
    with pytest.raises(OSError, match="broken"), ReadAhead(source()) as items:
        for item in items:
            found.append(item)
    assert found[-2:] == [1, 2]


def test_leaving_early_interrupts_what_is_being_made() -> None:
    interrupted = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        assert interrupted.wait(30), "nobody interrupted"
        yield 2

    with ReadAhead(source(), interrupted.set) as items:
        assert next(iter(items)) == 1
    assert interrupted.is_set()
    assert n_threads() == 0


def test_an_error_of_the_reader_ends_the_thread() -> None:
    with pytest.raises(KeyError), ReadAhead(range(10)) as items:
        for _ in items:
            raise KeyError
    assert n_threads() == 0
