"""What an answer is, and the events in which it streams."""

from __future__ import annotations

from dataclasses import dataclass

from generator.backends.base import Usage
from indexer.base.pages import FractionBox
from retriever.hits import MissingPages, PageHit


@dataclass(frozen=True, slots=True)
class Citation:
    """Proof of one part of an answer: a verbatim quotation, and where on which page it stands.

    n          the number in the answer's text, [n]
    box        the region of the quotation, page fractions
    quote      the words as they stand on the page: show them as text, they may look like markup
    support    how well the quotation carries the answer, 0..1, calibrated
    supported  whether that is enough; also true where the page has no words to compare with
    value      the words that answer, with their unit: of a cell, a field, a sentence; empty where the whole
               quotation answers
    value_box  where it stands, page fractions
    says       what the value is: the head, label and caption of a cell, the label of a field
    context_boxes  where that stands, page fractions: to be marked more lightly
    label      the page number as it is printed on the page
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
    value: str = ""
    value_box: FractionBox | None = None
    says: str = ""
    context_boxes: tuple[FractionBox, ...] = ()
    label: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `grounded` is false when no page supports one; `pages` are then the nearest.

    unsupported_claims  sentences of a written answer that no citation supports
    missing_pages  what the search could not look at; None: nothing was left out
    searched_question  the question as it was searched: completed from the conversation where it needs it
    missing_words  names, codes and numbers of the question that no page that was read has
    """

    question: str
    answer: str
    grounded: bool
    citations: tuple[Citation, ...]
    pages: tuple[PageHit, ...]
    usage: dict[str, float]
    unsupported_claims: tuple[str, ...] = ()
    missing_pages: MissingPages | None = None
    searched_question: str = ""
    missing_words: tuple[str, ...] = ()


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
class AnswerDone:
    """Last event: the same answer, whole."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class UnsupportedClaim:
    """A sentence of a written answer that no citation supports; `Answer.unsupported_claims` has them all."""

    claim: str


@dataclass(frozen=True, slots=True)
class WordsMissing:
    """Names, codes and numbers of the question that no page has; `Answer.missing_words` has them."""

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerUsage:
    """Last event of a writer that asks a model; it becomes part of `Answer.usage`.

    model             what the model says of itself
    first_token_ms    until the model's first word; None when it said nothing
    n_wrong_citations how many [n] named no page of the prompt and were left out; None without pages
    """

    model: Usage
    first_token_ms: float | None = None
    n_wrong_citations: int | None = None

    def figures(self) -> dict[str, float]:
        """The known figures, by the names that clients see; `cut_at_limit` as in `Usage.figures`."""
        figures: dict[str, float] = {}
        if self.first_token_ms is not None:
            figures["first_token_ms"] = self.first_token_ms
        figures |= self.model.figures()
        if self.n_wrong_citations is not None:
            figures["wrong_citations"] = self.n_wrong_citations
        return figures


WriterEvent = Token | CitationAdded | UnsupportedClaim | WordsMissing | AnswerUsage
AnswerEvent = PagesFound | Token | CitationAdded | AnswerDone
