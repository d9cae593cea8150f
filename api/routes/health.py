"""Whether the service is up, and whether it can serve."""

from __future__ import annotations

from fastapi import APIRouter
from pydantic import BaseModel

from api.deps import Runs

router = APIRouter(tags=["health"])


class HealthResponse(BaseModel):
    status: str


class ReadinessResponse(BaseModel):
    """Ready means that the catalog answers; the encoder is loaded by the first request for it."""

    status: str
    collections: int
    encoder: str
    encoder_loaded: bool


@router.get("/healthz")
def is_alive() -> HealthResponse:
    """The process answers."""
    return HealthResponse(status="ok")


@router.get("/readyz")
def is_ready(running: Runs) -> ReadinessResponse:
    """The catalog answers; 503 when it does not."""
    services = running.services
    return ReadinessResponse(
        status="ready",
        collections=len(services.stores.catalog.collections()),
        encoder=services.settings.encoder,
        encoder_loaded=running.encoder_loaded,
    )
