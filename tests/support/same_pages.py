"""What two searches for the same pages owe each other, on whatever processor each of them ran.

Scores are exact: every page that is shown has the score that MaxSim gives it, up to the rounding of
float32. Which pages are shown is exact only without candidates. A candidate index is clustered, and the
clusters depend on the rounding of the processor that made them, so the last places may go to other pages.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

ROUNDING = 1e-4  # of a score: kernels add the products of a page in an order of their own

PageKey = TypeVar("PageKey", bound=Hashable)


def assert_same_pages(
    exact: Mapping[PageKey, float],
    hits: Sequence[tuple[PageKey, float]],
    *,
    k: int,
    margin: float = 0.0,
) -> None:
    """Assert that `hits` are the `k` best pages, except for pages that are nearly not among them.

    exact   the true score of every page that may be shown
    hits    (page, score), best first, as a search answered
    margin  0: the exact answer. Else a page may be missing where its true score is at most so much above
            the k-th true score: that is what a candidate index may cost.
    """
    pages = [page for page, _ in hits]
    assert len(set(pages)) == len(pages) <= k, f"a page twice, or more than {k}: {pages}"
    if margin == 0:
        assert recall(exact, hits, k=k) == 1, f"not the {min(k, len(exact))} best pages: {pages}"
    for page, score in hits:
        assert page in exact, f"{page} may not be shown"
        assert abs(score - exact[page]) <= ROUNDING, f"{page}: {score} instead of {exact[page]}"
    for (better, high), (worse, low) in pairwise(hits):
        assert high >= low, f"{worse} with {low} is shown after {better} with {high}"
    kth_score = sorted(exact.values(), reverse=True)[:k][-1] if exact else 0.0
    missing = {
        page: score
        for page, score in exact.items()
        if page not in pages and score > kth_score + margin + ROUNDING
    }
    assert not missing, f"missing, though far above the k-th score {kth_score}: {missing}"


def recall(
    exact: Mapping[PageKey, float], hits: Sequence[tuple[PageKey, float]], *, k: int
) -> float:
    """Return the share of the `k` best pages that are among `hits`; equal scores are equally good."""
    if not exact:
        return 1.0
    best = sorted(exact.values(), reverse=True)[:k]
    good = sum(exact[page] >= best[-1] - ROUNDING for page, _ in hits[:k] if page in exact)
    return min(1.0, good / len(best))
