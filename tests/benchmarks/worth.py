"""What a trick is worth: one figure of alternating runs with it and without it."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median

PAYS = 1.05  # a trick that gains less, in three runs, is deleted


@dataclass(slots=True)
class Worth:
    """Figures of one trick, taken in pairs.

    setting         switches it off
    more_is_better  of the figure: a rate, not a time
    """

    setting: str
    figure: str
    unit: str
    more_is_better: bool
    with_trick: list[float] = field(default_factory=list)
    without_trick: list[float] = field(default_factory=list)

    def add(self, figure: float, *, is_on: bool) -> None:
        """Note the figure of one run."""
        (self.with_trick if is_on else self.without_trick).append(figure)

    @property
    def gains(self) -> list[float]:
        """How many times as good each pair is with the trick; 1 is no difference."""
        pairs = zip(self.with_trick, self.without_trick, strict=True)
        return [
            with_trick / without_trick if self.more_is_better else without_trick / with_trick
            for with_trick, without_trick in pairs
        ]

    @property
    def pays(self) -> bool:
        return median(self.gains) >= PAYS

    def __str__(self) -> str:
        ratios = " ".join(f"{gain:.2f}" for gain in self.gains)
        verdict = "pays" if self.pays else f"gains less than {100 * (PAYS - 1):.0f} %"
        return (
            f"{self.setting}: {self.figure}\n"
            f"  with {median(self.with_trick):.2f} {self.unit}, without "
            f"{median(self.without_trick):.2f} {self.unit} (medians)\n"
            f"  times as good, pair by pair: {ratios}; median {median(self.gains):.2f}: {verdict}"
        )


def alternating(n_pairs: int) -> list[tuple[bool, bool]]:
    """Return which of the two goes first in each pair: neither always has the warmer machine."""
    return [(True, False) if i % 2 == 0 else (False, True) for i in range(n_pairs)]
