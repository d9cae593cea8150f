"""What is different between two versions of a document, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, Field

from api.services.version_comparison import VersionComparison, VersionDiff
from indexer.base.pages import FractionBox
from indexer.catalog.document_records import Document, DocumentVersion
from indexer.layout.export.version_diff import ComparedPage, PageChange, WordChange, WordRun


class ComparedVersionBody(BaseModel):
    """One version; `version` is null where the name has no other document."""

    id: str
    name: str
    version: DocumentVersion | None
    pages: int


class ComparedPageBody(BaseModel):
    page_number: int
    page_id: int


class WordRunBody(BaseModel):
    """Words in both versions, in the old or in the new one alone; boxes are fractions of its page."""

    change: WordChange
    text: str
    boxes: list[FractionBox]


class PageDiffBody(BaseModel):
    """A page that differs; `old` or `new` is null where that version has no such page.

    `words` are those of both, in order; none of a page that was moved.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    change: PageChange
    old: ComparedPageBody | None
    new: ComparedPageBody | None
    n_removed: int = Field(serialization_alias="removed_words")
    n_added: int = Field(serialization_alias="added_words")
    words: list[WordRunBody]


class VersionDiffResponse(BaseModel):
    """Two versions; `same_pages` counts those that are in both as they are."""

    model_config = ConfigDict(serialize_by_alias=True)

    old: ComparedVersionBody
    new: ComparedVersionBody
    n_same: int = Field(serialization_alias="same_pages")
    pages: list[PageDiffBody]


def diff_body(comparison: VersionComparison, diff: VersionDiff) -> VersionDiffResponse:
    return VersionDiffResponse(
        old=_version(diff.old),
        new=_version(diff.new),
        n_same=diff.n_same,
        pages=list(_pages(comparison, diff)),
    )


def n_words(runs: list[WordRun], change: WordChange) -> int:
    """Count the words that are the same, were removed or were added."""
    return sum(run.n_words for run in runs if run.change is change)


def _pages(comparison: VersionComparison, diff: VersionDiff) -> Iterator[PageDiffBody]:
    for pair in diff.pairs:
        runs = [] if pair.change is PageChange.MOVED else comparison.words(pair)
        yield PageDiffBody(
            change=pair.change,
            old=_page(pair.old),
            new=_page(pair.new),
            n_removed=n_words(runs, WordChange.REMOVED),
            n_added=n_words(runs, WordChange.ADDED),
            words=[WordRunBody(change=r.change, text=r.text, boxes=list(r.boxes)) for r in runs],
        )


def _version(document: Document) -> ComparedVersionBody:
    return ComparedVersionBody(
        id=document.id, name=document.name, version=document.version, pages=document.n_pages
    )


def _page(page: ComparedPage | None) -> ComparedPageBody | None:
    if page is None:
        return None
    return ComparedPageBody(page_number=page.number, page_id=page.page_id)
