"""Heat maps show where on a page a query looks: its similarity to every page vector, on the page.

Dimension key: T query tokens, N page vectors, R x C cells of the grid.

The map comes from the stored vectors and their boxes, as `evidence` does: no second model pass, and
ColQwen2's patches and the lite encoder's words alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indexer.base.pages import BOX_SCALE, Boxes, PageEmbedding, QueryEmbedding
from retriever.errors import InvalidToken
from retriever.evidence.maxsim import similarities

# A line of 10 pt type on A4 is one and a half cells high, a patch of a page of 768 four cells wide.
LONG_SIDE_CELLS = 128

Combine = Literal["max", "sum"]


@dataclass(frozen=True, slots=True)
class QueryToken:
    """One token of the query; `score` is its best similarity to the page, its part of MaxSim.

    content  whether it carries the question's words; the others take part in the score only
    """

    n: int
    text: str
    content: bool
    score: float


@dataclass(frozen=True, slots=True, eq=False)
class HeatMap:
    """A page's heat under a query.

    token   the query token that is shown, None for all of them together
    score   the exact MaxSim of query and page: the sum of all tokens' scores
    values  (N,) float32, one for each page vector
    grid    (R, C) float32, the highest value of the vectors that look at a cell; NaN where none does
    """

    tokens: tuple[QueryToken, ...]
    token: int | None
    combine: Combine
    score: float
    values: NDArray[np.float32]
    grid: NDArray[np.float32]

    def warmth(self) -> NDArray[np.float32]:
        """Scale the grid (R, C): 0 for its lowest value, 1 for its highest, 0 where no vector looks."""
        values = self.grid[~np.isnan(self.grid)]
        if len(values) == 0:
            return np.zeros_like(self.grid)
        low, high = float(values.min()), float(values.max())
        if high <= low:
            return np.where(np.isnan(self.grid), 0.0, 1.0).astype(np.float32)
        warmth: NDArray[np.float32] = np.nan_to_num((self.grid - low) / (high - low), nan=0.0)
        return warmth


def heat_map(
    query: QueryEmbedding,
    page: PageEmbedding,
    aspect: float,
    token: int | None = None,
    combine: Combine = "max",
) -> HeatMap:
    """Compare a query with every vector of a page; `aspect` is the page's width divided by its height.

    With a token: its similarity to each vector. Without one, all tokens together, by `combine`:
    max  the highest similarity of a content token: where the question's words look
    sum  each token gives its best similarity to the one vector that has it, so the values add up to the
         page's score (the decomposition of MaxSim, arXiv 2004.12832, eq. 3)

    Raises InvalidToken for a token that the query does not have.
    """
    if token is not None and not 0 <= token < len(query.tokens):
        raise InvalidToken(
            f"the query has no token {token}: its {len(query.tokens)} tokens count from 0 to "
            f"{len(query.tokens) - 1}"
        )
    table = similarities(query.vectors, page.vectors)  # (T, N)
    best = table.max(axis=1, initial=-np.inf) if table.size else np.zeros(len(table), np.float32)
    values = _values(table, best, query.content, token, combine)
    return HeatMap(
        tokens=tuple(
            QueryToken(n, text, bool(content), round(float(score), 4))
            for n, (text, content, score) in enumerate(
                zip(query.tokens, query.content, best, strict=True)
            )
        ),
        token=token,
        combine=combine,
        score=round(float(best.sum()), 4),
        values=values,
        grid=paint(page.boxes, values, *grid_shape(aspect)),
    )


def _values(
    table: NDArray[np.float32],
    best: NDArray[np.float32],
    content: NDArray[np.bool_],
    token: int | None,
    combine: Combine,
) -> NDArray[np.float32]:
    """Return the heat (N,) of each vector, from the similarities (T, N) and each token's best (T,)."""
    values: NDArray[np.float32]
    if not table.size:
        values = np.zeros(0, np.float32)
    elif token is not None:
        values = table[token]
    elif combine == "sum":
        values = np.zeros(table.shape[1], np.float32)
        np.add.at(values, table.argmax(axis=1), best)
    else:
        values = (table[content] if content.any() else table).max(axis=0)
    return values


def grid_shape(aspect: float) -> tuple[int, int]:
    """Return (rows, columns) of about square cells, LONG_SIDE_CELLS along the page's longer side."""
    if aspect >= 1:
        return max(1, round(LONG_SIDE_CELLS / aspect)), LONG_SIDE_CELLS
    return LONG_SIDE_CELLS, max(1, round(LONG_SIDE_CELLS * aspect))


def paint(
    boxes: Boxes, values: NDArray[np.float32], n_rows: int, n_cols: int
) -> NDArray[np.float32]:
    """Lay values (N,) onto the cells that their boxes (N, 4) cover: (n_rows, n_cols), NaN where none does.

    The highest value wins. Edges go to the nearest cell edge, so neighbours neither overlap nor leave a
    gap; a box that is thinner than a cell gets one.
    """
    grid = np.full((n_rows, n_cols), np.nan, np.float32)
    scale = np.array([n_cols, n_rows, n_cols, n_rows]) / BOX_SCALE
    edges = np.rint(boxes * scale).astype(int)
    for i in np.argsort(values, kind="stable"):  # the highest last
        x0, y0, x1, y1 = edges[i]
        x0, y0 = min(x0, n_cols - 1), min(y0, n_rows - 1)
        grid[y0 : max(y1, y0 + 1), x0 : max(x1, x0 + 1)] = values[i]
    return grid
