"""Cuts a long page into overlapping windows that the model can read, each piece owned by one."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW = (
    254  # word pieces: with [CLS] and [SEP] the 256 tokens that all-MiniLM-L6-v2 was trained on
)
OVERLAP = 32


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces start..stop are read together; the vectors of own_start..own_stop are kept."""

    start: int
    stop: int
    own_start: int
    own_stop: int


def windows_of(n_pieces: int, size: int = WINDOW, overlap: int = OVERLAP) -> list[Window]:
    """The windows of a text of `n_pieces`; each piece is owned where it is furthest from an edge."""
    if n_pieces == 0:
        return []
    step = size - overlap
    starts = range(0, max(n_pieces - overlap, 1), step)
    windows: list[Window] = []
    for start in starts:
        last = start == starts[-1]
        windows.append(
            Window(
                start=start,
                stop=n_pieces if last else start + size,
                own_start=start + overlap // 2 if start else 0,
                own_stop=n_pieces if last else start + size - overlap // 2,
            )
        )
    return windows
