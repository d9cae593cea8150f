"""Items ahead of their reader: order, errors, and an end in every case."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from threading import Event
from typing import Any

import pytest

from indexer.base.threaded_iterator import ThreadedIterator
from tests.support.waiting import PATIENCE_S, wait_until


def n_threads() -> int:
    return sum(thread.name == "ahead" for thread in threading.enumerate())


def ahead(source: Iterable[Any], n: int = 1, **named: Any) -> ThreadedIterator[Any]:
    return ThreadedIterator(source, n, name="ahead", **named)


@pytest.mark.parametrize("n", [1, 3, 100])
def test_items_come_in_order_each_once(n: int) -> None:
    with ahead(range(50), n) as items:
        assert list(items) == list(range(50))
    assert n_threads() == 0


def test_an_empty_source_ends_at_once() -> None:
    with ahead([]) as items:
        assert list(items) == []


def test_the_next_item_is_made_while_one_is_used_and_no_more() -> None:
    begun = [threading.Event() for _ in range(5)]

    def source() -> Iterator[int]:
        for i, event in enumerate(begun):
            event.set()
            yield i

    with ahead(source()) as items:
        for i in items:
            if i < 4:
                assert begun[i + 1].wait(600), "the next item was not begun meanwhile"
            assert not any(event.wait(0.02) for event in begun[i + 2 : i + 3])


@pytest.mark.parametrize("n", [1, 2, 5])
def test_a_slow_consumer_makes_the_source_wait(n: int) -> None:
    n_made = 0

    def source() -> Iterator[int]:
        nonlocal n_made
        for i in range(50):
            n_made += 1
            yield i

    with ahead(source(), n) as items:
        for n_taken in range(1, 20):
            next(items)
            wait_until(lambda n_taken=n_taken: n_made >= n_taken + n)  # type: ignore[misc]
            assert not Event().wait(0.005)
            assert n_made == n_taken + n


def test_an_error_comes_where_its_item_would_have() -> None:
    def source() -> Iterator[int]:
        yield 1
        yield 2
        raise OSError("broken")

    found: list[int] = []
    with pytest.raises(OSError, match="broken"), ahead(source()) as items:
        found.extend(items)
    assert n_threads() == 0
    with pytest.raises(OSError, match="broken"), ahead(source()) as items:
        for item in items:
            found.append(item)
    assert found[-2:] == [1, 2]


def test_an_error_of_the_source_stays() -> None:
    def source() -> Iterator[int]:
        raise OSError("broken")
        yield 1

    with ahead(source(), 5) as items:
        for _ in range(2):
            with pytest.raises(OSError, match="broken"):
                next(items)


def test_leaving_early_interrupts_what_is_being_made() -> None:
    interrupted = threading.Event()

    def source() -> Iterator[int]:
        yield 1
        assert interrupted.wait(600), "nobody interrupted"
        yield 2

    with ahead(source(), interrupt=interrupted.set) as items:
        assert next(iter(items)) == 1
    assert interrupted.is_set()
    assert n_threads() == 0


def test_a_source_that_has_ended_is_not_interrupted() -> None:
    with ahead([1], interrupt=lambda: pytest.fail("interrupted")) as items:
        assert list(items) == [1]


def test_an_error_of_the_reader_ends_the_thread() -> None:
    with pytest.raises(KeyError), ahead(range(10)) as items:
        for _ in items:
            raise KeyError
    assert n_threads() == 0


@pytest.mark.parametrize("n_taken", [0, 1, 50])
def test_the_source_is_closed_once_in_its_own_thread(n_taken: int) -> None:
    closed_in: list[str] = []

    def source() -> Iterator[int]:
        try:
            yield from range(50)
        finally:
            closed_in.append(threading.current_thread().name)

    with ahead(source()) as items:
        for _ in range(n_taken):
            next(items)
        wait_until(lambda: items.has_news)
    assert closed_in == ["ahead"]


@pytest.mark.parametrize("n_items", [0, 1, 50])
def test_news_is_told_when_there_is_something_to_take_again_and_at_the_end(n_items: int) -> None:
    news: list[bool] = []
    found: list[int] = []
    items = ahead(range(n_items), 100, on_news=lambda: news.append(items.ended))
    with items:
        wait_until(lambda: items.ended and news[-1:] == [True])
        while (batch := items.take_ready()) is not None:
            found += batch
    assert found == list(range(n_items))
    assert news == ([False, True] if n_items else [True])


def test_what_is_ready_is_taken_without_waiting() -> None:
    go_on = Event()

    def source() -> Iterator[int]:
        yield 1
        yield 2
        assert go_on.wait(PATIENCE_S)
        yield 3
        raise OSError("behind the third")

    with ahead(source(), 2) as items:
        wait_until(lambda: len(items._ready) == 2)
        assert items.take_ready() == [1, 2]
        assert items.take_ready() == [] and not items.ended
        items.check()  # there is no error yet
        go_on.set()
        wait_until(lambda: items.ended)
        items.check()  # and none before the third
        assert items.take_ready() == [3]
        for read in (items.take_ready, items.check):
            with pytest.raises(OSError, match="behind the third"):
                read()


def test_leaving_does_not_wait_where_that_is_not_wanted() -> None:
    interrupted, go_on = Event(), Event()

    def source() -> Iterator[int]:
        yield 1
        assert interrupted.wait(PATIENCE_S) and go_on.wait(PATIENCE_S)
        yield 2

    items = ahead(source(), 5, interrupt=interrupted.set)
    items.start()
    assert next(items) == 1
    items.leave()
    assert not items.ended
    go_on.set()
    wait_until(lambda: n_threads() == 0)
    assert list(items) == [2]


def test_a_reader_that_waits_is_freed_when_somebody_else_leaves() -> None:
    interrupted, found = Event(), list[int]()

    def source() -> Iterator[int]:
        yield 1
        interrupted.wait(PATIENCE_S)

    items = ahead(source(), interrupt=interrupted.set)
    with items:
        reader = threading.Thread(target=lambda: found.extend(items))
        reader.start()
        wait_until(lambda: found == [1] or len(items._ready) == 0)
    reader.join(PATIENCE_S)
    assert found == [1] and not reader.is_alive()


def test_the_source_knows_the_context_of_its_reader() -> None:
    request: ContextVar[str] = ContextVar("request")
    request.set("of this test")
    with ahead(request.get() for _ in range(1)) as items:
        assert list(items) == ["of this test"]


def test_nothing_is_left_of_many_that_were_left() -> None:
    for n_taken in range(30):
        with ahead(range(100), 3) as items:
            assert [next(items) for _ in range(n_taken)] == list(range(n_taken))
    assert n_threads() == 0
