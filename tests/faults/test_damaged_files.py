"""Every kind of stored file is damaged: a 200 is right, or says that something is left out."""

from __future__ import annotations

import pytest

from tests.faults.conftest import Tally, at_most
from tests.faults.damage import FILE_KINDS, HARMS
from tests.faults.zygote import Zygote

pytest.importorskip("faiss", reason="faiss is not installed: there is no token index to damage")

N_QUICK, N_ALL = 1, 80  # of each kind of file and of harm


@pytest.mark.parametrize(
    "kind",
    FILE_KINDS,
)
def test_no_answer_with_200_is_wrong_over_a_damaged_file(
    zygote: Zygote, trials_folder: str, tally: Tally, kind: str
) -> None:
    for harm in HARMS:
        for seed in range(at_most(N_QUICK, N_ALL)):
            trial = zygote.call(
                "damage_trial", folder=trials_folder, kind=kind, harm=harm, seed=seed
            )
            if trial["was_harmed"]:
                tally.add(f"{kind} {harm} {seed}", trial["wrong"])
    tally.assert_none()
