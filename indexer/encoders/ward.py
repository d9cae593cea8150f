"""Ward's clustering of unit vectors, in NumPy.

Dimension key: N vectors, K clusters, D dim.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def ward_labels(vectors: NDArray[np.float32], k: int) -> NDArray[np.intp]:
    """The cluster of each of the unit vectors (N, D): (N,) numbers 0..K-1, in order of first member.

    Ward (1963) joins, again and again, the two clusters whose union adds least to the squared distances
    from the means; |a - b|^2 = 2 (1 - cos) ties that to the cosine distance. Found by chains of nearest
    neighbours (Murtagh 1983), N^2 time: the joins are those of the greedy order, only found in another.
    """
    n = len(vectors)
    if not 1 <= k <= n:
        raise ValueError(f"{n} vectors cannot make {k} clusters")
    joins = sorted(_joins(vectors), key=lambda join: join[0])[: n - k]
    parent = np.arange(n)
    for _, a, b in joins:
        parent[_root(parent, b)] = _root(parent, a)
    roots = [_root(parent, i) for i in range(n)]
    numbers: dict[int, int] = {}
    return np.array([numbers.setdefault(root, len(numbers)) for root in roots], np.intp)


def _joins(vectors: NDArray[np.float32]) -> list[tuple[float, int, int]]:
    """N - 1 joins as (height, a, b): the cluster that holds vector a takes in the one that holds b."""
    n = len(vectors)
    distance = (1 - vectors @ vectors.T).astype(np.float32)  # (N, N); half the squared distance
    np.fill_diagonal(distance, np.inf)
    size = np.ones(n, np.float32)
    alive = np.ones(n, np.bool_)
    joins: list[tuple[float, int, int]] = []
    chain: list[int] = []
    while len(joins) < n - 1:
        if not chain:
            chain = [int(alive.argmax())]
        row = distance[chain[-1]]
        nearest = int(row.argmin())
        if len(chain) < 2 or row[nearest] < row[chain[-2]]:
            chain.append(nearest)
            continue
        a, b = sorted((chain.pop(), chain.pop()))  # each the other's nearest
        height = distance[a, b]
        joins.append((float(height), a, b))
        # Lance and Williams (1967): how far the union is from every other cluster. What is joined
        # already is at infinity and stays there.
        union = (size + size[a]) * distance[a]
        union += (size + size[b]) * distance[b]
        union -= size * height
        union /= size + (size[a] + size[b])
        distance[a] = distance[:, a] = union
        distance[b] = distance[:, b] = np.inf
        size[a] += size[b]
        alive[b] = False
    return joins


def _root(parent: NDArray[np.intp], i: int) -> int:
    while parent[i] != i:
        parent[i] = parent[parent[i]]
        i = int(parent[i])
    return i
