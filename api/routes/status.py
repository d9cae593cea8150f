"""/v1/status: how the service is, for those who run it, and for those who wait for their files."""

from __future__ import annotations

from contextlib import suppress

from fastapi import APIRouter, Request

from api.diagnostics.readiness import checks
from api.diagnostics.service_status import (
    collection_statuses,
    disk_status,
    queue_status,
    setting_statuses,
)
from api.http.deps import Calls, Runs
from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.http.running import Running
from api.schemas.status import CheckStatus, StatusResponse
from api.services.keys import Scope

router = APIRouter(prefix="/status", tags=["health"], route_class=PolicyRoute)

_DATA = "DATA"  # stands for the path of the data folder, which nobody is told


@router.get("")
@policy(Scope.READ)
def get_status(request: Request, running: Runs, caller: Calls) -> StatusResponse:
    """Queue, collections and their indexes; for administrators also latency, disk and settings."""
    services = running.services
    queue = queue_status(services, caller.collection_ids)
    body = StatusResponse(
        version=request.app.version,
        encoder=services.settings.encoder,
        encoder_loaded=services.encoder.loaded,
        generator=services.settings.generator,
        queue=queue,
        collections=collection_statuses(services, caller.collections()),
        checks=None,
        latency=None,
        disk=None,
        settings=None,
    )
    if not caller.is_administrator:
        return body.model_copy(update={"queue": queue.model_copy(update={"workers": []})})
    _add_operations(body, running)
    body.latency = request.app.state.metrics.stage_times()
    return body


def _add_operations(body: StatusResponse, running: Running) -> None:
    """Add what only those may read who run the service; paths of the data folder are left out."""
    services = running.services

    def without_path(text: str) -> str:
        return text.replace(running.data_dir, _DATA) if running.data_dir else text

    alive = None if running.worker is None else running.worker.alive
    body.checks = [
        CheckStatus(name=check.name, state=check.state.value, detail=without_path(check.detail))
        for check in checks(services, worker_alive=alive)
    ]
    with suppress(OSError):
        body.disk = disk_status(services)
    body.settings = [
        setting.model_copy(update={"value": setting.value and without_path(setting.value)})
        for setting in setting_statuses(services)
    ]
