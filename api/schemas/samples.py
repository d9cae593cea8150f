"""The sample documents as JSON."""

from __future__ import annotations

from pydantic import BaseModel


class ExampleQuestionResponse(BaseModel):
    """A question that a sample answers, and the name of that document."""

    question: str
    document: str


class SamplesResponse(BaseModel):
    """The samples; `collection` is the one that they go into, `is_added` whether it is there."""

    collection: str
    is_added: bool
    documents: list[str]
    questions: list[ExampleQuestionResponse]
