"""The sample documents as JSON."""

from __future__ import annotations

from pydantic import BaseModel


class ExampleQuestionResponse(BaseModel):
    """A question that a sample answers, and the name of that document."""

    question: str
    document: str


class SamplesResponse(BaseModel):
    """The samples; `collection` is the one that they go into, `added` whether the caller finds it there."""

    collection: str
    added: bool
    documents: list[str]
    questions: list[ExampleQuestionResponse]
