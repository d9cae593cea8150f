"""Pages as resources: an agent's program attaches them by address, without calling a tool itself.

`pagesight://pages/ID/image` is the picture of a page, `pagesight://pages/ID/text` its text. Both are what the
tools `get_page` and `get_page_text` give, under the same policies.
"""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING

from api.http.running import Running
from api.mcp import shapes
from api.mcp.tool_calls import ToolCall
from api.mcp.tools import SPECS
from api.services.authorization import Caller
from indexer.base.errors import PageNotFound

if TYPE_CHECKING:
    from mcp.types import BlobResourceContents, ResourceTemplate, TextResourceContents

_ADDRESS = re.compile(r"pagesight://pages/([1-9]\d{0,17})/(image|text)")
_SPECS = {spec.name: spec for spec in SPECS}


def templates() -> list[ResourceTemplate]:
    """List the kinds of addresses; there are too many pages to list them all."""
    from mcp.types import ResourceTemplate

    return [
        ResourceTemplate(
            name="page_image",
            title="Image of a page",
            uri_template="pagesight://pages/{page_id}/image",
            description="What a page looks like. Page ids come from `search_pages`.",
            mime_type="image/jpeg",
        ),
        ResourceTemplate(
            name="page_text",
            title="Text of a page",
            uri_template="pagesight://pages/{page_id}/text",
            description="The text of a page as Markdown, with its tables and form fields.",
            mime_type="text/markdown",
        ),
    ]


async def read(
    address: str, caller: Caller, running: Running
) -> TextResourceContents | BlobResourceContents:
    """Read one resource. Raises PageNotFound, and what the tools raise."""
    from mcp.types import BlobResourceContents, TextResourceContents

    match = _ADDRESS.fullmatch(address)
    if match is None:
        raise PageNotFound(
            f"no resource {address[:200]!r}: pages are pagesight://pages/ID/image and .../text"
        )
    page_id = int(match[1])
    if match[2] == "image":
        call = ToolCall(_SPECS["get_page"], shapes.GetPage(page_id=page_id), caller, None)
        (jpeg,) = (await call.outcome(running)).images
        blob = base64.b64encode(jpeg).decode("ascii")
        return BlobResourceContents(uri=address, mime_type="image/jpeg", blob=blob)
    call = ToolCall(_SPECS["get_page_text"], shapes.GetPageText(page_id=page_id), caller, None)
    body = (await call.outcome(running)).body
    assert isinstance(body, shapes.PageText)
    return TextResourceContents(uri=address, mime_type="text/markdown", text=body.text)
