"""Questions asked of real services and judged: answer, quotation, box, page, and the report of it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from api.diagnostics.comparison.gold import GoldAnswer
from api.diagnostics.evaluation.asking import Examiner
from api.diagnostics.evaluation.figures import figures_of
from api.diagnostics.evaluation.page_words import StoredPages
from api.diagnostics.evaluation.questions import Question
from api.diagnostics.evaluation.records import QuestionRecord
from api.diagnostics.evaluation.report import write_report
from api.services.wiring import Services
from tests.support.small_library import QUESTION, SENTENCE, library

EVERYTHING = (0.0, 0.0, 1.0, 1.0)


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Services:
    return library(tmp_path_factory.mktemp("library"), min_support=0.0)


def asked(services: Services, *questions: Question, whole: bool = False) -> list[QuestionRecord]:
    catalog = services.stores.catalog
    examiner = Examiner(
        "manuals", services.searcher, services.answerer, catalog, whole_collection=whole
    )
    return list(examiner.ask(questions))


def bolts(answer: str, page: int = 2) -> Question:
    gold = frozenset({("pump.pdf", page)})
    return Question(QUESTION, "pump.pdf", gold, ("Text",), GoldAnswer(answer))


def test_a_right_answer_is_right_in_words_box_and_page(services: Services) -> None:
    (record,) = asked(services, bolts("45 Nm"))
    assert record.citations[0].quote == SENTENCE and record.is_printed
    assert (record.verdict, record.rule) == ("right", "number")
    names = ("first_right", "any_right", "box_first", "attributed_first", "attributed_any")
    assert [record.figures[name] for name in names] == [1.0] * 5
    assert record.figures["first_citation_on_gold_page"] == 1.0
    assert 0 < record.figures["box_area"] < 0.1


def test_a_right_value_on_another_page_is_not_attributed(services: Services) -> None:
    (record,) = asked(services, bolts("45 Nm", page=1))
    assert record.figures["first_right"] == 1.0 and record.figures["attributed_first"] == 0.0
    assert record.is_printed is False


def test_another_value_is_wrong_and_grounded(services: Services) -> None:
    (record,) = asked(services, bolts("54 Nm"))
    assert record.verdict == "wrong" and record.figures["wrong_and_grounded"] == 1.0


def test_an_answer_to_what_has_none_is_wrong(services: Services) -> None:
    question = Question(QUESTION, "pump.pdf", answer=GoldAnswer("Not answerable"))
    (record,) = asked(services, question, whole=True)
    assert not record.answerable and record.figures == {
        "refused": 0.0,
        "correct": 0.0,
        "box_area": record.figures["box_area"],
    }


def test_a_refusal_keeps_what_did_not_suffice(tmp_path: Path) -> None:
    services = library(tmp_path, min_support=1.0)
    (record,) = asked(services, bolts("45 Nm"))
    assert record.refused and record.verdict == "wrong" and record.rule == "refused"
    assert record.nearest is not None and record.nearest.verdict == "right"
    assert record.support == record.nearest.support > 0
    assert (record.figures["any_right"], record.figures["shown_right"]) == (0.0, 1.0)
    allowed = Question(QUESTION, "pump.pdf", answer=GoldAnswer("45 Nm", refuse_ok=True))
    assert asked(services, allowed)[0].rule == "refusal accepted"


def test_the_words_inside_a_box_are_those_of_the_page(services: Services) -> None:
    pages = StoredPages(services.stores.catalog, "manuals")
    page_id = pages.page_id("pump.pdf", 2)
    assert page_id is not None
    assert pages.text_in(page_id, EVERYTHING) == SENTENCE
    assert pages.text_in(page_id, (0.0, 0.9, 1.0, 1.0)) == ""
    assert pages.page_id("pump.pdf", 99) is None and pages.page_id("none.pdf", 1) is None
    assert pages.text_in(10**6, EVERYTHING) == ""


@pytest.mark.parametrize(
    ("answer", "expected"), [("45 Nm", True), ("4", False), ("45", True), ("housing bolts", True)]
)
def test_printed_means_in_the_words_of_a_right_page(
    services: Services, answer: str, expected: bool
) -> None:
    pages = StoredPages(services.stores.catalog, "manuals")
    assert pages.is_printed(QUESTION, GoldAnswer(answer), [("pump.pdf", 2)]) is expected


def test_a_short_number_must_share_its_line_with_the_question(services: Services) -> None:
    pages = StoredPages(services.stores.catalog, "manuals")
    unrelated = "Which colour has the lid?"
    assert not pages.is_printed(unrelated, GoldAnswer("45"), [("pump.pdf", 2)])


def test_a_report_is_one_harmless_file(services: Services, tmp_path: Path) -> None:
    hostile = "<script>alert('x')</script>"
    question = Question(f"{QUESTION} {hostile}", "pump.pdf", answer=GoldAnswer(f"45 {hostile}"))
    records = asked(services, bolts("45 Nm"), bolts("54 Nm"), question)
    records[0].answer = f"**45 Nm** {hostile} [1]"
    write_report(tmp_path / "run.html", "manuals", figures_of(records), records, services.stores)
    html = (tmp_path / "run.html").read_text(encoding="utf-8")
    assert hostile not in html and html.count("<script>") == 1
    assert html.count('class="card"') == 3
    assert "data:image/jpeg;base64," in html
    assert not re.search(r"(?:src|href)=\"(?!data:)", html) and "default-src 'none'" in html


def test_a_page_that_is_gone_leaves_a_note_in_the_report(
    services: Services, tmp_path: Path
) -> None:
    records = asked(services, bolts("45 Nm"))
    records[0].citations[0].page_id = 10**6
    write_report(tmp_path / "run.html", "manuals", figures_of(records), records, services.stores)
    assert "no page 1000000" in (tmp_path / "run.html").read_text(encoding="utf-8")
