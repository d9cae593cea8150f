"""Questions with what is right: a JSON-lines file, or a folder in a form of other benchmarks."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from api.base.errors import InvalidQuestions
from api.diagnostics.comparison.gold import GoldAnswer, items_of, texts_of

PagePlace = tuple[str, int]  # (document name, page number)

_FORM = '{"question": "...", "document": "a.pdf", "answer": "...", "evidence_pages": [3]}'
_FIELDS = (
    *("question", "document", "answer", "evidence_pages", "evidence_sources", "answer_format"),
    *("accept", "reject", "refuse_ok", "status"),
)
_SLIP = 0.8  # share of letters alike: `answr` and `Answers` of `answer`


@dataclass(frozen=True, slots=True)
class Question:
    """A question, and what is right.

    document        searched alone, unless the whole collection is; None: always the whole collection
    gold            the pages with the answer; empty where they are not known, or there are none
    evidence_sources  what the answer is read from: "Table", "Chart"; groups of the figures
    """

    question: str
    document: str | None
    gold: frozenset[PagePlace] = frozenset()
    evidence_sources: tuple[str, ...] = ()
    answer: GoldAnswer = field(default_factory=GoldAnswer)

    @property
    def answerable(self) -> bool:
        """Say whether there is something to find; if not, "not found" is the right answer."""
        return not self.answer.is_none and (self.answer.is_known or bool(self.gold))

    @property
    def gold_text(self) -> str:
        """The right answer as one line."""
        return self.answer.text or "; ".join(self.answer.items)


def read_questions(path: Path) -> list[Question]:
    """Read a JSON-lines file. docs/evaluation.md has its fields. Raises InvalidQuestions, naming the line."""
    lines = read_lines(path)
    numbered_lines = [(n, line) for n, line in enumerate(lines, 1) if line.strip()]
    questions = [_question(path, n, line) for n, line in numbered_lines if _is_asked(line)]
    if numbered_lines and not questions:
        raise InvalidQuestions(
            f"{path} holds drafts, none of them approved: go through them with "
            f"`pagesight questions approve {path}`"
        )
    if not questions:
        raise InvalidQuestions(f"{path} holds no question: write one JSON object per line")
    return questions


def read_lines(path: Path) -> list[str]:
    """Return the lines of a file of JSON lines. Raises InvalidQuestions."""
    return (
        read_file(path).removesuffix("\n").split("\n")
    )  # JSON may hold U+2028, which ends no line


def read_file(path: Path) -> str:
    """Return the text of a file, without the mark that some editors put first. Raises InvalidQuestions."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise InvalidQuestions(f"cannot read {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise InvalidQuestions(f"cannot read {path}: {error}") from error


def gold_answer(body: dict[str, Any]) -> GoldAnswer:
    """Return what `answer`, `answer_format`, `accept`, `reject` and `refuse_ok` of a question say."""
    answer = body.get("answer")
    items = texts_of(answer) if isinstance(answer, list) else items_of(str(answer or ""))
    answer_format = str(body.get("answer_format") or "")
    return GoldAnswer(
        text="" if answer is None else str(answer).strip(),
        items=items,
        answer_format=answer_format,
        accept=_alternatives(body, "accept"),
        reject=_alternatives(body, "reject"),
        refuse_ok=body.get("refuse_ok") is True,
    )


def _is_asked(line: str) -> bool:
    """Say whether a line is a question to ask: of drafts, those that a person approved."""
    try:
        body = json.loads(line)
    except ValueError:
        return True  # it is an error, and told as one
    return not isinstance(body, dict) or body.get("status", "approved") == "approved"


def _alternatives(body: dict[str, Any], name: str) -> tuple[str, ...]:
    values = body.get(name) or []
    if not isinstance(values, list):
        raise TypeError(f"{name} must be a list")
    return texts_of(values)


def _require_no_slip(path: Path, n: int, body: dict[str, Any]) -> None:
    """Raise InvalidQuestions where a field looks like another that is not there; any others are allowed."""
    for name in body.keys() - set(_FIELDS):
        near = get_close_matches(name.lower(), _FIELDS, n=1, cutoff=_SLIP)
        if near and near[0] not in body and not name.startswith(f"{near[0]}_"):  # `question_id`
            raise InvalidQuestions(
                f"{path} line {n} has a field {name!r}: write {near[0]!r}, or give it another name"
            )


def _question(path: Path, n: int, line: str) -> Question:
    try:
        body = json.loads(line)
        _require_no_slip(path, n, body)
        document = body.get("document")
        pages = [int(page) for page in body.get("evidence_pages") or ()]
        question = Question(
            question=str(body["question"]),
            document=document,
            gold=frozenset((document or "", page) for page in pages),
            evidence_sources=tuple(map(str, body.get("evidence_sources") or ())),
            answer=gold_answer(body),
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        message = f"{path} line {n} cannot be read: write {_FORM}"
        raise InvalidQuestions(message) from error
    if question.gold and not document:
        raise InvalidQuestions(f"{path} line {n} names evidence pages but no document")
    return question
