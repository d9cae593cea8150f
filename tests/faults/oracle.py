"""The one place that says whether a data folder kept its promises, whatever was done to it.

I1  acknowledged: searchable, with all its pages, its page images and its original
I2  a document is wholly visible or not at all
I3  every file that the catalog names is there, with its length and SHA-256
I4  after a repair nothing is left that the catalog does not name
I5  deleted: in no search, no page, no document
I6  as many vectors as the catalog says, page ids in one segment each
I7  no job runs without a live lease, and what was queued is indexed in the end
I8  the database passes its own integrity check
`verify --deep` answers I3, I6 and I8 by itself; what it cannot know is asked of catalog and searcher.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator

from api.services.wiring import Services
from indexer.base.errors import CollectionNotFound, DocumentNotFound, PagesightError
from indexer.base.verdicts import Verdict
from indexer.catalog.document_records import Document
from indexer.maintenance.verification import Report
from retriever.query.filters import SearchFilter
from tests.faults.facts import Facts
from tests.faults.papers import Paper, paper_named

ALL_PAGES = 50
OF_ANY_AGE = SearchFilter(versions="all")
WORDS_OF_A_QUERY = 2  # of the vectors of many, chance likenesses outweigh one match


def violations(
    services: Services, facts: Facts, report: Report, *, damaged: bool = False
) -> list[str]:
    """Return what is not as it must be, as sentences.

    report   of `verify --deep`, just made
    damaged  the folder was damaged on purpose and is not repaired yet: only what must hold then
    """
    sentences = [f"I3 {f.message}" for f in report.faults if f.collection is None or not damaged]
    sentences += _originals_lost(services, facts)
    sentences += _doubles(services)
    sentences += _deleted_but_there(services, facts)
    if not damaged:
        for collection, stem in sorted(facts.promised):
            sentences += _not_whole(services, collection, paper_named(stem))
    return sentences


def violations_of_repair(services: Services, facts: Facts) -> list[str]:
    """Return what a repair should have removed (I4), and what it should not have touched."""
    report = services.repairer.verify(deep=True)
    return [
        *(f"I3 {fault.message}" for fault in report.faults),
        *(f"I4 {line}" for line in report.garbage),
        *_originals_lost(services, facts),
        *(
            f"I1 {collection}/{stem} is gone"
            for collection, stem in sorted(facts.promised)
            if _document(services, collection, paper_named(stem)) is None
        ),
    ]


def unfinished_jobs(services: Services) -> list[str]:
    """Return the jobs that did not end well although the queue was worked off (I7)."""
    jobs = services.queue.jobs(limit=100)
    return [
        f"I7 the job of {job.name} is {job.state.value}: {job.error}"
        for job in jobs
        if job.state.value != "done"
    ]


def _documents(services: Services, collection: str) -> list[Document]:
    try:
        collection_id = services.stores.catalog.collections.get(collection).id
    except CollectionNotFound:
        return []
    return services.stores.catalog.documents.of_collection(collection_id)


def _document(services: Services, collection: str, paper: Paper) -> Document | None:
    """Return the document if it is searchable."""
    for document in _documents(services, collection):
        if document.sha256 == paper.sha256 and document.verdict.searchable:
            return document
    return None


def _not_whole(services: Services, collection: str, paper: Paper) -> Iterator[str]:
    """Yield what is missing of an acknowledged document (I1, I2)."""
    where = f"{collection}/{paper.name}"
    document = _document(services, collection, paper)
    if document is None:
        yield f"I1 {where} was acknowledged and is not there"
        return
    numbers = list(range(1, paper.n_pages + 1))
    pages = services.stores.catalog.pages.of_document(document.id)
    if [page.page_number for page in pages] != numbers:
        yield f"I2 {where} has pages {[page.page_number for page in pages]} of {paper.n_pages}"
    for start in range(0, len(numbers), WORDS_OF_A_QUERY):
        some = numbers[start : start + WORDS_OF_A_QUERY]
        query = " ".join(paper.word(number) for number in some)
        try:
            hits = services.searcher.search(query, (collection,), ALL_PAGES, OF_ANY_AGE).hits
        except PagesightError as error:
            yield f"I1 {where} cannot be searched: {error}"
            return
        places = [(hit.document.sha256, hit.page.page_number) for hit in hits]
        if sorted(places[: len(some)]) != [(paper.sha256, number) for number in some]:
            yield f"I1 {where}: their own words do not find pages {some} first"
        if len(places) != len(set(places)):
            yield f"I2 {where}: a page is found twice"
    for page in pages:
        image = services.stores.images.path(page.image_sha256)
        if (
            not image.exists()
            or hashlib.sha256(image.read_bytes()).hexdigest() != page.image_sha256
        ):
            yield f"I1 {where}: the image of page {page.page_number} is lost"


def _originals_lost(services: Services, facts: Facts) -> Iterator[str]:
    """Yield the acknowledged originals of which no copy with the right bytes is left (I1)."""
    waiting = facts.of_kind("queued") | facts.of_kind("indexed")
    for _, stem in sorted(waiting - facts.of_kind("deleting", "deleted")):
        path = services.stores.originals.path(paper_named(stem).sha256)
        if not path.exists() or path.read_bytes() != paper_named(stem).content:
            yield f"I1 the original of {stem} is lost"


def _doubles(services: Services) -> Iterator[str]:
    """Yield documents that are there twice, half, or without end (I2)."""
    for collection in services.stores.catalog.collections.all():
        documents = _documents(services, collection.name)
        for sha256, n in Counter(document.sha256 for document in documents).items():
            if n > 1:
                yield f"I2 {collection.name} has the document {sha256[:8]} {n} times"
        for document in documents:
            if document.verdict is Verdict.INDEXING:
                yield f"I2 {document.name} is half indexed"


def _deleted_but_there(services: Services, facts: Facts) -> Iterator[str]:
    """Yield acknowledged deletions of what can still be found (I5)."""
    indexed_again = {
        (fact.collection, fact.stem)
        for i, fact in enumerate(facts.told)
        if fact.kind == "indexed"
        and any(
            (e.kind, e.collection, e.stem) == ("deleted", fact.collection, fact.stem)
            for e in facts.told[:i]
        )
    }
    for collection, stem in sorted(facts.of_kind("deleted") - indexed_again):
        paper = paper_named(stem)
        if any(d.sha256 == paper.sha256 for d in _documents(services, collection)):
            yield f"I5 {collection}/{stem} was deleted and is listed"
        try:
            hits = services.searcher.search(
                paper.word(1), (collection,), ALL_PAGES, OF_ANY_AGE
            ).hits
        except (CollectionNotFound, DocumentNotFound):
            continue
        if any(hit.document.sha256 == paper.sha256 for hit in hits):
            yield f"I5 {collection}/{stem} was deleted and is found"
