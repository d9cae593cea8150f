"""How good a ranking is, given the pages that are right.

`ranking` holds the pages, best first; `gold` the set of right answers, not empty. All figures are 0..1.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Hashable, Sequence


def ndcg(ranking: Sequence[Hashable], gold: Collection[Hashable], k: int) -> float:
    """Normalised discounted cumulative gain at `k`, binary (Järvelin & Kekäläinen 2002)."""
    gain = sum(1 / math.log2(i + 2) for i, page in enumerate(ranking[:k]) if page in gold)
    ideal = sum(1 / math.log2(i + 2) for i in range(min(k, len(gold))))
    return gain / ideal


def recall(ranking: Sequence[Hashable], gold: Collection[Hashable], k: int) -> float:
    """Share of the right answers that stand among the first `k`."""
    return len(set(ranking[:k]) & set(gold)) / len(gold)
