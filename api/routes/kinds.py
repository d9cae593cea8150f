"""/v1/kinds: what files can be uploaded."""

from __future__ import annotations

from fastapi import APIRouter

from api.http.limits.bodies import PolicyRoute
from api.http.policy import policy
from api.schemas.kinds import KindsResponse, kinds_body
from api.services.keys import Scope

router = APIRouter(tags=["documents"], route_class=PolicyRoute)


@router.get("/kinds")
@policy(Scope.READ)
def list_kinds() -> KindsResponse:
    """List the kinds of files that can be read, and the endings that their names usually have."""
    return kinds_body()
