"""The power goes at any call that changes the disk: whatever it left, all that was acknowledged is there."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Tally, at_most
from tests.faults.workloads import WORKLOADS
from tests.faults.zygote import Zygote

N_QUICK, N_ALL = 2, 330  # disks of each workload that are judged


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_disk_after_a_power_loss_holds_what_was_acknowledged(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    losses = zygote.call(
        "power_losses", workload=workload, folder=trials_folder, most=at_most(N_QUICK, N_ALL)
    )
    for state, sentences in losses["verdicts"]:
        tally.add(f"{workload} disk {state} of {losses['n_states']}", sentences)
    tally.assert_none()
