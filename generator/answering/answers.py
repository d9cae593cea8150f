"""What an answer is, and the events in which it streams."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generator.answering.steps import StepTaken
from generator.backends.base import Usage
from generator.grounding.pointings import Pointing
from generator.passages.calibration import SupportWord, support_word
from indexer.base.page_names import page_name, place_name
from indexer.base.pages import FractionBox
from indexer.catalog.document_records import DocumentVersion, document_title
from retriever.hits import MissingPages, PageHit


@dataclass(frozen=True, slots=True)
class Citation:
    """Proof of one part of an answer: a verbatim quotation, and where on which page it stands.

    n          the number in the answer's text, [n]
    box        the region of the quotation, page fractions
    quote      the words as they stand on the page: show them as text, they may look like markup
    support    of a quotation that answers by itself the chance that it is right, 0..1; of a written claim how
               close the page is to it
    supported  whether the page is close enough; also true where it has no words to compare with
    page_label the page's number in the document's own scheme, as it is printed on it
    version    which of the documents of that name is cited; None where there is one
    attachment_of  the name of the document that this one is attached to, if it is
    document_title, authors, date  what is said of the document; empty where nothing is
    value      the words that answer, with their unit: of a cell, a field, a sentence; empty where the whole
               quotation answers
    value_box  where it stands, page fractions
    says       what the value is: the head, label and caption of a cell, the label of a field
    context_boxes  where that stands, page fractions: to be marked more lightly
    strength   what the support is called: `clear`, `partial` or `weak`; it follows from the support, and is
               `weak` where the page is not close enough
    field      of an answer as JSON, the path of the value that is proved: `pump.weight`
    time_s     of a picture of a video, the second at which it is shown
    """

    n: int
    page_id: int
    document_id: str
    document: str
    page_number: int
    box: FractionBox
    quote: str
    support: float
    supported: bool = True
    page_label: str = ""  # of answers that were stored before it was told
    version: DocumentVersion | None = None
    attachment_of: str | None = None
    document_title: str = ""
    authors: str = ""
    date: str = ""
    value: str = ""
    value_box: FractionBox | None = None
    says: str = ""
    context_boxes: tuple[FractionBox, ...] = ()
    strength: SupportWord = "weak"

    def __post_init__(self) -> None:
        word = support_word(self.support) if self.supported else "weak"
        object.__setattr__(self, "strength", word)

    field: str = ""
    time_s: float | None = None

    @property
    def page_name(self) -> str:
        """The page as a person is told of it: `page 9, printed "3"`, or `02:31`."""
        return page_name(self.page_number, self.page_label, time_s=self.time_s)

    @property
    def place(self) -> str:
        """The page and its document as a person is told of them."""
        return place_name(self.title, self.page_name, time_s=self.time_s)

    @property
    def title(self) -> str:
        """Return the name of the document, with its version and what it is attached to."""
        return document_title(self.document, self.version, self.attachment_of)


@dataclass(frozen=True, slots=True)
class RemovedCitation:
    """A number that a model cited and that names no page it was given: it is left out of the text.

    at  where in the answer's text it would stand, in characters
    """

    n: int
    at: int


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """One of several questions that are asked at once, its answer as it stands in the text, its support."""

    question: str
    answer: str
    support: float


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `grounded`: everything that it claims is supported; else `pages` are the nearest.

    unsupported_claims  sentences of a written answer that no citation supports; a strict one leaves them out
    missing_pages  what the search, or a model that sees, could not look at; None: nothing was left out
    nearest        of a refusal: the best passage that was read, and did not suffice; None where none is known
    further        the next best passages of what is not sure, no part of the text; `n` goes on from there
    searched_question  the question as it was searched: completed from the conversation where it needs it
    missing_words  names, codes and numbers of the question that no page that was read has
    values         the values that answer, each of them a line of its own in the text
    is_markdown    a model wrote the text: it may be Markdown; else it is plain, with words of the pages in it
    removed_citations  numbers that a model cited and that name no page
    data       an answer as JSON, of the schema that was asked for; None where the answer is text
    refusal    why there is no JSON, though it was asked for
    steps      what was done between search and text
    pointings  places that the model itself pointed at; evidence are those that the page agrees with
    parts      the questions in it, where it asks several things, each answered by itself
    """

    question: str
    answer: str
    grounded: bool
    citations: tuple[Citation, ...]
    pages: tuple[PageHit, ...]
    usage: dict[str, float]
    unsupported_claims: tuple[str, ...] = ()
    missing_pages: MissingPages | None = None
    nearest: Citation | None = None
    further: tuple[Citation, ...] = ()
    searched_question: str = ""
    missing_words: tuple[str, ...] = ()
    values: tuple[str, ...] = ()
    is_markdown: bool = False
    removed_citations: tuple[RemovedCitation, ...] = ()
    data: dict[str, Any] | None = None
    refusal: str = ""
    pointings: tuple[Pointing, ...] = ()
    steps: tuple[StepTaken, ...] = ()
    parts: tuple[AnswerPart, ...] = ()

    @property
    def support(self) -> float:
        """The best support there is, 0..1, of citations or of what did not suffice; the least of parts."""
        if self.parts:
            return min(part.support for part in self.parts)
        passages = [*self.citations, *([self.nearest] if self.nearest else [])]
        return max((passage.support for passage in passages), default=0.0)

    @property
    def nearest_shown(self) -> Citation | None:
        """What the text of a refusal quotes: nothing where no page has a name, as it is said of another."""
        return None if self.missing_words else self.nearest


