"""Routes whose errors OpenAI's clients can read."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from api.http.failures import EXPECTED, failure, openai_error
from api.http.limits.bodies import PolicyRoute
from generator.errors import InvalidSchema

# What OpenAI's clients call the field that holds a schema.
_SCHEMA_PARAMS = {"/v1/chat/completions": "response_format", "/v1/responses": "text.format"}


class OpenAiRoute(PolicyRoute):
    """Errors as OpenAI's clients sort them: 400 for any bad request, their names for the types."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handle = super().get_route_handler()

        async def translate_errors(request: Request) -> Response:
            try:
                return await handle(request)
            except EXPECTED as error:
                refusal = failure(error, request.app.state.running.data_dir)
                status = 400 if refusal.status == 422 else refusal.status
                body = openai_error(refusal.body.error.model_dump(), status)
                if isinstance(error, InvalidSchema):
                    body["param"] = _SCHEMA_PARAMS.get(request.url.path, body["param"])
                return JSONResponse({"error": body}, status, refusal.headers)

        return translate_errors
