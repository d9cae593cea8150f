"""Warnings and verdicts from what befell the pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.rasterizer.refusals import one_line
from indexer.rasterizer.tally import MAX_WARNINGS, Cause, PageTally
from indexer.settings import IndexerSettings
from indexer.verdicts import Verdict


@pytest.fixture
def tally() -> PageTally:
    return PageTally(IndexerSettings())


def test_a_thousand_warnings_are_counted_and_not_kept(tally: PageTally) -> None:
    for page in range(1000):
        tally.warn(f"page {page}: blank")
    assert len(tally.warnings) == MAX_WARNINGS + 1
    assert tally.warnings[-1] == f"{1000 - MAX_WARNINGS} more warnings"


def test_a_repair_is_told_once(tally: PageTally) -> None:
    tally.repaired()
    tally.repaired()
    assert tally.warnings == ["repaired while opening"]


def test_one_page_is_enough_for_a_document(tally: PageTally) -> None:
    tally.left_out(1, "error", "could not be rendered")
    tally.n_rendered += 1
    assert tally.verdict() is None


@pytest.mark.parametrize(
    ("causes", "verdict"),
    [
        (["timeout", "timeout"], Verdict.TIMEOUT),
        (["error", "error"], Verdict.CORRUPT),
        (["error", "timeout"], Verdict.CORRUPT),
        (["memory"], Verdict.FAILED),
        (["crash"], Verdict.FAILED),
        (["error", "crash"], Verdict.FAILED),
    ],
)
def test_what_befell_every_page_becomes_the_verdict(
    tally: PageTally, causes: list[Cause], verdict: Verdict
) -> None:
    for number, cause in enumerate(causes, 1):
        tally.left_out(number, cause, "had bad luck")
    rejected = tally.verdict()
    assert rejected is not None
    assert rejected.verdict == verdict
    assert "\n" not in str(rejected)


def test_what_a_library_says_is_put_on_one_line() -> None:
    assert one_line("first\n\x1b[31msecond \ud800") == "first [31msecond"
    assert len(one_line("x" * 10_000)) < 200


def test_importing_the_rasterizer_loads_neither_the_renderer_nor_the_imaging_library() -> None:
    code = (
        "import sys, indexer.rasterizer; light = set(sys.modules)\n"
        "from indexer.rasterizer import Rasterizer\n"
        "import indexer.rasterizer.child\n"
        "assert not light & {'numpy', 'pydantic', 'subprocess'}, light\n"
        "assert not set(sys.modules) & {'pymupdf', 'fitz', 'PIL'}"
    )
    root = Path(__file__).parents[3]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
