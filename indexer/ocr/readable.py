"""Tell words of a text layer from noise: a font without a character map yields some."""

from __future__ import annotations


def readable_characters(word: str) -> int:
    """Count letters and digits of a word; none when half of it is something else.

    A font without a character map yields strings such as `!"#$%&'!"(%`, a leader line `.....`.
    """
    n_alphanumeric = sum(map(str.isalnum, word))
    return n_alphanumeric if 2 * n_alphanumeric > len(word) else 0
