"""The file of drafts: JSON lines that `pagesight eval` reads, each with what a person said of it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.questions import read_lines
from indexer.base.pages import FractionBox


class DraftStatus(StrEnum):
    """What a person said of a draft."""

    DRAFT = "draft"
    APPROVED = "approved"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class QuestionDraft:
    """A question, its answer, and where that stands; the fields are those of a line of the file.

    box  of the answer on the first of its pages, page fractions
    """

    question: str
    document: str
    answer: str
    evidence_pages: tuple[int, ...]
    evidence_sources: tuple[str, ...]
    box: FractionBox
    status: DraftStatus = DraftStatus.DRAFT


def read_drafts(path: Path) -> list[QuestionDraft]:
    """Read a file that `write_drafts` wrote. Raises InvalidQuestions, naming the line."""
    drafts = []
    for n, line in enumerate(read_lines(path), 1):
        if not line.strip():
            continue
        try:
            body = json.loads(line)
            x0, y0, x1, y1 = map(float, body["box"])
            drafts.append(
                QuestionDraft(
                    question=str(body["question"]),
                    document=str(body["document"]),
                    answer=str(body["answer"]),
                    evidence_pages=tuple(map(int, body["evidence_pages"])),
                    evidence_sources=tuple(map(str, body["evidence_sources"])),
                    box=(x0, y0, x1, y1),
                    status=DraftStatus(body["status"]),
                )
            )
        except (ValueError, KeyError, TypeError) as error:
            message = f"{path} line {n} is no draft: `pagesight questions draft` writes such a file"
            raise InvalidQuestions(message) from error
    if not drafts:
        raise InvalidQuestions(f"{path} holds no question")
    return drafts


def write_drafts(path: Path, drafts: Sequence[QuestionDraft]) -> None:
    """Write drafts, one a line, in the place of what was there. Raises InvalidQuestions."""
    lines = [json.dumps(asdict(draft), ensure_ascii=False) + "\n" for draft in drafts]
    part = path.with_name(path.name + ".part")
    try:
        part.write_text("".join(lines), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        raise InvalidQuestions(f"cannot write {path}: {error.strerror}") from error
