"""Render the pages of a PDF file in a child process.

``Rasterizer`` is imported when it is first asked for: the child imports this package too, and must
not pay for the parent's imports.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from indexer.inputs.pdf.rasterizer import OpenDocument, Rasterizer

__all__ = ["OpenDocument", "Rasterizer"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from indexer.inputs.pdf import rasterizer

    return getattr(rasterizer, name)
