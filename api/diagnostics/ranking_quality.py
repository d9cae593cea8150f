"""How good a ranking is, given the pages that are right.

`ranked` is the ranking, best first; `gold` the set of right answers, not empty. All figures are 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence


def ndcg(ranked: Sequence[Hashable], gold: Collection[Hashable], k: int) -> float:
    """Normalised discounted cumulative gain at `k`, binary (Järvelin & Kekäläinen 2002)."""
    gain = sum(1 / math.log2(i + 2) for i, one in enumerate(ranked[:k]) if one in gold)
    ideal = sum(1 / math.log2(i + 2) for i in range(min(k, len(gold))))
    return gain / ideal


def recall(ranked: Sequence[Hashable], gold: Collection[Hashable], k: int) -> float:
    """Share of the right answers that stand among the first `k`."""
    return len(set(ranked[:k]) & set(gold)) / len(gold)
