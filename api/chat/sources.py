"""Citations in the forms that chat programs show: annotations, Markdown links, Open WebUI's sources.

The forms: https://platform.openai.com/docs/api-reference/chat, and Open WebUI's own events.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from api.base.links import Links
from api.chat.requests import SOURCES, UNPROVED
from api.schemas.answers import citation_url
from generator.answering.answers import Citation
from generator.answering.inert_text import inert
from indexer.base.page_names import place_name

Json = dict[str, Any]

_MAX_CLAIMS = 3
_MAX_CLAIM = 160  # characters


def annotation(citation: Citation, text: str, links: Links) -> Json:
    """Say where the citation's [n] stands in the `text` up to it, and which page it leads to.

    Of an answer as JSON, which holds no [n], it is the whole text.
    """
    marker = text if citation.field else f"[{citation.n}]"
    start = max(text.rfind(marker), 0)
    url_citation = {
        "url": citation_url(citation, links),
        "title": title(citation),
        "start_index": start,
        "end_index": start + len(marker),
    }
    return {"type": "url_citation", "url_citation": url_citation}


def source_list(citations: Sequence[Citation], links: Links) -> str:
    """Link each cited page in Markdown, which every chat program can show."""
    lines = [
        f"- [{citation.n}] [{_in_markdown(title(citation))}]({citation_url(citation, links)})"
        for citation in citations
    ]
    return f"{SOURCES}\n" + "\n".join(lines)


def unproved_list(claims: Sequence[str]) -> str:
    """Name the sentences of an answer that no page proves; empty where there are none."""
    if not claims:
        return ""
    first_claims = "; ".join(
        f"“{_in_markdown(_beginning_of(claim))}”" for claim in claims[:_MAX_CLAIMS]
    )
    n_more = len(claims) - _MAX_CLAIMS
    return f"{UNPROVED}{first_claims}{f' and {n_more} more' if n_more > 0 else ''}*"


def source_event(citation: Citation, links: Links) -> Json:
    """Open WebUI shows its n-th source for [n]; equal `metadata.source` would join two into one."""
    name = title(citation)
    url = citation_url(citation, links)
    key = f"page-{citation.page_id}-{citation.n}"
    source = {"id": key, "name": name, "url": url}
    if links.framed:
        source["embed_url"] = url
    metadata = {
        "source": key,
        "name": name,
        "source_url": url,
        "page": citation.page_number - 1,  # counted from zero there
    }
    return {
        "source": source,
        "document": [inert(citation.quote) or name],
        "metadata": [metadata],
        "distances": [citation.support],
    }


def title(citation: Citation) -> str:
    name, page = inert(citation.title), inert(citation.page_name)
    return place_name(name, page, time_s=citation.time_s)


def _beginning_of(claim: str) -> str:
    return claim if len(claim) <= _MAX_CLAIM else f"{claim[: _MAX_CLAIM - 1].rstrip()}…"


def _in_markdown(name: str) -> str:
    """A name that stays one link text; file names may hold any character."""
    escapes = "".join(f"\\{c}" if c in "\\[]()`*_~|<>!&" else c for c in name)
    return " ".join(escapes.split())
