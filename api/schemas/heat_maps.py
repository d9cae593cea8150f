"""A heat map as JSON."""

from __future__ import annotations

import math

from api.schemas.pages import PageBody, page_fields
from retriever.evidence.heatmap import Combine, QueryToken
from retriever.page_heat import PageHeat


class HeatMapResponse(PageBody):
    """Where on a page a query looks.

    `grid` has `rows` x `columns` cells over the page, row by row from the top left: the highest
    similarity of the page vectors that look at a cell, null where none does. `score` is the page's
    MaxSim, the sum of all tokens' scores; a token's score is its best similarity to the page.
    """

    query: str
    tokens: tuple[QueryToken, ...]
    token: int | None
    combine: Combine
    score: float
    low: float | None
    high: float | None
    rows: int
    columns: int
    grid: list[list[float | None]]


def heat_body(page_heat: PageHeat) -> HeatMapResponse:
    heat = page_heat.heat
    rows, columns = heat.grid.shape
    grid = [[_cell(value) for value in row] for row in heat.grid.tolist()]
    values = [cell for row in grid for cell in row if cell is not None]
    return HeatMapResponse(
        **page_fields(page_heat.page, page_heat.document),
        query=page_heat.query,
        tokens=heat.tokens,
        token=heat.token,
        combine=heat.combine,
        score=heat.score,
        low=min(values, default=None),
        high=max(values, default=None),
        rows=rows,
        columns=columns,
        grid=grid,
    )


def _cell(value: float) -> float | None:
    return None if math.isnan(value) else round(value, 4)
