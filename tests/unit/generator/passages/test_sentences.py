"""Where sentences end, and where they do not."""

from __future__ import annotations

import pytest

from generator.passages.splitting.sentences import MAX_WORDS, sentences


def split(text: str) -> list[str]:
    words = text.split()
    return [" ".join(words[a:b]) for a, b in sentences(words, 0, len(words))]


@pytest.mark.parametrize(
    "text",
    [
        "See Fig. 3 and Dr. Weber of the works",
        "The lid of J. Smith is held by screws",
        "It weighs approx. 340 kg in all",
        "Provision ........................ 244.2 93.0",
        "It is closed. but the next word is small",
        "3. Close the valve before the pump starts",
    ],
)
def test_a_full_stop_that_ends_no_sentence_parts_nothing(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(
    "text",
    ["It costs 340 euros. “That is much.”", "Is it closed now? 12 bolts hold it."],
)
def test_quotation_marks_and_figures_may_begin_a_sentence(text: str) -> None:
    assert len(split(text)) == 2


def test_a_very_long_sentence_is_parted_behind_a_comma() -> None:
    words = [f"w{i}" for i in range(100)]
    words[49] += ","
    assert list(sentences(words, 0, 100)) == [(0, 50), (50, 100)]


def test_a_very_long_sentence_without_a_comma_is_parted_all_the_same() -> None:
    parts = list(sentences(["word"] * 200, 0, 200))
    assert parts[0] == (0, MAX_WORDS)
    assert all(b - a <= MAX_WORDS for a, b in parts)
    assert parts[-1][1] == 200
