"""Reads the JSON that a model writes: it is held back until it is whole and follows its schema."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from generator.answering.answers import (
    CitationAdded,
    JsonWritten,
    Token,
    UnsupportedClaim,
    WriterEvent,
)
from generator.answering.brief_answers import prove
from generator.answering.structured.schema_fields import complaint_about
from generator.answering.writer import WritingRequest
from generator.backends.base import Usage
from generator.errors import BackendGarbled
from generator.passages.support import ReadPage

_FENCE = re.compile(r"\A\s*```(?:json)?\s*(.*?)\s*```\s*\Z", re.DOTALL)
_MAX_CITED = 40


class JsonReader:
    """Reads one object; each word and number in it is looked up on the pages."""

    n_wrong = None

    def __init__(
        self, request: WritingRequest, pages: Sequence[ReadPage], min_support: float
    ) -> None:
        self._request = request
        self._pages = pages
        self._min_support = min_support
        self._text = ""

    def feed(self, piece: str) -> Iterator[WriterEvent]:
        """Keep a piece; yield nothing yet."""
        self._text += piece
        yield from ()

    def close(self, usage: Usage) -> Iterator[WriterEvent]:
        """Yield the object and what proves its values. Raises BackendGarbled for one of another schema."""
        data = self._object()
        yield JsonWritten(data)
        yield Token(json.dumps(data, ensure_ascii=False))
        n = 0
        for path, value in _leaves(data, ()):
            name = ".".join(path)
            proof = self._proof_of(value)
            if proof is None or n == _MAX_CITED:
                yield UnsupportedClaim(f"{name}: {value}")
                continue
            n += 1
            yield CitationAdded(replace(proof, n=n, field=name))
            if not proof.supported:
                yield UnsupportedClaim(f"{name}: {value}")

    def _object(self) -> dict[str, Any]:
        fence = _FENCE.match(self._text)
        try:
            data = json.loads(fence[1] if fence else self._text)
        except ValueError as error:
            raise BackendGarbled("the model's answer is no JSON: ask again") from error
        complaint = complaint_about(data, self._request.json_schema or {})
        if complaint or not isinstance(data, dict):
            raise BackendGarbled(
                f"the model's answer does not follow the schema ({complaint}): ask again"
            )
        return data

    def _proof_of(self, value: Any) -> Any:
        request = self._request
        proof = prove(str(value), request.question, request.query, self._pages)
        if proof is None:
            return None
        citation = proof.citation(proof.support)
        return replace(citation, supported=proof.support >= self._min_support, value=str(value))


def _leaves(value: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield the words and numbers of an object, which a page can prove, each with its path."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(part, (*path, str(name)))
    elif isinstance(value, list):
        for n, part in enumerate(value):
            yield from _leaves(part, (*path, str(n)))
    elif (
        isinstance(value, (str, int, float)) and not isinstance(value, bool) and str(value).strip()
    ):
        yield path, value
