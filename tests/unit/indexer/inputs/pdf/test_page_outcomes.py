"""Warnings and verdicts from what befell the pages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from indexer.base.settings import IndexerSettings
from indexer.base.verdicts import Verdict
from indexer.inputs.pdf.pages.page_outcomes import MAX_WARNINGS, Cause, PageOutcomes
from indexer.inputs.pdf.refusals import printable_line
from indexer.inputs.registry import form_of


@pytest.fixture
def outcomes() -> PageOutcomes:
    return PageOutcomes(IndexerSettings(), form_of("application/pdf"))


def test_a_thousand_warnings_are_counted_and_not_kept(outcomes: PageOutcomes) -> None:
    for page in range(1000):
        outcomes.warn(f"page {page}: blank")
    assert len(outcomes.warnings) == MAX_WARNINGS + 1
    assert outcomes.warnings[-1] == f"{1000 - MAX_WARNINGS} more warnings"


def test_a_repair_is_told_once(outcomes: PageOutcomes) -> None:
    outcomes.note_repair()
    outcomes.note_repair()
    assert outcomes.warnings == ["repaired while opening"]


def test_one_page_is_enough_for_a_document(outcomes: PageOutcomes) -> None:
    outcomes.leave_out(1, "error", "could not be rendered")
    outcomes.n_rendered += 1
    assert outcomes.verdict() is None


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
    outcomes: PageOutcomes, causes: list[Cause], verdict: Verdict
) -> None:
    for number, cause in enumerate(causes, 1):
        outcomes.leave_out(number, cause, "had bad luck")
    rejected = outcomes.verdict()
    assert rejected is not None
    assert rejected.verdict == verdict
    assert "\n" not in str(rejected)


@pytest.mark.parametrize("cause", ["timeout", "error", "crash"])
def test_a_verdict_names_the_first_page_and_what_befell_it(
    outcomes: PageOutcomes, cause: Cause
) -> None:
    outcomes.leave_out(3, cause, "had bad luck", "cannot find object 12")
    outcomes.leave_out(4, cause, "had worse luck")
    assert "(page 3: cannot find object 12)" in str(outcomes.verdict())


def test_a_page_of_which_the_library_says_nothing_is_named_with_what_befell_it(
    outcomes: PageOutcomes,
) -> None:
    outcomes.leave_out(2, "error", "had bad luck")
    outcomes.leave_out(5, "error", "had worse luck", "cannot find object 12")
    assert "(page 2: had bad luck)" in str(outcomes.verdict())


def test_what_a_library_says_is_put_on_one_line() -> None:
    assert printable_line("first\n\x1b[31msecond \ud800") == "first [31msecond"
    assert len(printable_line("x" * 10_000)) < 200


def test_importing_the_rasterizer_loads_neither_the_renderer_nor_the_imaging_library() -> None:
    code = (
        "import sys, indexer.inputs.pdf; light = set(sys.modules)\n"
        "from indexer.inputs.rasterizer import Rasterizer\n"
        "import indexer.inputs.child\n"
        "assert not light & {'numpy', 'pydantic', 'subprocess'}, light\n"
        "assert not set(sys.modules) & {'pymupdf', 'fitz', 'PIL'}"
    )
    root = Path(__file__).parents[5]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)
