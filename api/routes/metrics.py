"""/metrics, for Prometheus."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from api.http.deps import KEY_HEADER
from api.http.failures import ErrorResponse
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.services.keys import Scope
from api.telemetry.metrics import Metrics

# They name collections: with keys, only one of all collections may read them, by scope `metrics` or `admin`.
router = APIRouter(
    tags=["health"],
    route_class=PolicyRoute,
    dependencies=[Depends(KEY_HEADER)],
    responses={"4XX": {"model": ErrorResponse, "description": "What is wrong, and what to do."}},
)


@router.get("/metrics", response_class=PlainTextResponse)
@policy(Scope.METRICS)
def get_metrics(request: Request) -> Response:
    """Counters, times and the state of the queue, in Prometheus' text format."""
    metrics: Metrics = request.app.state.metrics
    return Response(metrics.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
