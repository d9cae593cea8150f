"""/v1/pages/{id}/heatmap: where on a page a query looks."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Header, Query, Response

from api.http.caching import BINARY
from api.http.deps import Documents, HeatMaps, NamedPage, Runs
from api.http.limits.bodies import PolicyRoute, Text
from api.http.policy import policy
from api.schemas.heat_maps import HeatMapResponse, heat_body
from api.services.heat_images import heat_png
from api.services.keys import Scope
from api.services.page_regions import MAX_EDGE_PX
from api.services.stored_pages import page_image
from retriever.evidence.heatmap import Combine

router = APIRouter(prefix="/pages", tags=["pages"], route_class=PolicyRoute)

_HEADERS = {"Cache-Control": "private, max-age=600", "Vary": "Accept"}


@router.get(
    "/{page_id}/heatmap",
    response_class=Response,
    responses={200: {"model": HeatMapResponse, "content": {"image/png": BINARY}}},
)
@policy(Scope.READ, encoder=True)
def get_heatmap(
    page_and_document: NamedPage,
    running: Runs,
    stores: Documents,
    heats: HeatMaps,
    query: Annotated[Text, Query(description="What is looked for on the page.")],
    token: Annotated[
        int | None, Query(description="One token of the query, counted from 0; left out: all.")
    ] = None,
    combine: Annotated[
        Combine,
        Query(
            description="How all tokens make one map: `max`, the most similar of the question's words; "
            "`sum`, each token's part of the page's score at the one vector that earns it."
        ),
    ] = "max",
    width: Annotated[
        int | None, Query(ge=16, le=MAX_EDGE_PX, description="Pixels; never larger than stored.")
    ] = None,
    format: Annotated[
        Literal["png", "json"] | None, Query(description="Left out: as the Accept header says.")
    ] = None,
    accept: Annotated[str, Header(include_in_schema=False)] = "",
) -> Response:
    """The page image under its heat as PNG, or the heat as a JSON grid with the query's tokens."""
    page, _ = page_and_document
    page_heat = heats.of(query, page.id, token, combine)
    if (format or _format_of(accept)) == "json":
        body = heat_body(page_heat).model_dump_json()
        return Response(body, media_type="application/json", headers=_HEADERS)
    image = page_image(stores, page)
    png = heat_png(image, page_heat.heat, width)
    return Response(png, media_type="image/png", headers=_HEADERS)


def _format_of(accept: str) -> str:
    """JSON where it is asked for and a picture is not: a browser asks for both, and shows pictures."""
    return "json" if "application/json" in accept and "image/" not in accept else "png"
