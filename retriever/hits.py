"""What a search returns."""

from __future__ import annotations

from dataclasses import dataclass

from indexer.base.pages import FractionBox, QueryEmbedding
from indexer.catalog.document_records import Document, Page
from indexer.encoders.base import EncoderFingerprint
from retriever.query.question_reading import ReadQuestion


@dataclass(frozen=True, slots=True)
class Evidence:
    """A region of a page, and its share of the page's score."""

    box: FractionBox
    score: float


@dataclass(frozen=True, slots=True)
class PageHit:
    """A page that a search returns.

    rank     1 for the best page
    score    what pages are ranked by: the exact MaxSim of the query and this page, and what its words add
    fingerprint  of the encoder whose vectors were compared
    similarity  the MaxSim alone
    matches  where words of the query stand in the snippet: (start, stop) in characters
    """

    rank: int
    collection: str
    document: Document
    page: Page
    score: float
    evidence: tuple[Evidence, ...]
    snippet: str
    fingerprint: EncoderFingerprint
    similarity: float = 0.0
    matches: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class CandidateReport:
    """What stage 1 did for a search.

    n_candidates  pages that it handed on to exact scoring
    n_pages       pages that it chose from
    recall        measured share of the exact ten best that it finds; None until it was measured
    n_sampled     queries that `recall` was measured over
    """

    n_candidates: int
    n_pages: int
    recall: float | None
    n_sampled: int


@dataclass(frozen=True, slots=True)
class MissingPages:
    """What a search could not look at because stored files are damaged; the rest was searched.

    documents  their names, in order; each has pages that were left out
    n_pages    how many pages that is
    """

    documents: tuple[str, ...]
    n_pages: int

    def __or__(self, addition: MissingPages) -> MissingPages:
        """Return both together; they name no page twice."""
        documents = tuple(sorted({*self.documents, *addition.documents}))
        return MissingPages(documents, self.n_pages + addition.n_pages)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The hits of a query, best first.

    query       as it was put
    question    what was read in it; None for an image without words
    embedding   the multi-vector of what was searched for
    timing_ms   milliseconds by stage: encode, candidates, scan (reranking), evidence, total
    candidates  None when every page was scored: the result is then the exact one
    missing_pages  None when nothing was left out
    """

    query: str
    embedding: QueryEmbedding
    hits: tuple[PageHit, ...]
    timing_ms: dict[str, float]
    candidates: CandidateReport | None = None
    missing_pages: MissingPages | None = None
    question: ReadQuestion | None = None
