"""Real documents with real questions, where they are at hand: a few of them, for time."""

from __future__ import annotations

import json
from pathlib import Path

from tests.acceptance.conftest import run_cli

# Four text-layer documents and one whose pages are only images.
DOCUMENTS = (
    "2303.08559v2.pdf",
    "DSA-278777.pdf",
    "STEPBACK.pdf",
    "tacl_a_00660.pdf",
    "measuringsuccessonfacebooktwitterlinkedin-160317142140_95.pdf",
)


def test_real_questions_find_their_pages(shared_data: Path, tmp_path: Path) -> None:
    pack = shared_data / "mmlongbench-dev"
    chosen = [pack / "pdfs" / name for name in DOCUMENTS]
    data = tmp_path / "data"
    ran = run_cli(data, "ingest", *chosen, "-c", "dev", "--json")
    assert ran.code == 0 and ran.json["totals"]["searchable"] == len(DOCUMENTS)
    lines = (pack / "questions.jsonl").read_text().splitlines()
    questions = tmp_path / "questions.jsonl"
    questions.write_text(
        "\n".join(one for one in lines if json.loads(one)["document"] in DOCUMENTS)
    )
    figures = run_cli(data, "eval", questions, "-c", "dev", "--json").json
    assert figures["answerable"] >= 25
    # The whole pack has 0.60; 25 questions have a standard error of about 0.08.
    assert figures["ndcg@5"] >= 0.45
    assert run_cli(data, "verify", "--deep").code == 0