OnStopped = Callable[[Answer], None]  # what becomes of an answer that its reader stops


@dataclass(frozen=True, slots=True)
class PagesFound:
    """First event: the pages that the answer is read from, and what they were searched with.

    searched_question  the question, completed from the conversation where it needs it
    """

    pages: tuple[PageHit, ...]
    query: str = ""
    searched_question: str = ""


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the answer's text; all pieces joined are `Answer.answer`.

    is_value  it is the value that answers, on a line of its own: shown with emphasis
    """

    text: str
    is_value: bool = False


@dataclass(frozen=True, slots=True)
class CitationAdded:
    """A citation whose [n] has just been streamed."""

    citation: Citation


@dataclass(frozen=True, slots=True)
class CitationRemoved:
    """A number that names no page was left out here; it becomes one of `Answer.removed_citations`."""

    n: int


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """Last event: the same answer, whole."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class UnsupportedClaim:
    """A sentence of a written answer that no citation supports; `Answer.unsupported_claims` has them all.

    is_left_out  the answer is strict: the sentence does not stand in its text
    """

    claim: str
    is_left_out: bool = False


@dataclass(frozen=True, slots=True)
class PassageBeside:
    """A passage that is not quoted: the best of a refusal, `Answer.nearest`, or one of `Answer.further`."""

    citation: Citation
    is_further: bool = False


@dataclass(frozen=True, slots=True)
class WordsMissing:
    """Names, codes and numbers of the question that no page has; `Answer.missing_words` has them."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class JsonWritten:
    """The answer as JSON, of the schema that was asked for; it becomes `Answer.data`."""

    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceMissing:
    """The model says that the pages do not answer; the text that says so to a person follows."""


@dataclass(frozen=True, slots=True)
class PlacePointedAt:
    """A place that the model pointed at; it becomes one of `Answer.pointings`."""

    pointing: Pointing


@dataclass(frozen=True, slots=True)
class ImagesMissing:
    """The model was not shown the images of these pages: their files are damaged."""

    pages: MissingPages


@dataclass(frozen=True, slots=True)
class AnswerUsage:
    """Last event of a writer that asks a model; it becomes part of `Answer.usage`.

    model             what the model says of itself
    first_token_ms    until the model's first word; None when it said nothing
    n_wrong_citations how many [n] named no page of the prompt and were left out; None without pages
    is_unsure         the model gave its own words too little probability: nothing is grounded
    """

    model: Usage
    first_token_ms: float | None = None
    n_wrong_citations: int | None = None
    is_unsure: bool = False

    def figures(self) -> dict[str, float]:
        """The known figures, by the names that clients see; `cut_at_limit` as in `Usage.figures`."""
        figures: dict[str, float] = {}
        if self.first_token_ms is not None:
            figures["first_token_ms"] = self.first_token_ms
        figures |= self.model.figures()
        if self.n_wrong_citations is not None:
            figures["wrong_citations"] = self.n_wrong_citations
        if self.is_unsure:
            figures["unsure"] = 1
        return figures


WriterEvent = (
    Token | CitationAdded | CitationRemoved | UnsupportedClaim | PassageBeside | WordsMissing | AnswerPart
    | ImagesMissing | PlacePointedAt | EvidenceMissing | StepTaken | JsonWritten | AnswerUsage
)  # fmt: skip
AnswerEvent = PagesFound | StepTaken | Token | CitationAdded | AnswerDone
