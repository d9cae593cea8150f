"""How alike two strings are: ANLS, the measure of DocVQA."""

from __future__ import annotations

ANLS_FLOOR = 0.5  # below it two strings have nothing in common (Biten et al., arXiv 1905.13648)
_MAX_LETTERS = 400


def anls(a: str, b: str) -> float:
    """Return 1 - Levenshtein distance / length of the longer one, 0..1; 0 where that is below .5."""
    longest = max(len(a), len(b))
    if not longest:
        return 1.0
    if longest > _MAX_LETTERS or abs(len(a) - len(b)) > (1 - ANLS_FLOOR) * longest:
        return 0.0
    similarity = 1 - levenshtein(a, b) / longest
    return similarity if similarity >= ANLS_FLOOR else 0.0


def levenshtein(a: str, b: str) -> int:
    """Return how many letters must be put in, taken out or changed to make `a` into `b`."""
    row = list(range(len(b) + 1))
    for i, letter in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, target in enumerate(b, 1):
            cheapest = min(row[j] + 1, row[j - 1] + 1, diagonal + (letter != target))
            diagonal, row[j] = row[j], cheapest
    return row[-1]
