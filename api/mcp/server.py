"""The tools over the protocol, by the official SDK: https://modelcontextprotocol.io

The SDK is an extra: everything else works without it, and it is imported at the first use.
"""

from __future__ import annotations

import base64
import logging
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError
from starlette.types import Receive, Scope, Send

from api.base.errors import McpUnavailable, Overloaded, http_status
from api.base.json_escapes import without_markup
from api.base.links import Links
from api.http.failures import error_body
from api.http.links import links_for
from api.http.running import Running
from api.mcp import resources
from api.mcp.advice import for_agents
from api.mcp.tool_calls import ToolCall
from api.mcp.tools import SPECS, Outcome, ToolSpec
from api.services.authorization import Caller
from generator.answering.inert_text import inert
from indexer.base.errors import PagesightError

if TYPE_CHECKING:
    from mcp.server import Server
    from mcp.types import CallToolResult, Tool

INSTRUCTIONS = (
    "Questions over pages of documents. `ask_documents` gives a cited answer; `search_pages` finds pages, "
    "`get_page` shows one and `get_page_text` gives its words. Say which page a statement stands on."
)
WITHOUT_LINKS = (
    "Links are null here: PAGESIGHT_PUBLIC_URL, the address of `pagesight serve` over the same data folder, "
    "is not set for this server."
)
_log = logging.getLogger("pagesight.api")
_BY_NAME = {spec.name: spec for spec in SPECS}


def mcp_server(running: Running, caller: Caller, version: str, note: str = "") -> Server[Any]:
    """Serve the tools and the pages, over what the caller may read. Raises McpUnavailable without the SDK.

    note  what an agent is told beside INSTRUCTIONS
    """
    try:
        from mcp import MCPError
        from mcp.server import Server
        from mcp.types import (
            INVALID_PARAMS,
            ListResourcesResult,
            ListResourceTemplatesResult,
            ListToolsResult,
            ReadResourceResult,
        )
    except ImportError as error:
        raise McpUnavailable(
            "the package mcp is not installed: pip install 'pagesight[mcp]'"
        ) from error

    async def list_tools(_: Any, __: Any) -> ListToolsResult:
        return ListToolsResult(tools=[_description(spec) for spec in SPECS])

    async def call_tool(context: Any, params: Any) -> CallToolResult:
        spec = _BY_NAME.get(params.name)
        if spec is None:
            raise MCPError(INVALID_PARAMS, f"no tool {params.name!r}")
        links = _links(context.request, caller)
        return await _result_of(spec, params.arguments or {}, caller, links, running)

    async def list_resources(_: Any, __: Any) -> ListResourcesResult:
        return ListResourcesResult(resources=[])  # pages are found by searching: see the templates

    async def list_templates(_: Any, __: Any) -> ListResourceTemplatesResult:
        return ListResourceTemplatesResult(resource_templates=resources.templates())

    async def read_resource(_: Any, params: Any) -> ReadResourceResult:
        try:
            contents = await resources.read(params.uri, caller, running)
        except PagesightError as error:
            raise MCPError(INVALID_PARAMS, _words_of(error, running)) from error
        return ReadResourceResult(contents=[contents])

    return Server(
        "pagesight",
        version=version,
        title="pagesight",
        instructions=f"{INSTRUCTIONS} {note}".rstrip(),
        on_list_tools=list_tools,
        on_call_tool=call_tool,
        on_list_resources=list_resources,
        on_list_resource_templates=list_templates,
        on_read_resource=read_resource,
    )


async def serve_request(server: Server[Any], scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one streamable-HTTP request. Nothing is kept between two: any worker can serve the next."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    manager = StreamableHTTPSessionManager(app=server, stateless=True)
    async with manager.run():
        await manager.handle_request(scope, receive, send)


async def serve_stdio(server: Server[Any]) -> None:
    """Serve standard input and output, until the input ends. Whatever else prints goes to stderr."""
    from mcp import stdio_server

    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


async def _result_of(
    spec: ToolSpec,
    arguments: dict[str, Any],
    caller: Caller,
    links: Links | None,
    running: Running,
) -> CallToolResult:
    """Run a tool. A failure is a result, too, so that the agent reads what to do instead."""
    try:
        call = ToolCall(spec, spec.arguments.model_validate(arguments), caller, links)
        return _result(await call.outcome(running))
    except Overloaded as error:
        return _busy(error)
    except ValidationError as error:
        return _failure("; ".join(_complaint(detail) for detail in error.errors()))
    except Exception as error:  # noqa: BLE001 - the protocol carries a failure inside a result
        if not isinstance(error, PagesightError) or http_status(error) >= 500:
            _log.error("the tool %s failed", spec.name, exc_info=error)
        return _failure(_words_of(error, running))


def _words_of(error: Exception, running: Running) -> str:
    return for_agents(error_body(error, running.data_dir).error.message)


def _result(outcome: Outcome) -> CallToolResult:
    from mcp.types import CallToolResult, ImageContent, TextContent

    images = [
        ImageContent(data=base64.b64encode(jpeg).decode("ascii"), mime_type="image/jpeg")
        for jpeg in outcome.images
    ]
    return CallToolResult(
        # Some programs show this text as Markdown.
        content=[TextContent(text=without_markup(outcome.body.model_dump_json())), *images],
        structured_content=outcome.body.model_dump(mode="json"),
    )


def _failure(message: str, **meta: int) -> CallToolResult:
    from mcp.types import CallToolResult, TextContent

    return CallToolResult(
        content=[TextContent(text=inert(message))], is_error=True, _meta=meta or None
    )


def _busy(error: Overloaded) -> CallToolResult:
    """Say when to call again: to the agent in the text, to its program in `_meta`."""
    seconds = error.retry_after_s
    return _failure(f"{error} (retry after {seconds} s)", retry_after_s=seconds)


def _description(spec: ToolSpec) -> Tool:
    from mcp.types import Tool, ToolAnnotations

    return Tool(
        name=spec.name,
        title=spec.title,
        description=spec.description,
        input_schema=_schema(spec.arguments),
        output_schema=_schema(spec.result),
        annotations=ToolAnnotations(
            title=spec.title, read_only_hint=True, idempotent_hint=True, open_world_hint=False
        ),
    )


def _schema(shape: type[BaseModel]) -> dict[str, Any]:
    return shape.model_json_schema(mode="serialization")


def _links(request: Any, caller: Caller) -> Links | None:
    """Over HTTP the address is known; over standard input only if it is a setting."""
    if request is not None:
        return links_for(request.base_url, caller)
    public_url = caller.services.settings.public_url
    return links_for(public_url, caller) if public_url else None


def _complaint(error: Any) -> str:
    where = ".".join(map(str, error["loc"]))
    return f"{where}: {error['msg']}" if where else str(error["msg"])
