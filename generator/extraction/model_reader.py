"""Lets a model fill a row, held to the schema while it writes; each value is looked up on the pages."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from generator.answering.answer_form import AnswerForm
from generator.answering.answerer import Answerer
from generator.answering.answers import AnswerDone, Citation
from generator.answering.structured.row_schema import RowSchema
from generator.extraction.rows import ExtractedRow, ExtractedValue
from indexer.catalog.document_records import Document, Page
from retriever.query.filters import SearchFilter

_MAX_ASKED = 24  # names of values in the words that pages are searched with


class ModelReader:
    """Reads rows of one schema from the `k` pages of a document that suit it best."""

    def __init__(
        self,
        schema: RowSchema,
        collection: str,
        answerer: Answerer,
        k: int,
        is_cancelled: Callable[[], bool],
    ) -> None:
        self._schema = schema
        self._collection = collection
        self._answerer = answerer
        self._k = k
        self._is_cancelled = is_cancelled

    def row_of(self, document: Document, pages: Sequence[Page]) -> ExtractedRow:
        """Return the row of a document. Raises GeneratorError."""
        page_ids = frozenset(page.id for page in pages)
        only = SearchFilter((document.id,), page_ids=page_ids, versions="all")
        events = self._answerer.stream(
            self._question(), [self._collection], self._k, only, self._is_cancelled,
            form=AnswerForm(self._schema.json_schema),
        )  # fmt: skip
        for event in events:
            if isinstance(event, AnswerDone):
                answer = event.answer
                problems = {"": answer.refusal} if answer.refusal else {}
                proved_names = {citation.field for citation in answer.citations}
                for claim in answer.unsupported_claims:
                    name, _, value = claim.partition(": ")
                    if name not in proved_names:  # else its support says how little that is
                        problems[name] = f"no page proves {value}"
                return ExtractedRow(
                    document.id,
                    document.title,
                    answer.data,
                    answer.data is not None,
                    tuple(map(_value_of, answer.citations)),
                    problems,
                    usage=answer.usage,
                )
        return ExtractedRow(document.id, document.title, None, False, problems={"": "stopped"})

    def _question(self) -> str:
        names = [*self._schema.json_schema.get("properties", {})][:_MAX_ASKED]
        return ", ".join(name.replace("_", " ") for name in names)


def _value_of(citation: Citation) -> ExtractedValue:
    return ExtractedValue(
        field=citation.field,
        value=citation.value,
        page_id=citation.page_id,
        page_number=citation.page_number,
        page_label=citation.page_label,
        box=citation.value_box or citation.box,
        quote=citation.quote,
        says=citation.says,
        support=citation.support,
        supported=citation.supported,
    )
