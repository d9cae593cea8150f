"""Arguments and results of the tools: the schemas that an agent reads.

Ids that one tool gives are what another takes. A box is [x0, y0, x1, y1] in page fractions 0..1.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.http.deps import SQL_INTEGER_MAX
from api.http.limits.bodies import Text, VersionsField
from api.schemas.answers import LinkedCitation
from api.schemas.hits import Completeness, LinkedHit
from api.schemas.pages import PageBody
from indexer.base.pages import FractionBox
from indexer.catalog.document_records import DocumentVersion

MAX_EDGE_PX = 1568  # what vision models read without scaling down themselves
MAX_TOP_K = 20

Fraction = Annotated[float, Field(ge=0.0, le=1.0)]
PageId = Annotated[int, Field(ge=1, le=SQL_INTEGER_MAX, description="Id of a page.")]


class Arguments(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ListCollections(Arguments):
    pass


class ListDocuments(Arguments):
    collection: Text = Field(description="Name of the collection.")
    query: Text = Field(default="", description="Only names that hold this.")
    tag: Text | None = Field(default=None, description="Only documents with this tag.")
    cursor: Text | None = Field(default=None, description="`next_cursor` of the call before.")


class _AboutPages(Arguments):
    collections: list[Text] = Field(default=[], description="Names; empty: all collections.")
    documents: list[Text] = Field(default=[], description="Ids or names; empty: all documents.")
    pages: Text | None = Field(default=None, description="Page numbers, `7` or `3-10`.")
    tags: list[Text] = Field(default=[], description="Only documents that have all of them.")
    metadata: dict[Text, Text] = Field(
        default={}, description="Only documents that have all of these values."
    )
    versions: VersionsField = "newest"
    as_of: Text | None = Field(
        default=None, description="A date, `2026-03-01`: documents as they were at its end."
    )
    top_k: int = Field(default=5, ge=1, le=MAX_TOP_K, description="Most pages to find.")


class SearchPages(_AboutPages):
    query: Text = Field(description="What to look for, in words.")
    image: str | None = Field(
        default=None, description="An image to look for, as a data: URI; `query` may be empty then."
    )
    images: Literal["none", "url", "base64"] = Field(
        default="url", description="How the page images of the best pages come."
    )


class GetPage(Arguments):
    page_id: PageId
    region: tuple[Fraction, Fraction, Fraction, Fraction] | None = Field(
        default=None,
        description="Only this box of the page, drawn anew so that its longest edge has `max_px`: to "
        "read small print.",
    )
    max_px: int = Field(
        default=MAX_EDGE_PX, ge=64, le=MAX_EDGE_PX, description="Longest edge of an image."
    )
    neighbours: int = Field(
        default=0, ge=0, le=2, description="Also this many pages before and after, as images."
    )


class GetPageText(Arguments):
    page_id: PageId


class GetPageTables(Arguments):
    page_id: PageId


class AskDocuments(_AboutPages):
    question: Text = Field(description="A whole question, in words.")


class CollectionEntry(BaseModel):
    """`title` is what people call it, `name` what the other tools take."""

    name: str
    title: str
    documents: int
    pages: int
    encoder: str


class Collections(BaseModel):
    collections: list[CollectionEntry]


class DocumentEntry(BaseModel):
    """Page number n has the page id `first_page_id` + n - 1; null when the file was refused.

    `version` is null where a name has one document; searches see the newest unless `versions` is `all`.
    """

    id: str
    name: str
    verdict: str
    pages: int
    first_page_id: int | None
    aliases: list[str]
    version: DocumentVersion | None
    attachment_of: str | None
    tags: list[str]
    metadata: dict[str, str]


class Documents(BaseModel):
    collection: str
    documents: list[DocumentEntry]
    next_cursor: str | None = Field(description="Give it as `cursor` for the rest; null: no more.")


class Hits(Completeness):
    """`degraded` says that stored files are damaged and pages were left out."""

    query: str
    hits: list[LinkedHit]


class WholePage(PageBody):
    """The images come beside this: the page's own (or its region) first, then its neighbours'."""

    pages_in_document: int
    region: FractionBox | None
    neighbours: list[int]
    url: str | None
    image_url: str | None


class PageText(PageBody):
    """`source` is `text` (the PDF's text layer), `ocr` (read from the image) or `none`."""

    source: str
    text: str
    url: str | None


class TableCells(BaseModel):
    """What spans several rows or columns stands in each of them; no `heads` where no column has a name."""

    heads: list[str]
    rows: list[list[str]]
    box: FractionBox


class PageTables(PageBody):
    tables: list[TableCells]
    url: str | None


class AgentAnswer(Completeness):
    """[n] in `answer` is citation n. Not `grounded`: no page supports an answer; `pages` are nearest.

    `unsupported_claims` are sentences of the answer that no citation supports.
    """

    question: str
    answer: str
    grounded: bool
    unsupported_claims: tuple[str, ...]
    citations: list[LinkedCitation]
    pages: list[LinkedHit]
