"""Says at which stage a page was lost for a question, and what would have kept it.

It ranks and judges nothing itself: it searches and reads as an answer does, wider where that shows more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from api.diagnostics.passage_loss import Stage, passage_stages
from api.services.wiring import Services
from indexer.base.errors import DamagedPages, DocumentNotFound
from indexer.catalog.document_records import Document, Page
from retriever.hits import PageHit, SearchResult
from retriever.query.filters import SearchFilter
from retriever.query.page_scope import page_scopes


@dataclass(frozen=True, slots=True)
class PageQuestion:
    """What is asked: why is this page, or this part of it, not among the `k` pages or in the answer.

    region  words of the part of the page; empty: any part
    """

    question: str
    collection: str
    document: str
    page_number: int
    k: int = 5
    filter: SearchFilter = field(default_factory=SearchFilter)
    region: str = ""


@dataclass(frozen=True, slots=True)
class PageLoss:
    """The stages that the page came through, in order; the last one may be where it was lost."""

    stages: tuple[Stage, ...]

    @property
    def lost_at(self) -> Stage | None:
        """The stage that lost it; None: it came through all."""
        return next((stage for stage in self.stages if not stage.is_passed), None)


def page_loss(services: Services, asked_page: PageQuestion) -> PageLoss:
    """Follow a page through a search and an answer.

    Raises CollectionNotFound, DocumentNotFound, InvalidQuery, EmptyQuery, and what a search raises.
    """
    stages: list[Stage] = []
    for stage in _stages(services, asked_page):
        stages.append(stage)
        if not stage.is_passed and stage.is_final:
            break
    return PageLoss(tuple(stages))


def _stages(services: Services, asked_page: PageQuestion) -> Iterator[Stage]:
    services.stores.catalog.collections.get(asked_page.collection)
    document = _document(services, asked_page)
    yield _index_stage(asked_page, document)
    page = _page(services, document, asked_page.page_number)
    yield _store_stage(services, asked_page, document, page)
    assert page is not None, "a page that is not stored is lost for good"
    yield _scope_stage(services, asked_page, page)
    result = services.searcher.search(
        asked_page.question, [asked_page.collection], asked_page.k, asked_page.filter
    )
    hit = _alone(services, asked_page, document)
    if hit is None:
        yield Stage("score", False, "no score could be computed: its vectors are gone or damaged",
                    "`pagesight verify --deep --repair`")  # fmt: skip
        return
    yield _candidate(services, asked_page, result, hit)
    yield _rank(services, asked_page, result, hit)
    yield from passage_stages(
        services, asked_page.collection, asked_page.question, asked_page.region, result, hit
    )


def _document(services: Services, asked_page: PageQuestion) -> Document:
    """Return the document by name or id, also one that was refused or is an older version."""
    catalog = services.stores.catalog
    snapshot = catalog.snapshot(asked_page.collection)
    any_version = SearchFilter((asked_page.document,), versions="all")
    try:
        (scope,) = page_scopes([snapshot], any_version)
    except DocumentNotFound:
        for document in catalog.documents.of_collection(snapshot.collection.id):
            if asked_page.document in (document.name, document.id):
                return document
        raise
    documents = [d for d in scope.documents if asked_page.document in (d.name, d.id, *d.aliases)]
    newest_first = sorted(documents or scope.documents, key=lambda d: not d.is_current)
    return newest_first[0]


def _index_stage(asked_page: PageQuestion, document: Document) -> Stage:
    if document.first_page_id is None:
        why = document.error.message if document.error else "nothing of it was indexed"
        return Stage("indexed", False, f"{document.title} is not indexed: {why}",
                     "ingest a file that can be read")  # fmt: skip
    if not 1 <= asked_page.page_number <= document.n_pages:
        return Stage(
            "indexed", False,
            f"{document.title} has {document.n_pages} pages, no page {asked_page.page_number}",
            "count pages from the first of the file, whatever is printed on them",
        )  # fmt: skip
    return Stage("indexed", True, f"{document.title} is indexed, {document.n_pages} pages")


def _page(services: Services, document: Document, page_number: int) -> Page | None:
    page_id = (document.first_page_id or 0) + page_number - 1
    return services.stores.catalog.pages.by_id([page_id]).get(page_id)


def _store_stage(
    services: Services, asked_page: PageQuestion, document: Document, page: Page | None
) -> Stage:
    number = asked_page.page_number
    if page is None:
        prefix = f"page {number}:"
        about = next((w for w in document.warnings if w.startswith(prefix)), "it was left out")
        return Stage("stored", False, f"page {number} was not stored: {about}", "reread it")
    if page.n_vectors == 0:
        return Stage("stored", False, f"page {number} has no vectors: nothing was seen on it",
                     "OCR, or an encoder that looks at images")  # fmt: skip
    try:
        services.searcher.page_embedding(asked_page.collection, page.id)
    except DamagedPages:
        return Stage("stored", False, f"the vectors of page {number} are damaged",
                     "`pagesight verify --deep --repair`")  # fmt: skip
    says = f"page {number} has {page.n_vectors} vectors, words from {page.text_source}"
    return Stage("stored", True, says, figures={"vectors": float(page.n_vectors)})


def _scope_stage(services: Services, asked_page: PageQuestion, page: Page) -> Stage:
    snapshot = services.stores.catalog.snapshot(asked_page.collection)
    for versions in (asked_page.filter.versions, "all"):
        page_filter = replace(asked_page.filter, versions=versions)
        (scope,) = page_scopes([snapshot], page_filter)
        first_ids = zip(scope.starts.tolist(), scope.stops.tolist(), strict=True)
        if any(start <= page.id < stop for start, stop in first_ids):
            if versions == asked_page.filter.versions:
                return Stage("scope", True, "the filter and the asked versions allow it")
            return Stage(
                "scope", False, "it is of an older version of its document", "--versions all"
            )
    return Stage("scope", False, "the filter leaves it out", "another --filter, or none")


def _alone(services: Services, asked_page: PageQuestion, document: Document) -> PageHit | None:
    """Return the page as the only hit of a search that may score nothing else: its exact score."""
    number = asked_page.page_number
    only = SearchFilter((document.id,), (number, number), versions="all")
    hits = services.searcher.search(
        asked_page.question, [asked_page.collection], 1, only, exact=True
    ).hits
    return hits[0] if hits else None


def _candidate(
    services: Services, asked_page: PageQuestion, result: SearchResult, hit: PageHit
) -> Stage:
    if result.candidates is None:
        return Stage("candidates", True, "every page was scored exactly")
    of = f"{result.candidates.n_candidates} of {result.candidates.n_pages} pages"
    if any(result_hit.page.id == hit.page.id for result_hit in result.hits):
        return Stage("candidates", True, f"it was among the candidates: {of}")
    exact = services.searcher.search(
        asked_page.question, [asked_page.collection], asked_page.k, asked_page.filter, exact=True
    )
    if any(exact_hit.page.id == hit.page.id for exact_hit in exact.hits):
        return Stage("candidates", False, f"it was not among the candidates, {of}, and would have won",
                     "a higher PAGESIGHT_TARGET_RECALL")  # fmt: skip
    return Stage("candidates", True, f"the candidates ({of}) do not matter: it would not have won")


def _rank(
    services: Services, asked_page: PageQuestion, result: SearchResult, hit: PageHit
) -> Stage:
    """Compare its score with that of the k-th page."""
    bonus = hit.score - hit.similarity
    figures = {"score": hit.score, "similarity": hit.similarity, "words": round(bonus, 4)}
    parts = f"score {hit.score:.2f} (vectors {hit.similarity:.2f}, words {bonus:.2f})"
    rank = _rank_in(result, hit)
    if rank:
        return Stage("rank", True, f"rank {rank} of {asked_page.k}, {parts}",
                     figures=figures | {"rank": rank})  # fmt: skip
    last = result.hits[-1]
    last_bonus = last.score - last.similarity
    figures |= {"last_score": last.score, "last_words": round(last_bonus, 4)}
    max_k = services.settings.max_k
    wide = services.searcher.search(
        asked_page.question, [asked_page.collection], max_k, asked_page.filter
    )
    rank = _rank_in(wide, hit)
    where = f"rank {rank}" if rank else f"beyond rank {max_k}"
    says = (
        f"{where}, {parts}; the last of {len(result.hits)} has {last.score:.2f} "
        f"(vectors {last.similarity:.2f}, words {last_bonus:.2f})"
    )
    advice = f"-k {rank}" if rank else "a filter on its document"
    if last_bonus > bonus:
        advice += ", or words that stand on it"
    return Stage("rank", False, says, advice, figures | ({"rank": rank} if rank else {}),
                 is_final=False)  # fmt: skip


def _rank_in(result: SearchResult, hit: PageHit) -> int:
    """Return the rank of a page in a result, 0 where it is not in it."""
    return next((h.rank for h in result.hits if h.page.id == hit.page.id), 0)
