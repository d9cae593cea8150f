"""The same harness over a product whose commit order is wrong: it must find that out."""

from __future__ import annotations

import pytest

from tests.faults import strace
from tests.faults.conftest import ALL, Tally, at_most, sample
from tests.faults.zygote import Zygote

N_QUICK, N_ALL = 3, 60


@pytest.fixture
def control_tally(record_property: pytest.Item) -> Tally:
    """Apart from the counts of the product: these violations are the ones that must be found."""
    return Tally(record_property, "negative control")


@pytest.mark.parametrize("control", ["row-before-files", "nothing-synced"])
def test_the_power_loss_trials_catch_a_wrong_commit_order(
    zygote: Zygote, trials_folder: str, control_tally: Tally, control: str
) -> None:
    losses = zygote.call(
        "power_losses", workload="ingest", folder=trials_folder, control=control,
        most=at_most(2 * N_QUICK, N_ALL),
    )  # fmt: skip
    for state, sentences in losses["verdicts"]:
        control_tally.add(f"{control} disk {state}", sentences)
    control_tally.close()
    assert control_tally.violations


@pytest.mark.skipif(bool(strace.missing()), reason=strace.missing())
def test_the_kills_at_system_calls_catch_a_wrong_commit_order(
    zygote: Zygote, trials_folder: str, control_tally: Tally
) -> None:
    points = zygote.call(
        "syscall_points", workload="ingest", folder=trials_folder, control="row-before-files"
    )
    renames = [point for point in points if point["syscall"] == "rename"]
    for point in points if ALL else [*sample(points, N_QUICK), *renames[-4:]]:
        trial = zygote.call(
            "syscall_trial", workload="ingest", folder=trials_folder, fault="signal=KILL",
            syscall=point["syscall"], nth=point["nth"], control="row-before-files",
        )  # fmt: skip
        if trial["was_hit"]:
            control_tally.add(f"{point}", trial["violations"])
    control_tally.close()
    assert control_tally.violations


def test_the_kills_beside_calls_of_python_catch_a_wrong_commit_order(
    zygote: Zygote, trials_folder: str, control_tally: Tally
) -> None:
    calls = zygote.call(
        "seam_calls", workload="ingest", folder=trials_folder, control="row-before-files"
    )
    behind_commits = [i + 1 for i, name in enumerate(calls) if name == "commit"]
    for number in range(len(calls)) if ALL else behind_commits[-N_QUICK:]:
        trial = zygote.call(
            "seam_trial", workload="ingest", folder=trials_folder, kind="kill", call=number,
            control="row-before-files",
        )  # fmt: skip
        control_tally.add(f"{number} {calls[number - 1 : number + 1]}", trial["violations"])
    control_tally.close()
    assert control_tally.violations
