"""Windows of words: every word is kept once, from a window that reads it whole."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from indexer.encoders.multi_vector.windows import word_windows


@given(sizes=st.lists(st.integers(0, 40), max_size=120), room=st.integers(16, 60))
def test_each_word_is_kept_once_and_no_window_overflows(sizes: list[int], room: int) -> None:
    windows = list(word_windows(sizes, room))
    places = [word for window in windows for word in range(window.own_start, window.own_stop)]
    assert places == list(range(len(sizes)))
    for window in windows:
        assert window.start <= window.own_start < window.own_stop <= window.stop
        n_tokens = sum(sizes[window.start : window.stop])
        assert n_tokens <= room or window.stop == window.start + 1


def test_no_words_have_no_window() -> None:
    assert list(word_windows([], 60)) == []
