"""The nth call fails: nothing acknowledged is lost, nothing becomes unreadable, a rerun finishes the work."""

from __future__ import annotations

import errno

import pytest

from tests.faults import strace
from tests.faults.conftest import Tally, sample
from tests.faults.workloads import WORKLOADS
from tests.faults.zygote import Zygote

N_QUICK = 1
ERRORS = ("EIO", "ENOSPC", "EDQUOT")
READ_ERRORS = ("EIO", "EMFILE", "ENOMEM")


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.skipif(bool(strace.missing()), reason=strace.missing())
def test_a_system_call_that_fails_to_write_loses_nothing(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    points = zygote.call("syscall_points", workload=workload, folder=trials_folder)
    for i, point in enumerate(sample(points, 2 * N_QUICK)):
        # Once, or from then on: a disk that stays full. The errors take turns.
        fault = f"error={ERRORS[i % 3]}" + ("+" if i % 2 else "")
        trial = zygote.call(
            "syscall_trial", workload=workload, folder=trials_folder, fault=fault,
            syscall=point["syscall"], nth=point["nth"],
        )  # fmt: skip
        if trial["was_hit"]:
            tally.add(f"{workload} {fault} {point}", trial["violations"])
    tally.assert_none()


@pytest.mark.parametrize("workload", WORKLOADS)
@pytest.mark.skipif(bool(strace.missing()), reason=strace.missing())
def test_a_read_error_is_never_taken_for_damage(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    points = zygote.call("syscall_points", workload=workload, folder=trials_folder, reading=True)
    points = [point for point in points if point["syscall"] in ("openat", "read", "pread64")]
    for i, point in enumerate(sample(points, N_QUICK)):
        fault = "error=EIO" if point["syscall"] != "openat" else f"error={READ_ERRORS[i % 3]}"
        trial = zygote.call(
            "syscall_trial", workload=workload, folder=trials_folder, fault=fault,
            syscall=point["syscall"], nth=point["nth"],
        )  # fmt: skip
        if trial["was_hit"]:
            tally.add(f"{workload} {fault} {point}", trial["violations"])
    tally.assert_none()


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_call_of_python_that_fails_or_stops_short_loses_nothing(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    calls = zygote.call("seam_calls", workload=workload, folder=trials_folder)
    for i, number in enumerate(sample(range(len(calls)), N_QUICK)):
        kind = "short" if calls[number] in ("write", "file.write") and i % 2 else "error"
        number_of_error = (errno.EIO, errno.ENOSPC, errno.EDQUOT)[i % 3]
        trial = zygote.call(
            "seam_trial", workload=workload, folder=trials_folder, kind=kind, call=number,
            errno=number_of_error,
        )  # fmt: skip
        tally.add(f"{workload} {kind} {number} {calls[number]}", trial["violations"])
    tally.assert_none()
