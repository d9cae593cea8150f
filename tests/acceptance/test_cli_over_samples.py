"""PDFs in by the command line, a cited answer out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.acceptance.conftest import SAMPLES, Cli

QUESTIONS = [
    json.loads(line) for line in (SAMPLES / "questions.jsonl").read_text().splitlines() if line
]


def test_the_same_samples_again_are_unchanged(samples: Cli) -> None:
    body = samples("ingest", SAMPLES, "-c", "samples", "--json").json
    assert [one["verdict"] for one in body["documents"]] == ["unchanged"] * 6


def test_search_json_has_its_stable_shape(samples: Cli) -> None:
    body = samples("search", "torque of the bolts", "-c", "samples", "-k", "3", "--json").json
    assert body["query"] == "torque of the bolts"
    assert [hit["rank"] for hit in body["hits"]] == [1, 2, 3]
    scores = [hit["score"] for hit in body["hits"]]
    assert scores == sorted(scores, reverse=True)
    hit = body["hits"][0]
    assert {"page_id", "document_id", "document", "page_number", "snippet"} <= hit.keys()
    for region in hit["evidence"]:
        x0, y0, x1, y1 = region["box"]
        assert 0 <= x0 < x1 <= 1 and 0 <= y0 < y1 <= 1


def test_a_hit_shows_the_row_or_paragraph_that_matches_and_quotes_it(samples: Cli) -> None:
    balance = samples("search", "Total assets at year end", "-c", "samples", "-k", "1", "--json")
    (hit,) = balance.json["hits"]
    assert hit["snippet"] == "Total assets $ 315,216 $ 296,920"
    x0, y0, x1, y1 = hit["evidence"][0]["box"]
    assert y1 - y0 < 0.03 and x1 - x0 > 0.5  # the whole row
    ending = samples("search", "When can the agreement be terminated?", "-c", "samples", "--json")
    assert ending.json["hits"][0]["snippet"].startswith("12.1 This Agreement begins on")
    assert all(1 <= len(hit["evidence"]) <= 3 for hit in ending.json["hits"])


def test_an_answer_quotes_the_page_it_cites(samples: Cli) -> None:
    question = next(q for q in QUESTIONS if q["evidence_sources"] == ["Table"])
    body = samples("ask", question["question"], "-c", "samples", "--json").json
    assert body["grounded"] and body["citations"]
    for citation in body["citations"]:
        assert citation["value"] in citation["quote"]
        assert (citation["value"] or citation["quote"]) in body["answer"]
        assert f"[{citation['n']}]" in body["answer"]
        assert 0 <= citation["support"] <= 1
        assert citation["page_id"] in [page["page_id"] for page in body["pages"]]


def test_the_demo_answers_as_the_readme_shows(samples: Cli) -> None:
    readme = (SAMPLES.parent / "README.md").read_text(encoding="utf-8")
    [(question, shown)] = re.findall(r"```text\n> (.*?)\n(.*?)```", readme, re.DOTALL)
    printed = samples("ask", question, "-c", "samples").out.splitlines()
    *answer, citation = shown.splitlines()
    assert printed[: len(answer)] == answer
    place = citation.partition("  box ")[0]
    assert any(line.startswith(place) for line in printed)
    assert question in (SAMPLES.parent / "Makefile").read_text(encoding="utf-8")


def test_ask_prints_document_page_and_box(samples: Cli) -> None:
    question = next(q for q in QUESTIONS if q["evidence_sources"] == ["Table"])
    ran = samples("ask", question["question"], "-c", "samples")
    assert ran.code == 0
    assert "[1]" in ran.out and ", page " in ran.out and "box " in ran.out


@pytest.mark.parametrize(
    "question",
    [q for q in QUESTIONS if "Scan" in q["evidence_sources"]],
    ids=lambda question: question["question"],
)
def test_a_page_that_is_only_an_image_is_found_by_what_stands_on_it(
    samples: Cli, question: dict
) -> None:
    hits = samples("search", question["question"], "-c", "samples", "--json").json["hits"]
    places = [(hit["document"], hit["page_number"]) for hit in hits]
    assert (question["document"], question["evidence_pages"][0]) in places


def test_a_document_filter_leaves_only_its_pages(samples: Cli) -> None:
    words = ("search", "payment", "-c", "samples", "-k", "50", "--json")
    hits = samples(*words, "--filter", "document=services-agreement.pdf").json["hits"]
    assert hits and {hit["document"] for hit in hits} == {"services-agreement.pdf"}
    hits = samples(*words, "--filter", "pages=2-3").json["hits"]
    assert hits and {hit["page_number"] for hit in hits} == {2, 3}


def test_k_above_the_number_of_pages_returns_them_all_once(samples: Cli) -> None:
    hits = samples("search", "water", "-c", "samples", "-k", "100", "--json").json["hits"]
    assert len(hits) == len({hit["page_id"] for hit in hits}) > 30


def test_eval_scores_the_committed_questions(samples: Cli) -> None:
    body = samples("eval", SAMPLES / "questions.jsonl", "-c", "samples", "--json").json
    assert body["questions"] == len(QUESTIONS) == 20
    assert body["answerable"] + sum(not q["evidence_pages"] for q in QUESTIONS) == 20
    assert body["ndcg@5"] >= 0.8
    assert {"abstention", "by", "recall@10", "stage1_recall@10"} <= body.keys()
    assert body["figures"]["first_right"]["n"] == body["answerable"]


def test_eval_keeps_a_run_and_fails_when_a_later_one_is_worse(samples: Cli, tmp_path: Path) -> None:
    run, report, few = tmp_path / "run.json", tmp_path / "run.html", tmp_path / "few.jsonl"
    lines = (SAMPLES / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    few.write_text("\n".join(lines[::2]), encoding="utf-8")
    words = ("eval", few, "-c", "samples")
    assert samples(*words, "--output", run, "--report", report).code == 0
    assert report.read_text(encoding="utf-8").count('class="card"') == len(lines[::2])
    assert samples(*words, "--compare", run).code == 0
    body = json.loads(run.read_text(encoding="utf-8"))
    for question in body["questions"]:
        question["figures"] = dict.fromkeys(question["figures"], 1.0)
    better = tmp_path / "better.json"
    better.write_text(json.dumps(body), encoding="utf-8")
    worse = samples(*words, "--compare", better)
    assert worse.code == 1 and "regression" in worse.out
    assert samples(*words, "--compare", better, "--allow", "1").code == 0


def test_the_samples_are_verified_deeply(samples: Cli) -> None:
    ran = samples("verify", "--deep", "--json")
    assert ran.code == 0 and ran.json["clean"] and ran.json["garbage"] == []


def test_doctor_finds_nothing_wrong(samples: Cli) -> None:
    ran = samples("doctor", "--json")
    assert ran.code == 0, ran.out


def test_another_encoder_is_refused_with_the_way_out(samples: Cli) -> None:
    ran = samples("search", "water", "-c", "samples", "--json", PAGESIGHT_ENCODER="fake")
    assert ran.code == 1
    assert ran.json["error"]["code"] == "encoder_mismatch"
    assert "PAGESIGHT_ENCODER=lite" in ran.err
