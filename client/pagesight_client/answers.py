"""Hits, answers, the events of a streamed answer, and conversations: frozen values."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from pagesight_client.pages import PageReference
from pagesight_client.records import Box, DocumentVersion, Verdict


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A region of a page, and its share of the page's score."""

    box: Box
    score: float


@dataclass(frozen=True, kw_only=True)
class Hit(PageReference):
    """A page that a search found. `rank` counts from 1, the best.

    `version` is None where the document's name has no other document; `attachment_of` names the document that
    it is attached to. `matches` are the words of the query in the snippet: start and end, in characters.
    """

    rank: int
    collection: str
    score: float
    evidence: tuple[Evidence, ...]
    snippet: str
    version: DocumentVersion | None = None
    attachment_of: str | None = None
    matches: tuple[tuple[int, int], ...] = ()
    tags: tuple[str, ...] = ()
    metadata: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Candidates:
    """Pages that the candidate index handed on; `recall` is what it finds of the exact ten best."""

    n_candidates: int
    n_pages: int
    recall: float | None
    n_sampled: int


@dataclass(frozen=True, kw_only=True)
class MissingPages:
    """So many pages of these documents were left out, because stored files are damaged."""

    documents: tuple[str, ...]
    n_pages: int


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """`candidates` is None where every page was scored: the hits are then the exact best.

    `missing_pages` says what was left out where the service is `degraded`.
    """

    query: str
    hits: tuple[Hit, ...]
    timing_ms: dict[str, float]
    candidates: Candidates | None
    degraded: bool = False
    missing_pages: MissingPages | None = None


@dataclass(frozen=True, kw_only=True)
class Citation:
    """Proof of one part of an answer: `quote` stands in `box`; [n] in the answer's text refers to it.

    quote      the words as they stand on the page: show them as text, they may look like markup
    support    how well the quotation carries the answer, 0..1
    supported  whether that is enough; also True where the page has no words to compare with
    page_label the page's number in the document's own scheme, as it is printed on it
    version, attachment_of  as of a hit
    document_title, authors, date  what is said of the document; empty where nothing is
    value      the words that answer, with their unit; empty where the whole quotation answers
    value_box  where it stands
    says       what the value is: head, label and caption of a cell, label of a field
    context_boxes  where that stands
    time_s     of a picture of a video, the second at which it is shown
    """

    n: int
    page_id: int
    document_id: str
    document: str
    page_number: int
    box: Box
    quote: str
    support: float
    supported: bool = True
    page_label: str = ""
    version: DocumentVersion | None = None
    attachment_of: str | None = None
    document_title: str = ""
    authors: str = ""
    date: str = ""
    value: str = ""
    value_box: Box | None = None
    says: str = ""
    context_boxes: tuple[Box, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RemovedCitation:
    """A number that a model cited and that names no page; it would stand `at` this character of the text."""

    n: int
    at: int


@dataclass(frozen=True, kw_only=True)
class StepTaken:
    """What was done for an answer between search and text; also an event of its stream.

    kind  `search`, `page`, `region`, `table`, `model`, `note`, `cost` or `limit`
    text  what was searched for or looked at, for a person
    """

    kind: str
    text: str
    page_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Pointing:
    """A place of a page that the model itself pointed at; the corners of a point are the same.

    agrees_with  `words`, `cell` or `patches` of the page; empty: nothing agrees, it is no evidence
    """

    page_id: int
    document_id: str
    document: str
    page_number: int
    box: Box
    is_point: bool
    label: str
    agrees_with: str = ""


@dataclass(frozen=True, kw_only=True)
class AnswerPart:
    """One of several things that a question asks: its part of the answer's text, and its support, 0..1."""

    question: str
    answer: str
    support: float


@dataclass(frozen=True, kw_only=True)
class Answer:
    """`grounded`: citations support everything that the answer claims; if not, `pages` are the nearest.

    unsupported_claims  sentences that no citation supports; a strict answer leaves them out
    missing_pages       what the search left out where the service is `degraded`
    searched_question   the question as it was searched, completed from the conversation
    missing_words       names, codes and numbers of it that no page that was read has
    html                the answer for a page, made safe: it may be put there as it is; its classes are
                        `marker`, `weak`, `removed`, `unproved` and `value`
    values              the values that answer, each a line of the answer
    is_markdown         a model wrote the answer, else it quotes
    pointings           places that the model itself pointed at
    steps               what was done between search and text
    nearest             of a refusal: the passage that comes closest to an answer; it is no proof
    further             the next best passages of what is not sure: not quoted in the answer, no proof either
    parts               the questions in it, where it asks several things, each answered by itself
    """

    question: str
    answer: str
    grounded: bool
    citations: tuple[Citation, ...]
    pages: tuple[Hit, ...]
    usage: dict[str, float]
    unsupported_claims: tuple[str, ...] = ()
    degraded: bool = False
    missing_pages: MissingPages | None = None
    searched_question: str = ""
    missing_words: tuple[str, ...] = ()
    html: str = ""
    values: tuple[str, ...] = ()
    is_markdown: bool = False
    removed_citations: tuple[RemovedCitation, ...] = ()
    pointings: tuple[Pointing, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    nearest: Citation | None = None
    further: tuple[Citation, ...] = ()
    parts: tuple[AnswerPart, ...] = ()


@dataclass(frozen=True)
class PagesRead:
    """First event of a streamed answer: the pages that it is read from."""

    pages: tuple[Hit, ...]


@dataclass(frozen=True)
class TokenRead:
    """A piece of the answer's text; `is_value`: the value that answers, on a line of its own."""

    text: str
    is_value: bool = False


@dataclass(frozen=True, kw_only=True)
class Conversation:
    """`messages` counts questions and answers."""

    id: str
    title: str
    collections: tuple[str, ...]
    messages: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """What a person said of an answer; `wrong_evidence`: right, but not by the pages it cites."""

    verdict: Verdict
    comment: str
    created_at: datetime


@dataclass(frozen=True, kw_only=True)
class Message:
    """`role` is `user` or `assistant`; `answer` is None for a question.

    `stopped`: its reader left before the end, and this is what was written until then.
    """

    id: str
    role: str
    text: str
    answer: Answer | None
    feedback: Feedback | None
    created_at: datetime
    stopped: bool = False


@dataclass(frozen=True, kw_only=True)
class WholeConversation:
    """A conversation with its messages, the oldest first."""

    id: str
    title: str
    collections: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    messages: tuple[Message, ...]


AnswerEvent = PagesRead | StepTaken | TokenRead | Citation | Answer
MessageEvent = PagesRead | StepTaken | TokenRead | Citation | Message
