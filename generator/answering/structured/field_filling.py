"""Fills the fields and lists of a schema from pages, one question for each, by quoting."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from generator.answering.answers import (
    Answer,
    AnswerDone,
    AnswerEvent,
    Citation,
    CitationAdded,
    PagesFound,
    Token,
)
from generator.answering.structured.row_schema import ListField, RowSchema
from generator.answering.structured.schema_fields import (
    SchemaField,
    complaint_about,
    filled_object,
)
from generator.answering.structured.table_filling import FilledList
from generator.passages.questions.terms import terms_of
from indexer.base.language.sentence_ends import QUESTION_MARKS
from indexer.base.language.stop_words import STOP_WORDS
from retriever.hits import PageHit

# A quotation about a field has at least this share of the words that only the field has.
_MIN_SHARE = 0.5


@dataclass(slots=True)
class _Form:
    """What has been filled in so far. `own_terms` of a field: its words beyond those of the question."""

    question: str
    n_fields: int
    values: dict[tuple[str, ...], Any] = field(default_factory=dict)
    citations: list[Citation] = field(default_factory=list)
    names_not_found: list[str] = field(default_factory=list)
    pages: dict[int, PageHit] = field(default_factory=dict)
    usage: dict[str, float] = field(default_factory=dict)

    def add(self, schema_field: SchemaField, answer: Answer) -> None:
        for hit in answer.pages:
            self.pages.setdefault(hit.page.id, hit)
        for name, figure in answer.usage.items():
            self.usage[name] = self.usage.get(name, 0) + figure
        value, citation = _value_in(schema_field, answer, self._own_terms(schema_field))
        if value is None or citation is None:
            self.values[schema_field.path] = None
            if not schema_field.is_nullable:
                self.names_not_found.append(schema_field.name)
            return
        self.values[schema_field.path] = value
        n = len(self.citations) + 1
        self.citations.append(replace(citation, n=n, field=schema_field.name))

    def add_list(self, list_field: ListField, table_rows: FilledList) -> None:
        for hit in table_rows.result.hits:
            self.pages.setdefault(hit.page.id, hit)
        if not table_rows.objects:
            self.values[list_field.path] = None
            if not list_field.is_nullable:
                why = f" ({table_rows.problem})" if table_rows.problem else ""
                self.names_not_found.append(f"{list_field.name}{why}")
            return
        self.values[list_field.path] = list(table_rows.objects)
        n = len(self.citations)
        self.citations += [replace(row, n=n + row.n) for row in table_rows.citations]

    def _own_terms(self, schema_field: SchemaField) -> frozenset[str]:
        """Return the words of a field that a quotation must speak of: else it answers the question only."""
        about = schema_field.about.strip()
        if about.endswith(QUESTION_MARKS) or _is_the_question(
            schema_field, self.question, self.n_fields
        ):
            return frozenset()
        return frozenset(terms_of(about)) - terms_of(self.question) - STOP_WORDS


def _is_the_question(schema_field: SchemaField, question: str, n_fields: int) -> bool:
    """Say whether the only field of a schema, of which it says no more than a name, is what is asked."""
    return n_fields == 1 and not schema_field.is_described and bool(question.strip())


def question_for(schema_field: SchemaField, question: str, n_fields: int) -> str:
    """Return what is asked of the pages for one field."""
    about = schema_field.about.strip()
    if about.endswith(QUESTION_MARKS):
        return about
    if _is_the_question(schema_field, question, n_fields):
        return question
    return f"What is the {about.rstrip('.')}? {question}".strip()


def fill_fields(
    question: str,
    schema: RowSchema,
    ask: Callable[[SchemaField], Generator[AnswerEvent]],
    fill_list: Callable[[ListField], FilledList],
    is_cancelled: Callable[[], bool],
) -> Generator[AnswerEvent]:
    """Yield the pages of the first part, then the object with a citation for each value, last AnswerDone.

    The first search is done when this returns: it raises what `ask` and `fill_list` raise. Where a field that
    must have a value finds none, there is no object: the answer says which ones.
    """
    answers: Iterator[Generator[AnswerEvent]] = map(ask, schema.fields)
    lists: Iterator[FilledList] = map(fill_list, schema.lists)
    if schema.fields:
        answers = chain([next(answers)], answers)
    else:
        lists = chain([next(lists)], lists)
    return _events(question, schema, answers, lists, is_cancelled)


def _events(
    question: str,
    schema: RowSchema,
    answers: Iterator[Generator[AnswerEvent]],
    lists: Iterator[FilledList],
    is_cancelled: Callable[[], bool],
) -> Generator[AnswerEvent]:
    form = _Form(question, len(schema.fields) + len(schema.lists))
    for n, (schema_field, events) in enumerate(zip(schema.fields, answers, strict=True)):
        for event in events:
            if isinstance(event, PagesFound) and n == 0:
                yield event
            elif isinstance(event, AnswerDone):
                form.add(schema_field, event.answer)
        if is_cancelled():
            return
    for n, (list_field, table_rows) in enumerate(zip(schema.lists, lists, strict=True)):
        if n == 0 and not schema.fields:
            yield PagesFound(table_rows.result.hits, table_rows.result.query, question)
        form.add_list(list_field, table_rows)
        if is_cancelled():
            return
    data = filled_object(form.values)
    refusal = _refusal(form, complaint_about(data, schema.json_schema))
    text = "" if refusal else json.dumps(data, ensure_ascii=False)
    if text:
        yield Token(text)
    for citation in form.citations:
        yield CitationAdded(citation)
    yield AnswerDone(
        Answer(
            question=question,
            answer=text,
            grounded=not refusal and bool(form.citations),
            citations=tuple(form.citations),
            pages=tuple(form.pages.values()),
            usage=form.usage,
            searched_question=question,
            data=None if refusal else data,
            refusal=refusal,
        )
    )


def _value_in(
    schema_field: SchemaField, answer: Answer, own_terms: frozenset[str]
) -> tuple[Any, Citation | None]:
    """Return the value of a field and what proves it; None where the answer has none of its kind."""
    if not answer.grounded:
        return None, None
    reads_sentences = (
        schema_field.kind == "string"
    )  # a number or a yes is not picked out of a sentence
    for citation in answer.citations:
        spoken_of = terms_of(f"{citation.quote} {citation.says}")
        if len(own_terms & spoken_of) < _MIN_SHARE * len(own_terms):
            continue
        text = citation.value or (citation.quote if reads_sentences else "")
        value = schema_field.value_of(text) if text else None
        if value is None and schema_field.options:
            value = schema_field.value_of(citation.quote)
        if value is not None:
            return value, citation
    return None, None


def _refusal(form: _Form, complaint: str) -> str:
    if form.names_not_found:
        return f"Not found in these pages: {', '.join(form.names_not_found)}."
    return f"What these pages say does not follow the schema: {complaint}." if complaint else ""
