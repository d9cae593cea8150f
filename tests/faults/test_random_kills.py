"""kill -9 at random under load: every upload that was acknowledged is indexed, once."""

from __future__ import annotations

import pytest

from tests.faults.conftest import FAULTS, Tally, at_most
from tests.faults.zygote import Zygote

N_QUICK, N_ALL = 4, 80


@pytest.mark.parametrize("seed", [1, 2] if FAULTS else [1])
@pytest.mark.parametrize("kind", ["serve", "worker"])
def test_what_a_killed_process_acknowledged_is_indexed_once(
    zygote: Zygote, trials_folder: str, tally: Tally, kind: str, seed: int
) -> None:
    n_kills = at_most(N_QUICK, N_ALL)
    kills = zygote.call("random_kills", folder=trials_folder, kind=kind, n_kills=n_kills, seed=seed)
    tally.n_trials = n_kills
    tally.violations = kills["violations"]
    assert kills["n_uploads"] > 0
    tally.assert_none()
