"""What pages, names and models say is shown and never comes alive."""

from __future__ import annotations

import itertools

import pytest

from generator.answering.inert_text import InertText, inert, printable
from tests.support.foreign_markup import PAYLOADS, READABLE, live_parts


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_live_is_left_of_foreign_markup(payload: str) -> None:
    assert live_parts(payload), "the renderer finds nothing in it: no test"
    for text in (payload, f"The total is 900 euro [1]. {payload} [2]", f"line\n\n{payload}\n\nend"):
        assert live_parts(inert(text)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_it_makes_no_difference_where_a_stream_parts(payload: str) -> None:
    whole = inert(payload)
    assert whole == _streamed(payload)
    for i in range(len(payload)):
        assert whole == _streamed([payload[:i], payload[i:]])


def test_any_two_payloads_side_by_side_stay_harmless() -> None:
    for first, second in itertools.product(PAYLOADS, repeat=2):
        assert live_parts(inert(first + second)) == []


@pytest.mark.parametrize("payload", PAYLOADS)
def test_a_reader_still_sees_the_words(payload: str) -> None:
    assert "".join(inert(payload).split()) == "".join(printable(payload).split())


@pytest.mark.parametrize("text", READABLE)
def test_what_is_harmless_stays_as_it_is(text: str) -> None:
    assert inert(text) == text


def test_harmless_text_stays_harmless_and_the_same_when_it_is_treated_again() -> None:
    for payload in PAYLOADS:
        assert inert(inert(payload)) == inert(payload)


def _streamed(pieces: str | list[str]) -> str:
    inert_text = InertText()
    return "".join(map(inert_text.feed, pieces))
