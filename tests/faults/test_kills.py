"""kill -9 at every system call that changes the disk: nothing acknowledged is lost, nothing is doubled."""

from __future__ import annotations

import pytest

from tests.faults import strace
from tests.faults.conftest import Tally, sample
from tests.faults.workloads import WORKLOADS
from tests.faults.zygote import Zygote

N_QUICK = 1


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.skipif(bool(strace.missing()), reason=strace.missing())
def test_a_kill_at_a_system_call_loses_and_doubles_nothing(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    points = zygote.call("syscall_points", workload=workload, folder=trials_folder)
    for point in sample(points, 2 * N_QUICK):
        trial = zygote.call(
            "syscall_trial", workload=workload, folder=trials_folder, fault="signal=KILL",
            syscall=point["syscall"], nth=point["nth"],
        )  # fmt: skip
        if trial["was_hit"]:
            tally.add(f"{workload} {point}", trial["violations"])
    tally.assert_none()


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.parametrize("kind", ["kill", "kill-after"])
def test_a_kill_beside_a_call_of_python_loses_and_doubles_nothing(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str, kind: str
) -> None:
    calls = zygote.call("seam_calls", workload=workload, folder=trials_folder)
    for number in sample(range(len(calls)), N_QUICK):
        trial = zygote.call(
            "seam_trial", workload=workload, folder=trials_folder, kind=kind, call=number
        )
        if trial["code"] == -9:
            tally.add(f"{workload} {kind} {number} {calls[number]}", trial["violations"])
    tally.assert_none()
