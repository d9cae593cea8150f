"""A model in this process over real pages, through the command line: tiny, so its words mean nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import SAMPLES, Cli, run_cli
from tests.support.checkpoints import tiny_folder

QUESTION = "What torque do the casing bolts take?"


@pytest.fixture(scope="module")
def cli(tmp_path_factory: pytest.TempPathFactory) -> Cli:
    """The command line over a sample, with the fake encoder and the tiny Qwen2-VL."""
    data_dir = tmp_path_factory.mktemp("vlm") / "data"

    def run(*words: str | Path, **environment: str):  # type: ignore[no-untyped-def]
        chosen = {
            "PAGESIGHT_ENCODER": "fake",
            "PAGESIGHT_GENERATOR": "qwen2-vl",
            "PAGESIGHT_VLM_CHECKPOINT": str(tiny_folder("qwen2-vl")),
            "PAGESIGHT_VLM_DTYPE": "float32",
            "PAGESIGHT_DEVICE": "cpu",
            "PAGESIGHT_PAGE_TEXT": "false",
            "PAGESIGHT_VISUAL_TOKEN_BUDGET": "900",
            "PAGESIGHT_MAX_ANSWER_TOKENS": "16",
        }
        return run_cli(data_dir, *words, **chosen | environment)

    ran = run("ingest", SAMPLES / "pump-manual.pdf", "-c", "samples", "--json")
    assert ran.code == 0, ran.err + ran.out
    return run


def test_the_model_writes_an_answer_over_the_page_images(cli: Cli) -> None:
    body = cli("ask", QUESTION, "-c", "samples", "--json").json
    assert body["answer"].strip()
    assert len(body["pages"]) == 5
    usage = body["usage"]
    assert 1 <= usage["completion_tokens"] <= 16
    assert 600 < usage["prompt_tokens"] < 900 + 3000  # the budget's visual tokens and the words
    assert usage["first_token_ms"] > 0
    for citation in body["citations"]:
        assert citation["page_id"] in [page["page_id"] for page in body["pages"]]


def test_an_answer_is_printed_as_it_is_written(cli: Cli) -> None:
    ran = cli("ask", QUESTION, "-c", "samples")
    assert ran.code == 0, ran.err
    assert ran.out.strip() and "Loading weights" not in ran.err


def test_a_checkpoint_that_is_not_there_is_told(cli: Cli, tmp_path: Path) -> None:
    ran = cli("ask", QUESTION, "-c", "samples", "--json", PAGESIGHT_VLM_CHECKPOINT=str(tmp_path))
    assert ran.code == 1
    assert ran.json["error"]["code"] == "generator_unavailable"
    assert "config.json" in ran.json["error"]["message"]
