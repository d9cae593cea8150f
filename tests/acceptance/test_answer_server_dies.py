"""The answer server goes away amid an answer: the pages that were found are not lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.acceptance.conftest import FAKE, run_cli
from tests.conftest import DrawPdf
from tests.support.chat_server import chunk, sends, serving

QUESTION = "How tight are the housing bolts?"


def asking(base_url: str, model: str) -> dict[str, str]:
    return FAKE | {
        "PAGESIGHT_GENERATOR": "openai",
        "PAGESIGHT_OPENAI_BASE_URL": base_url,
        "PAGESIGHT_OPENAI_MODEL": model,
        "PAGESIGHT_MAX_ANSWER_TOKENS": "3000",
        "PAGESIGHT_MAX_PROMPT_IMAGE_PX": str(16 * 28 * 28),
    }


@pytest.fixture
def manuals(tmp_path: Path, draw_pdf: DrawPdf) -> Path:
    pdf = draw_pdf("pump.pdf", ["Tighten the housing bolts to 45 Nm.", "Spare parts"])
    assert run_cli(tmp_path / "data", "ingest", pdf, "-c", "manuals", **FAKE).code == 0
    return tmp_path / "data"


@pytest.mark.parametrize("as_json", [False, True])
def test_ask_shows_the_pages_it_found_and_the_error(manuals: Path, as_json: bool) -> None:
    flags = ["--json"] if as_json else []
    with serving(sends(chunk("The bolts "), chunk("are tightened "))) as server:
        environment = asking(server.base_url, "any")
        ran = run_cli(manuals, "ask", QUESTION, "-c", "manuals", *flags, **environment)
    assert ran.code == 1
    assert "error: the answer server at" in ran.err
    assert "Traceback" not in ran.err
    if as_json:
        assert ran.json["error"]["code"] == "backend_cut"
        assert ran.json["pages"][0]["document"] == "pump.pdf"
    else:
        assert "The bolts are tightened" in ran.out
        assert "these pages were found" in ran.out
        assert "pump.pdf, page 1" in ran.out
