"""Too little room for what is done: refused, or done, and finished by itself when there is room again."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Tally, sample
from tests.faults.zygote import Zygote

LEVELS_KIB = [*range(0, 96, 4), *range(96, 1024, 16)]
N_QUICK = 2
WORKLOADS = ("ingest", "jobs", "deletion", "large-compaction", "repair")


@pytest.fixture(autouse=True)
def _may_mount(zygote: Zygote) -> None:
    if reason := zygote.call("mount_missing"):
        pytest.skip(reason)


@pytest.mark.parametrize("workload", WORKLOADS)
def test_a_full_disk_loses_nothing_and_kills_nobody(
    zygote: Zygote, trials_folder: str, tally: Tally, workload: str
) -> None:
    for left_kib in sample(LEVELS_KIB, N_QUICK):
        trial = zygote.call(
            "full_disk_trial", workload=workload, folder=trials_folder, left_kib=left_kib
        )
        sentences = [f"freed: {sentence}" for sentence in trial["freed"]]
        if trial["code"] < 0:
            sentences.append(f"the process died of signal {-trial['code']}")
        tally.add(f"{workload} with {left_kib} KiB left", sentences)
    tally.assert_none()


@pytest.mark.parametrize("after_crash", [False, True])
def test_searches_and_deletions_work_on_a_disk_without_room(
    zygote: Zygote, trials_folder: str, tally: Tally, after_crash: bool
) -> None:
    sentences = zygote.call("service_when_full", folder=trials_folder, after_crash=after_crash)
    tally.add("full", sentences)
    tally.assert_none()
