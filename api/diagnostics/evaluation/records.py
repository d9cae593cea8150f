"""What is kept of every question of a run: the answer, its proof, and what each was found to be."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from indexer.base.pages import FractionBox


@dataclass(slots=True)
class CitationRecord:
    """A citation, and whether its quotation and the words inside its box hold the right answer.

    verdict, rule   of the quotation
    box_verdict     of the words of the page inside the box
    on_gold_page    None where the right pages are not known
    """

    document: str
    page_number: int
    page_id: int
    box: FractionBox
    quote: str
    support: float
    supported: bool
    verdict: str = "wrong"
    rule: str = ""
    box_verdict: str = "wrong"
    on_gold_page: bool | None = None

    @property
    def is_attributed(self) -> bool:
        """Say whether quotation, box and page are right."""
        return (
            self.verdict == "right"
            and self.box_verdict == "right"
            and self.on_gold_page is not False
        )


@dataclass(slots=True)
class QuestionRecord:
    """A question of a run.

    gold_answer, gold_pages  what is right
    is_printed  whether the right answer stands in the words of a right page; None where that is not known
    pages       the ranking, best first
    support     best support, 0..1, of a refusal that of what did not suffice
    verdict, rule, score  of the first line or the first quotation, whichever is better
    further     passages shown beside what is quoted, or below a refusal
    error       why there is no answer: the model failed, as code and message; the question counts as wrong
    figures     name to value 0..1; a name is absent where the figure does not apply
    """

    document: str | None
    question: str
    answer_format: str
    evidence_sources: list[str]
    gold_answer: str
    accept: list[str]
    gold_pages: list[tuple[str, int]]
    answerable: bool
    is_printed: bool | None
    pages: list[tuple[str, int]]
    answer: str
    refused: bool
    support: float
    citations: list[CitationRecord] = field(default_factory=list)
    nearest: CitationRecord | None = None
    further: list[CitationRecord] = field(default_factory=list)
    first_line: str = ""
    verdict: str = "wrong"
    rule: str = ""
    score: float = 0.0
    figures: dict[str, float] = field(default_factory=dict)
    total_ms: float = 0.0
    error: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by in another run."""
        return (self.document or "", self.question)

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, body: dict[str, Any]) -> QuestionRecord:
        """Make it from what a run file holds. Raises TypeError, KeyError where it is of another form."""
        fields = dict(body)
        for name in ("citations", "further"):
            fields[name] = [CitationRecord(**citation) for citation in body.get(name, ())]
        nearest = fields.pop("insufficient", None) or body.get(
            "nearest"
        )  # its name in runs of before
        fields["nearest"] = CitationRecord(**nearest) if nearest else None
        return cls(**fields)
