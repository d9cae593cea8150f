"""VersionComparison of a document, compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from pagesight_client.calls import Call, Request, get, record_of, safe
from pagesight_client.records import Box, DocumentVersion


@dataclass(frozen=True, kw_only=True)
class ComparedVersion:
    """One version of a document; `version` is None where its name has no other."""

    id: str
    name: str
    version: DocumentVersion | None
    pages: int


@dataclass(frozen=True, kw_only=True)
class ComparedPage:
    """Where a page stands in its version."""

    page_number: int
    page_id: int


@dataclass(frozen=True, kw_only=True)
class WordRun:
    """Words of a page in both versions (`same`), or in one alone (`removed`, `added`)."""

    change: str
    text: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True, kw_only=True)
class PageDiff:
    """A page that is `changed`, `added`, `removed` or `moved`; None where a version has none."""

    change: str
    old: ComparedPage | None
    new: ComparedPage | None
    removed_words: int
    added_words: int
    words: tuple[WordRun, ...]


@dataclass(frozen=True, kw_only=True)
class VersionDiff:
    """Two versions and the pages that differ; `same_pages` are in both as they are."""

    old: ComparedVersion
    new: ComparedVersion
    same_pages: int
    pages: tuple[PageDiff, ...] = field(default_factory=tuple)


def diff(document_id: str, older_version: str | None = None) -> Call[VersionDiff]:
    """Compare a version of a document with an older one.

    older_version  its number, its id, or a date (`2026-03-01`); None: the version before
    """
    return Call(_request(document_id, older_version, "json"), record_of(VersionDiff))


def diff_html(document_id: str, older_version: str | None = None) -> Call[str]:
    """Return a file that shows both versions side by side, with pictures; as `diff`."""
    return Call(
        _request(document_id, older_version, "html"), lambda response: response.content.decode()
    )


def _request(
    document_id: str, older_version: str | None, format_: Literal["json", "html"]
) -> Request:
    params: dict[str, str | int] = {"format": format_}
    if older_version is not None:
        params["with"] = older_version
    return get(f"/v1/documents/{safe(document_id)}/diff", **params)
