"""The tools of an agent, as plain functions of the services. Nothing here knows the protocol."""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from api.base.links import Links
from api.http.inline_images import read_picture
from api.http.policy import Policy
from api.mcp import shapes
from api.services.authorization import Caller
from api.services.keys import Scope
from generator.answering.answers import Answer, AnswerDone, Citation
from indexer.base.page_images import jpeg_excerpt
from indexer.base.pages import FractionBox
from retriever.errors import InvalidQuery
from retriever.hits import PageHit
from retriever.query.filters import SearchFilter, parse_page_range

PER_LISTING = 50
MAX_BASE64 = 5  # images that come inside one result; the rest as addresses
_THUMB_PX = 1024

Cancelled = Callable[[], bool]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a tool gives: values, and JPEG images beside them."""

    body: BaseModel
    images: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True)
class Tools:
    """`links` is None where no address of this service is known."""

    caller: Caller
    links: Links | None
    cancelled: Cancelled = lambda: False

    def list_collections(self, _: shapes.ListCollections) -> Outcome:
        """What can be searched: collections of documents, by name."""
        catalog = self.caller.services.stores.catalog
        found = []
        for one in self.caller.collections():
            totals = catalog.collections.totals(one.id)
            found.append(
                shapes.CollectionFound(
                    name=one.name,
                    documents=totals.n_documents,
                    pages=totals.n_pages,
                    encoder=one.fingerprint.name,
                )
            )
        return Outcome(shapes.Collections(collections=found))

    def list_documents(self, asked: shapes.ListDocuments) -> Outcome:
        """The documents of a collection by name, with their ids and page counts."""
        catalog = self.caller.services.stores.catalog
        every = catalog.documents.of_collection(self.caller.collection(asked.collection).id)
        wanted = asked.query.casefold()
        found = [one for one in every if wanted in one.name.casefold()]
        begin = _offset(asked.cursor)
        end = begin + PER_LISTING
        return Outcome(
            shapes.Documents(
                collection=asked.collection,
                documents=[
                    shapes.DocumentFound(
                        id=one.id,
                        name=one.name,
                        verdict=one.verdict.value,
                        pages=one.n_pages,
                        first_page_id=one.first_page_id,
                    )
                    for one in found[begin:end]
                ],
                next_cursor=str(end) if end < len(found) else None,
            )
        )

    def search_pages(self, asked: shapes.SearchPages) -> Outcome:
        """Find the pages that match a query best, each with the regions that made it match."""
        collections, wanted = self._scope(asked)
        result = self.caller.services.searcher.search(
            asked.query,
            collections,
            asked.top_k,
            wanted,
            image=None if asked.image is None else read_picture(asked.image),
        )
        by_url = asked.images == "url"
        pages = [self._found(hit, by_url) for hit in result.hits]
        shown = result.hits[:MAX_BASE64] if asked.images == "base64" else ()
        images = tuple(self._image(hit.page.image_sha256, _THUMB_PX) for hit in shown)
        return Outcome(shapes.Pages(query=asked.query, pages=pages), images)

    def get_page(self, asked: shapes.GetPage) -> Outcome:
        """Look at a page: its image, one region of it at full resolution, or its neighbours too."""
        catalog = self.caller.services.stores.catalog
        page, document = self.caller.page(asked.page_id)
        near = range(page.id - asked.neighbours, page.id + asked.neighbours + 1)
        beside = [
            one
            for one in catalog.pages.by_id([i for i in near if i != page.id]).values()
            if one.document_id == document.id
        ]
        beside.sort(key=lambda one: one.id)
        images = [self._image(page.image_sha256, asked.max_px, asked.region)]
        images += [self._image(one.image_sha256, asked.max_px) for one in beside]
        marked = [asked.region] if asked.region else []
        body = shapes.WholePage(
            page_id=page.id,
            document_id=document.id,
            document=document.name,
            page_number=page.page_number,
            pages_in_document=document.n_pages,
            region=asked.region,
            neighbours=[one.id for one in beside],
            url=self._url(page.id, marked),
            image_url=self.links.image(page.id) if self.links else None,
        )
        return Outcome(body, tuple(images))

    def get_page_text(self, asked: shapes.GetPageText) -> Outcome:
        """The words of a page in reading order, for agents that cannot see images."""
        catalog = self.caller.services.stores.catalog
        page, document = self.caller.page(asked.page_id)
        words = catalog.pages.words([page.id])[page.id]
        return Outcome(
            shapes.PageText(
                page_id=page.id,
                document=document.name,
                page_number=page.page_number,
                source=words.source,
                text=words.text(),
                url=self._url(page.id),
            )
        )

    def ask_documents(self, asked: shapes.AskDocuments) -> Generator[Outcome]:
        """Answer a question from the documents, with citations that name page and region."""
        collections, wanted = self._scope(asked)
        events = self.caller.services.answerer.stream(
            asked.question, collections, asked.top_k, wanted, self.cancelled
        )
        return (self._answered(event.answer) for event in events if isinstance(event, AnswerDone))

    def _answered(self, answer: Answer) -> Outcome:
        return Outcome(
            shapes.Answered(
                question=answer.question,
                answer=answer.answer,
                grounded=answer.grounded,
                citations=[self._cited(one) for one in answer.citations],
                pages=[self._found(hit, True) for hit in answer.pages],
            )
        )

    def _scope(
        self, asked: shapes.SearchPages | shapes.AskDocuments
    ) -> tuple[list[str], SearchFilter]:
        collections = asked.collections or self.caller.askable()
        return collections, self.caller.held_to(collections, _wanted(asked))

    def _found(self, hit: PageHit, with_image_url: bool) -> shapes.PageFound:
        boxes = [evidence.box for evidence in hit.evidence]
        return shapes.PageFound(
            rank=hit.rank,
            page_id=hit.page.id,
            document_id=hit.document.id,
            document=hit.document.name,
            collection=hit.collection,
            page_number=hit.page.page_number,
            score=hit.score,
            snippet=hit.snippet,
            regions=boxes,
            url=self._url(hit.page.id, boxes),
            image_url=self.links.image(hit.page.id) if self.links and with_image_url else None,
        )

    def _cited(self, one: Citation) -> shapes.Cited:
        return shapes.Cited(
            n=one.n,
            page_id=one.page_id,
            document_id=one.document_id,
            document=one.document,
            page_number=one.page_number,
            box=one.box,
            quote=one.quote,
            support=one.support,
            url=self._url(one.page_id, [one.box]),
        )

    def _url(self, page_id: int, boxes: Sequence[FractionBox] = ()) -> str | None:
        return self.links.viewer(page_id, boxes) if self.links else None

    def _image(self, sha256: str, max_px: int, region: FractionBox | None = None) -> bytes:
        return jpeg_excerpt(self.caller.services.stores.images.read(sha256), max_px, region)


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """A tool's name is its method's, what it does is said by the method's docstring.

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
    ToolSpec("Search pages", shapes.SearchPages, shapes.Pages, Tools.search_pages, _SEARCH),
    ToolSpec("Look at a page", shapes.GetPage, shapes.WholePage, Tools.get_page, _READ),
    ToolSpec("Read a page", shapes.GetPageText, shapes.PageText, Tools.get_page_text, _READ),
    ToolSpec(
        "Ask the documents", shapes.AskDocuments, shapes.Answered, Tools.ask_documents, _ANSWER
    ),
)


def _wanted(asked: shapes.SearchPages | shapes.AskDocuments) -> SearchFilter:
    pages = None if asked.pages is None else parse_page_range(asked.pages)
    return SearchFilter(tuple(asked.documents), pages)


def _offset(cursor: str | None) -> int:
    if cursor is None:
        return 0
    if not (cursor.isascii() and cursor.isdigit() and len(cursor) < 10):
        raise InvalidQuery(f"{cursor!r} is no cursor: give the `next_cursor` of the call before")
    return int(cursor)
