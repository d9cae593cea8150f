"""What the benchmark of tricks makes of its figures."""

from __future__ import annotations

import pytest

from tests.benchmarks.worth import Worth, alternating


def worth(with_trick: list[float], without_trick: list[float], *, more_is_better: bool) -> Worth:
    return Worth("PAGESIGHT_X", "figure", "ms", more_is_better, with_trick, without_trick)


def test_a_gain_is_how_many_times_as_good_a_pair_is_with_the_trick() -> None:
    assert worth([120.0], [100.0], more_is_better=True).gains == pytest.approx([1.2])
    assert worth([100.0], [120.0], more_is_better=False).gains == pytest.approx([1.2])


@pytest.mark.parametrize(
    ("with_trick", "pays"), [([106.0, 120.0, 90.0], True), ([104.0, 120.0, 90.0], False)]
)
def test_a_trick_pays_when_the_median_pair_gains_five_percent(
    with_trick: list[float], pays: bool
) -> None:
    of_rates = worth(with_trick, [100.0] * 3, more_is_better=True)
    assert of_rates.pays == pays
    assert ("gains less than 5 %" in str(of_rates)) != pays


def test_the_two_take_turns_in_going_first() -> None:
    assert alternating(3) == [(True, False), (False, True), (True, False)]
