"""The tools of an agent, as plain functions of the services. Nothing here knows the protocol."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from pydantic import BaseModel

from api.base.links import Links
from api.http.cursors import next_cursor
from api.http.document_lists import listing_of, place_in, place_of
from api.http.inline_images import read_picture
from api.http.policy import Policy
from api.mcp import shapes
from api.schemas.answers import linked_citation
from api.schemas.hits import completeness, linked_hit
from api.schemas.pages import page_fields
from api.services.authorization import Caller
from api.services.keys import Scope
from api.services.page_regions import check_region
from api.services.stored_pages import page_image, page_words
from generator.answering.answers import Answer, AnswerDone
from indexer.base.document_properties import properties_of
from indexer.base.page_images import jpeg_excerpt, jpeg_of
from indexer.base.pages import FractionBox
from indexer.catalog.document_records import Document, Page
from indexer.layout.export.markdown import page_markdown
from indexer.layout.export.page_content import page_content
from indexer.layout.export.table_grid import grid_of
from retriever.query.filters import SearchFilter, parse_page_range
from retriever.query.moments import parse_moment

PER_LISTING = 50
MAX_BASE64 = 5  # images that come inside one result; the rest as addresses
_THUMB_PX = 1024

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a tool: values, and JPEG images beside them."""

    body: BaseModel
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """`links` is None where no address of this service is known."""

    caller: Caller
    links: Links | None
    is_cancelled: Cancelled = lambda: False

    def list_collections(self, _: shapes.ListCollections) -> Outcome:
        """What can be searched: collections of documents, by name."""
        catalog = self.caller.services.stores.catalog
        entries = []
        for collection in self.caller.collections():
            totals = catalog.collections.totals(collection.id)
            entries.append(
                shapes.CollectionEntry(
                    name=collection.name,
                    title=collection.title,
                    documents=totals.n_documents,
                    pages=totals.n_pages,
                    encoder=collection.fingerprint.name,
                )
            )
        return Outcome(shapes.Collections(collections=entries))

    def list_documents(self, arguments: shapes.ListDocuments) -> Outcome:
        """The documents of a collection by name, with their ids and page counts."""
        collection = self.caller.collection(arguments.collection)
        catalog = self.caller.services.stores.catalog
        listing = listing_of(arguments.query, arguments.tag)
        cursor = arguments.cursor
        documents = catalog.documents.of_collection(
            collection.id,
            listing,
            after=None if cursor is None else place_in(listing, cursor),
            limit=PER_LISTING,
        )
        return Outcome(
            shapes.Documents(
                collection=arguments.collection,
                documents=[
                    shapes.DocumentEntry(
                        id=document.id,
                        name=document.name,
                        verdict=document.verdict.value,
                        pages=document.n_pages,
                        first_page_id=document.first_page_id,
                        aliases=list(document.aliases),
                        version=document.version,
                        attachment_of=document.attachment_of,
                        tags=list(document.properties.tags),
                        metadata=dict(document.properties.metadata),
                    )
                    for document in documents
                ],
                next_cursor=next_cursor(documents, PER_LISTING, partial(place_of, listing)),
            )
        )

    def search_pages(self, arguments: shapes.SearchPages) -> Outcome:
        """Find the pages that match a query best, each with the regions that made it match."""
        collections, filters = self._scope(arguments)
        result = self.caller.services.searcher.search(
            arguments.query,
            collections,
            arguments.top_k,
            filters,
            image=None if arguments.image is None else read_picture(arguments.image),
        )
        by_url = arguments.images == "url"
        hits = [linked_hit(hit, self.links, with_image=by_url) for hit in result.hits]
        image_hits = result.hits[:MAX_BASE64] if arguments.images == "base64" else ()
        images = tuple(self._image(hit.page, _THUMB_PX) for hit in image_hits)
        body = shapes.Hits(query=arguments.query, hits=hits, **completeness(result.missing_pages))
        return Outcome(body, images)

    def get_page(self, arguments: shapes.GetPage) -> Outcome:
        """Look at a page: its image, one region of it drawn larger, or its neighbours too."""
        catalog = self.caller.services.stores.catalog
        page, document = self.caller.page(arguments.page_id)
        near = range(page.id - arguments.neighbours, page.id + arguments.neighbours + 1)
        neighbours = [
            neighbour
            for neighbour in catalog.pages.by_id([i for i in near if i != page.id]).values()
            if neighbour.document_id == document.id
        ]
        neighbours.sort(key=lambda neighbour: neighbour.id)
        region = None if arguments.region is None else check_region(arguments.region)
        images = [
            self._image(page, arguments.max_px)
            if region is None
            else self._region_image(page, document, region, arguments.max_px)
        ]
        images += [self._image(neighbour, arguments.max_px) for neighbour in neighbours]
        marks = [] if region is None else [region]
        body = shapes.WholePage(
            **page_fields(page, document),
            pages_in_document=document.n_pages,
            region=region,
            neighbours=[row.id for row in neighbours],
            url=self._url(page.id, marks),
            image_url=self.links.image(page.id) if self.links else None,
        )
        return Outcome(body, tuple(images))

    def get_page_text(self, arguments: shapes.GetPageText) -> Outcome:
        """The text of a page as Markdown, tables too, for agents that cannot see images."""
        page, document = self.caller.page(arguments.page_id)
        words = page_words(self.caller.services.stores, page)
        return Outcome(
            shapes.PageText(
                **page_fields(page, document),
                source=words.source,
                text=page_markdown(page_content(words), with_furniture=True),
                url=self._url(page.id),
            )
        )

    def get_page_tables(self, arguments: shapes.GetPageTables) -> Outcome:
        """The tables of a page cell by cell: heads of the columns, and rows."""
        page, document = self.caller.page(arguments.page_id)
        content = page_content(page_words(self.caller.services.stores, page))
        grids = [(table, grid_of(table)) for table in content.tables]
        tables = [
            shapes.TableCells(
                heads=list(grid.heads),
                rows=[list(row) for row in grid.rows],
                box=content.blocks[table.block].box,
            )
            for table, grid in grids
        ]
        fields = page_fields(page, document)
        return Outcome(shapes.PageTables(**fields, tables=tables, url=self._url(page.id)))

    def ask_documents(self, arguments: shapes.AskDocuments) -> Generator[Outcome]:
        """Answer a question from the documents, with citations that name page and region."""
        collections, filters = self._scope(arguments)
        events = self.caller.services.answerer.stream(
            arguments.question, collections, arguments.top_k, filters, self.is_cancelled
        )
        return (
            self._agent_answer(event.answer) for event in events if isinstance(event, AnswerDone)
        )

    def _agent_answer(self, answer: Answer) -> Outcome:
        return Outcome(
            shapes.AgentAnswer(
                question=answer.question,
                answer=answer.answer,
                grounded=answer.grounded,
                unsupported_claims=answer.unsupported_claims,
                citations=[linked_citation(row, self.links) for row in answer.citations],
                pages=[linked_hit(hit, self.links) for hit in answer.pages],
                **completeness(answer.missing_pages),
            )
        )

    def _scope(
        self, arguments: shapes.SearchPages | shapes.AskDocuments
    ) -> tuple[list[str], SearchFilter]:
        return self.caller.scope_of(arguments.collections, _filters(arguments))

    def _url(self, page_id: int, boxes: Sequence[FractionBox] = ()) -> str | None:
        return self.links.viewer(page_id, boxes) if self.links else None

    def _image(self, page: Page, max_px: int) -> bytes:
        return jpeg_excerpt(page_image(self.caller.services.stores, page), max_px)

    def _region_image(
        self, page: Page, document: Document, region: FractionBox, max_px: int
    ) -> bytes:
        regions = self.caller.services.regions
        return jpeg_of(
            regions.image(page, document, regions.part_within(page, region, max_px)).image
        )


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool has the name of its method; the method's docstring describes it.

    call  with the limit `answers` it searches, and gives a generator that writes the answer; without, or
          with another, it gives the outcome
    """

    title: str
    arguments: type[shapes.Arguments]
    result: type[BaseModel]
    call: Callable[[Tools, Any], Outcome | Generator[Outcome]]
    policy: Policy

    @property
    def name(self) -> str:
        return self.call.__name__

    @property
    def description(self) -> str:
        return (self.call.__doc__ or "").strip()


_READ = Policy(Scope.READ)
_RENDER = Policy(Scope.READ, "renders")
_SEARCH = Policy(Scope.READ, "searches", encoder=True)
_ANSWER = Policy(Scope.READ, "answers", encoder=True)

SPECS = (
    ToolSpec(
        "List collections",
        shapes.ListCollections,
        shapes.Collections,
        Tools.list_collections,
        _READ,
    ),
    ToolSpec("List documents", shapes.ListDocuments, shapes.Documents, Tools.list_documents, _READ),
    ToolSpec("Search pages", shapes.SearchPages, shapes.Hits, Tools.search_pages, _SEARCH),
    ToolSpec("Look at a page", shapes.GetPage, shapes.WholePage, Tools.get_page, _RENDER),
    ToolSpec("Read a page", shapes.GetPageText, shapes.PageText, Tools.get_page_text, _READ),
    ToolSpec(
        "Read the tables of a page",
        shapes.GetPageTables,
        shapes.PageTables,
        Tools.get_page_tables,
        _READ,
    ),
    ToolSpec(
        "Ask the documents", shapes.AskDocuments, shapes.AgentAnswer, Tools.ask_documents, _ANSWER
    ),
)


def _filters(arguments: shapes.SearchPages | shapes.AskDocuments) -> SearchFilter:
    pages = None if arguments.pages is None else parse_page_range(arguments.pages)
    return SearchFilter(
        tuple(arguments.documents),
        pages,
        properties_of(arguments.tags, arguments.metadata),
        versions=arguments.versions,
        as_of=None if arguments.as_of is None else parse_moment(arguments.as_of),
    )
