"""What to do instead, in words that an agent can act on: it has tools, and no command line."""

from __future__ import annotations

import re

_LISTS_DOCUMENTS = re.compile(r"`pagesight documents list[^`]*`")
_RUN_COMMAND = re.compile(r"\b(run|with|by) `pagesight [^`]*`")
_COMMAND = re.compile(r"`pagesight [^`]*`")
_OPERATOR = "whoever runs this service"


def for_agents(message: str) -> str:
    """Return an error's message with tools in the place of commands, or with who can run them."""
    message = _LISTS_DOCUMENTS.sub("`list_documents`", message)
    message = _RUN_COMMAND.sub(f"ask {_OPERATOR}", message)
    return _COMMAND.sub(_OPERATOR, message)
