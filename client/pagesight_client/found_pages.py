"""What frameworks are told of a page that was found, beside its text."""

from __future__ import annotations

from typing import Any

from pagesight_client.answers import Hit


def page_metadata(hit: Hit) -> dict[str, Any]:
    """Return where a page stands: plain values, and `boxes` of what matched in page fractions."""
    return {
        **hit.metadata,
        "source": hit.document,
        "collection": hit.collection,
        "page_id": hit.page_id,
        "document_id": hit.document_id,
        "page_number": hit.page_number,
        "page_label": hit.page_label,
        "score": hit.score,
        "snippet": hit.snippet,
        "boxes": [list(region.box) for region in hit.evidence],
        "tags": list(hit.tags),
    }
