"""Whether the service is up, and whether it can serve."""

from __future__ import annotations

from typing import Literal

from fastapi import APIRouter, Response
from pydantic import BaseModel

from api.diagnostics.readiness import CheckBody, State, checks, worst
from api.http.deps import Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy

router = APIRouter(tags=["health"], route_class=PolicyRoute)

Status = Literal["ready", "degraded", "failed"]
_SAID: dict[State, Status] = {State.OK: "ready", State.DEGRADED: "degraded", State.FAILED: "failed"}


class HealthResponse(BaseModel):
    status: str


class ReadinessResponse(BaseModel):
    """`status` is `failed` when questions cannot be answered, `degraded` when something else is not well."""

    status: Status
    encoder: str
    encoder_loaded: bool
    checks: list[CheckBody]


@router.get("/healthz")
@policy(scope=None)
def is_alive() -> HealthResponse:
    """The process answers."""
    return HealthResponse(status="ok")


@router.get("/readyz", responses={503: {"model": ReadinessResponse, "description": "Failed."}})
@policy(scope=None)
def is_ready(running: Runs, response: Response) -> ReadinessResponse:
    """Whether questions can be answered, and what is not well; 503 when they cannot."""
    services, worker = running.services, running.worker
    results = checks(
        services,
        worker_alive=None if worker is None else worker.alive,
    )
    if running.data_dir:  # told to nobody
        for check in results:
            check.detail = check.detail.replace(running.data_dir, "DATA")
    state = worst(results)
    if state is State.FAILED:
        response.status_code = 503
    return ReadinessResponse(
        status=_SAID[state],
        encoder=services.settings.encoder,
        encoder_loaded=services.encoder.loaded,
        checks=results,
    )
