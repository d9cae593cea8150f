from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from api.base.errors import InvalidQuestions
from api.diagnostics.evaluation.question_folders import read_question_folder
from api.diagnostics.evaluation.questions import Question, read_questions
from api.diagnostics.evaluation.runs import read_run


def one(tmp_path: Path, **body: Any) -> Question:
    file = tmp_path / "questions.jsonl"
    file.write_text(json.dumps({"question": "?", "document": "a.pdf"} | body) + "\n")
    (question,) = read_questions(file)
    return question


@pytest.mark.parametrize(
    ("body", "answerable"),
    [
        ({"answer": "5", "evidence_pages": [2]}, True),
        ({"evidence_pages": [2]}, True),
        ({"answer": "5", "evidence_pages": []}, True),
        ({"answer": "Not answerable", "evidence_pages": [2]}, False),
        ({"answer": "not found"}, False),
        ({}, False),
        ({"answer": None, "evidence_pages": None}, False),
    ],
)
def test_a_question_is_answerable_by_its_answer_or_its_pages(
    tmp_path: Path, body: dict[str, Any], answerable: bool
) -> None:
    assert one(tmp_path, **body).answerable is answerable


def test_an_answer_may_be_a_list_and_have_alternatives(tmp_path: Path) -> None:
    question = one(tmp_path, answer=["a", 5], accept=["b"], reject=["c"], refuse_ok=True)
    assert question.answer.items == ("a", "5") and question.answer.accept == ("b",)
    assert question.answer.reject == ("c",) and question.answer.refuse_ok
    assert question.gold_text == "['a', 5]"


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"document": "a.pdf"}',
        '{"question": "?", "evidence_pages": [1]}',
        '{"question": "?", "evidence_pages": ["x"]}',
        '{"question": "?", "accept": "x"}',
    ],
)
def test_a_line_that_cannot_be_read_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "questions.jsonl"
    file.write_text('{"question": "fine"}\n' + line + "\n")
    with pytest.raises(InvalidQuestions, match="line 2"):
        read_questions(file)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("answr", "answer"),
        ("Answer", "answer"),
        ("answers", "answer"),
        ("evidence_page", "evidence_pages"),
        ("answer_fromat", "answer_format"),
        ("documnet", "document"),
    ],
)
def test_a_misspelt_field_is_named_with_its_line_and_the_field_meant(
    tmp_path: Path, name: str, meant: str
) -> None:
    file = tmp_path / "questions.jsonl"
    write_lines(file, {"question": "fine", "answer": "5"}, {"question": "?", name: "5"})
    with pytest.raises(InvalidQuestions, match=f"line 2 has a field '{name}': write '{meant}'"):
        read_questions(file)


def test_a_misspelt_question_is_named_too(tmp_path: Path) -> None:
    file = tmp_path / "questions.jsonl"
    write_lines(file, {"qestion": "?", "answer": "5"})
    with pytest.raises(InvalidQuestions, match="line 1 has a field 'qestion': write 'question'"):
        read_questions(file)


def test_other_fields_are_allowed_beside_those_that_are_known(tmp_path: Path) -> None:
    others = {"question_id": 7, "document_id": "d", "note": "", "answer": "5", "answers": ["5"]}
    assert one(tmp_path, **others).answerable


def test_signs_that_end_lines_elsewhere_and_the_mark_of_an_editor_do_not_tear_json(
    tmp_path: Path,
) -> None:
    path = tmp_path / "questions.jsonl"
    lines = [json.dumps({"question": f"Who\u2028signed\x85{n}?"}, ensure_ascii=False) for n in "ab"]
    path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8-sig", newline="")
    questions = [question.question for question in read_questions(path)]
    assert questions == ["Who\u2028signed\x85a?", "Who\u2028signed\x85b?"]


def test_a_file_that_is_not_there_is_said_not_to_be_there(tmp_path: Path) -> None:
    absent = tmp_path / "absent.json"
    for read in (read_questions, read_run):
        with pytest.raises(InvalidQuestions, match=r"cannot read .*: No such file or directory$"):
            read(absent)


def write_lines(path: Path, *rows: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def test_a_beir_folder_gives_questions_and_their_pages(tmp_path: Path) -> None:
    write_lines(tmp_path / "queries.jsonl", {"_id": "q1", "text": "How tight?", "answer": "45 Nm"})
    write_lines(
        tmp_path / "corpus.jsonl",
        {"_id": "p7", "text": "", "metadata": {"doc-id": "x", "document": "pump", "page": 3}},
    )
    (tmp_path / "qrels").mkdir()
    (tmp_path / "qrels/test.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\tp7\t1\nq1\tpump.pdf#page=9\t2\nq1\tpump_5\t0\n"
    )
    (question,) = read_question_folder(tmp_path)
    assert question.document is None and question.answer.text == "45 Nm"
    assert question.gold == {("pump.pdf", 3), ("pump.pdf", 9)}


def test_a_cell_of_a_csv_file_may_go_on_over_lines(tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text('_id,text\nq1,"When does the\nlease end?"\n')
    (tmp_path / "corpus.csv").write_text("_id,text\nlease.pdf#page=3,The lease\n")
    (tmp_path / "qrels.csv").write_text("query-id,corpus-id,score\nq1,lease.pdf#page=3,1\n")
    (question,) = read_question_folder(tmp_path)
    assert question.question == "When does the\nlease end?"


def test_a_vidore_folder_counts_pages_from_one_even_where_it_counts_from_zero(
    tmp_path: Path,
) -> None:
    write_lines(tmp_path / "queries/a.jsonl", {"query-id": 1, "query": "How tight?"})
    write_lines(
        tmp_path / "corpus/a.jsonl",
        {"corpus-id": 10, "doc-id": "pump", "page_number_in_doc": 0},
        {"corpus-id": 11, "doc-id": "pump", "page_number_in_doc": 1},
    )
    write_lines(tmp_path / "qrels/a.jsonl", {"query-id": 1, "corpus-id": 11, "score": 1})
    (question,) = read_question_folder(tmp_path)
    assert question.gold == {("pump.pdf", 2)}


@pytest.mark.parametrize(
    "image", ["pump_page_4.jpg", "pump-4.png", "pump/4", "pump_p4", "pump.pdf_4"]
)
def test_a_page_is_read_from_the_name_of_its_image(tmp_path: Path, image: str) -> None:
    write_lines(tmp_path / "queries.jsonl", {"query": "How tight?", "image_filename": image})
    (question,) = read_question_folder(tmp_path)
    assert question.gold == {("pump.pdf", 4)}


def test_a_folder_that_says_no_page_or_no_question_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidQuestions, match=r"queries\.jsonl"):
        read_question_folder(tmp_path)
    write_lines(tmp_path / "queries.jsonl", {"_id": "q1", "text": "How tight?"})
    write_lines(tmp_path / "qrels.jsonl", {"query-id": "q1", "corpus-id": "pump", "score": 1})
    with pytest.raises(InvalidQuestions, match="which page"):
        read_question_folder(tmp_path)
    (tmp_path / "queries.jsonl").unlink()
    (tmp_path / "queries").mkdir()
    (tmp_path / "queries/a.parquet").write_bytes(b"PAR1")
    with pytest.raises(InvalidQuestions, match="Parquet"):
        read_question_folder(tmp_path)
