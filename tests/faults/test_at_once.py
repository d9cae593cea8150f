"""Several processes do the same at the same moment: it is done once, none meets an error of the others."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Tally, at_most
from tests.faults.workloads import WORKLOADS
from tests.faults.zygote import Zygote

N_QUICK, N_ALL = 1, 40
N_PROCESSES = 3


@pytest.mark.parametrize("workload", WORKLOADS)
def test_what_several_processes_do_at_once_is_done_once(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    for number in range(at_most(N_QUICK, N_ALL)):
        sentences = zygote.call(
            "at_once_trial", workload=workload, folder=trials_folder, n_processes=N_PROCESSES
        )
        tally.add(f"{workload} {number}", sentences)
    tally.assert_none()
