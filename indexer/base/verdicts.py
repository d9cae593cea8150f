"""The fixed list of what can become of a file."""

from __future__ import annotations

from enum import StrEnum


class Verdict(StrEnum):
    """What became of one file of an ingest."""

    INDEXED = "indexed"
    INDEXED_WITH_WARNINGS = "indexed_with_warnings"
    INDEXING = "indexing"  # its first pages are searchable, the others are on their way
    UNCHANGED = "unchanged"
    PASSWORD = "password"  # noqa: S105 - a verdict, not a secret
    CORRUPT = "corrupt"
    UNSUPPORTED = "unsupported"  # of no kind that is read
    NEEDS_LIBREOFFICE = "needs_libreoffice"
    NEEDS_AV = "needs_av"
    NEEDS_PILLOW_HEIF = "needs_pillow_heif"
    NOT_PDF = "not_pdf"  # of old catalogs, from when nothing but PDF was read
    EMPTY = "empty"
    TOO_MANY_PAGES = "too_many_pages"
    TOO_LARGE = "too_large"
    TIMEOUT = "timeout"
    FAILED = "failed"

    @property
    def searchable(self) -> bool:
        """Whether all pages of the file are in the collection."""
        return self in (Verdict.INDEXED, Verdict.INDEXED_WITH_WARNINGS, Verdict.UNCHANGED)

    @property
    def new(self) -> bool:
        """Whether this ingest has put the pages there."""
        return self in (Verdict.INDEXED, Verdict.INDEXED_WITH_WARNINGS)
