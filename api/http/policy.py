"""What a route or a tool asks of its callers and of the service: said once, where it is written.

The guard, the authentication, the load shedder and the limit of a body compute from here what they must
know: `policy_of` one handler, `RoutePolicies` of all routes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from fastapi.routing import iter_route_contexts
from starlette.routing import BaseRoute

from api.services.keys import Scope

Limit = Literal["searches", "answers", "renders"]
Handler = TypeVar("Handler", bound=Callable[..., Any])

MAX_JSON_BYTES = 1024 * 1024
MAX_PICTURE_BYTES = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Policy:
    """What a request must be allowed, what it waits for and what it costs.

    scope           what a key must allow; None: open to everybody, also without a key
    limit           the limiter that a request takes a slot of; None: it never waits
    max_body_bytes  of the request's body; None: the handler reads it piece by piece, within its own limits
    encoder         whether it needs the page encoder
    """

    scope: Scope | None
    limit: Limit | None = None
    max_body_bytes: int | None = MAX_JSON_BYTES
    encoder: bool = False


CLOSED = Policy(Scope.ADMIN)  # of a route that declares none: for keys that reach every collection


def policy(
    scope: Scope | None,
    limit: Limit | None = None,
    *,
    max_body_bytes: int | None = MAX_JSON_BYTES,
    encoder: bool = False,
) -> Callable[[Handler], Handler]:
    """Declare the policy of a route: stands between the router's decorator and its handler."""
    route_policy = Policy(scope, limit, max_body_bytes, encoder)

    def declare(handler: Handler) -> Handler:
        handler.policy = route_policy  # type: ignore[attr-defined]
        return handler

    return declare


def policy_of(handler: Callable[..., Any] | None) -> Policy:
    """Return the policy that a route's handler declares, CLOSED where it declares none."""
    route_policy: Policy = getattr(handler, "policy", CLOSED)
    return route_policy


class RoutePolicies:
    """What the routes declare, by the path of a request and before any routing. Built once."""

    def __init__(self, routes: Sequence[BaseRoute]) -> None:
        self._limits: dict[tuple[str, str], Limit] = {}
        self._limit_patterns: list[tuple[str, re.Pattern[str], Limit]] = []
        self._open: set[str] = set()
        self._open_patterns: list[re.Pattern[str]] = []
        contexts = [*iter_route_contexts(routes)]
        guarded_paths = {
            route.path for route in contexts if policy_of(route.endpoint).scope is not None
        }
        for route in contexts:
            path, route_policy = str(route.path), policy_of(route.endpoint)
            is_pattern = "{" in path
            if path not in guarded_paths:
                if is_pattern:
                    self._open_patterns.append(route.path_regex)
                else:
                    self._open.add(path)
            for method in route.methods or ():
                if route_policy.limit is not None and is_pattern:
                    self._limit_patterns.append((method, route.path_regex, route_policy.limit))
                elif route_policy.limit is not None:
                    self._limits[method, path] = route_policy.limit

    def limit_of(self, method: str, path: str) -> Limit | None:
        """Return the limit of a request to `path`."""
        limit = self._limits.get((method, path))
        if limit is not None:
            return limit
        for needed_method, pattern, limit in self._limit_patterns:
            if method == needed_method and pattern.match(path):
                return limit
        return None

    def is_open(self, path: str) -> bool:
        """Return whether everybody may come to `path`, also without a key."""
        return path in self._open or any(pattern.match(path) for pattern in self._open_patterns)
