"""Questions drafted from a collection, approved, and asked; and pages followed to where they are lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.base.errors import InvalidQuestions
from api.cli.main import app
from api.diagnostics.drafting.question_file import (
    DraftStatus,
    QuestionDraft,
    read_drafts,
    write_drafts,
)
from api.diagnostics.evaluation.questions import read_questions
from api.diagnostics.page_loss import PageQuestion, page_loss
from api.services.wiring import Services
from indexer.base.errors import DocumentNotFound
from retriever.query.filters import SearchFilter
from tests.support.small_library import QUESTION, library

BOX = (0.1, 0.1, 0.2, 0.2)
DRAFTS = [
    QuestionDraft(f"What is the torque of joint {n}?", "a.pdf", f"{n} Nm", (n,), ("Table",), BOX)
    for n in (1, 2, 3)
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "questions.jsonl"
    write_drafts(path, DRAFTS)
    return path


def approve(file: Path, *options: str, keys: str = "") -> list[DraftStatus]:
    result = CliRunner().invoke(app, ["questions", "approve", str(file), *options], input=keys)
    assert result.exit_code == 0, result.output
    return [draft.status for draft in read_drafts(file)]


def test_drafts_survive_the_file(file: Path) -> None:
    assert read_drafts(file) == DRAFTS


def test_a_person_stops_and_goes_on_where_they_were(file: Path) -> None:
    assert approve(file, keys="y\nquit\n") == ["approved", "draft", "draft"]
    assert approve(file, keys="n\n") == ["approved", "rejected", "draft"]  # the input ends
    assert approve(file, keys="edit\nHow tight is joint 3?\n33 Nm\n")[2] == "approved"
    last = read_drafts(file)[2]
    assert (last.question, last.answer) == ("How tight is joint 3?", "33 Nm")


def test_scripts_decide_by_number_or_at_once(file: Path) -> None:
    assert approve(file, "--reject", "2") == ["draft", "rejected", "draft"]
    assert approve(file, "--accept-all") == ["approved", "rejected", "approved"]


def test_eval_asks_what_was_approved_and_nothing_else(file: Path) -> None:
    with pytest.raises(InvalidQuestions, match="none of them approved"):
        read_questions(file)
    approve(file, "--accept", "3")
    (question,) = read_questions(file)
    assert question.gold == {("a.pdf", 3)} and question.answer.text == "3 Nm"


def test_what_is_no_draft_is_refused_and_nothing_is_lost(file: Path) -> None:
    result = CliRunner().invoke(app, ["questions", "approve", str(file), "--accept", "4"])
    assert isinstance(result.exception, InvalidQuestions)
    assert read_drafts(file) == DRAFTS
    file.write_text(json.dumps({"question": "What?"}) + "\n")
    with pytest.raises(InvalidQuestions, match="line 1 is no draft"):
        read_drafts(file)


# -- why not -------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("library"), min_support=0.5)


def lost_at(services: Services, question: str, page: int, **more: object) -> tuple[str, str]:
    asked_page = PageQuestion(question, "manuals", "pump.pdf", page, **more)  # type: ignore[arg-type]
    stage = page_loss(services, asked_page).lost_at
    return (stage.name, stage.advice) if stage else ("", "")


def test_a_page_that_answers_comes_through_all_stages(services: Services) -> None:
    assert lost_at(services, QUESTION, 2, k=3)[0] in ("", "support")
    names = [stage.name for stage in page_loss(
        services, PageQuestion(QUESTION, "manuals", "pump.pdf", 2)).stages]  # fmt: skip
    assert names == [
        "indexed", "stored", "scope", "candidates", "rank", "words", "names", "kind", "support",
    ]  # fmt: skip


def test_a_page_is_lost_where_it_is_lost(services: Services) -> None:
    assert lost_at(services, QUESTION, 9)[0] == "indexed"
    outside = SearchFilter(page_range=(1, 1))
    assert lost_at(services, QUESTION, 2, filter=outside) == ("scope", "another --filter, or none")
    assert lost_at(services, QUESTION, 3, k=1)[0] == "rank"
    assert lost_at(services, "What is the torque of KD-999/Z?", 2)[0] in ("words", "names")
    assert lost_at(services, QUESTION, 2, region="no such words")[0] == "passage"


def test_a_rank_beyond_k_says_which_k_would_have_kept_it(services: Services) -> None:
    loss = page_loss(services, PageQuestion(QUESTION, "manuals", "pump.pdf", 3, k=1))
    (rank,) = (stage for stage in loss.stages if stage.name == "rank")
    assert rank.advice.startswith(f"-k {int(rank.figures['rank'])}")
    assert rank.figures["score"] < rank.figures["last_score"]
    assert rank.figures["words"] == pytest.approx(
        rank.figures["score"] - rank.figures["similarity"], abs=1e-3
    )


def test_an_unknown_document_is_an_error(services: Services) -> None:
    with pytest.raises(DocumentNotFound):
        page_loss(services, PageQuestion(QUESTION, "manuals", "nosuch.pdf", 1))
