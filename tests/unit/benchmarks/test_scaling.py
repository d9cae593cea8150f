"""The tables and the picture of docs/scaling.md are what their unit costs make."""

from __future__ import annotations

from tests.benchmarks.cluster.simulation import cost_rows, drawing, layout_rows
from tests.conftest import ROOT


def test_the_page_about_scaling_shows_what_the_unit_costs_make() -> None:
    lines = (ROOT / "docs" / "scaling.md").read_text(encoding="utf-8").splitlines()
    advice = "python -m tests.benchmarks.cluster.simulation prints it anew"
    assert {*cost_rows(), *layout_rows()} <= {*lines}, advice
    assert (ROOT / "docs" / "scaling.svg").read_text(encoding="utf-8") == drawing(), advice
