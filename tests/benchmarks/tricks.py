"""`python -m tests.benchmarks tricks [PAIRS]`: what each trick is worth, with it and without it by turns.

Every line is a ratio within a pair of runs one after the other. Other people's work makes the ratios noisy,
so the load average stands beside them; three runs on a quiet machine decide.
"""

from __future__ import annotations

import os
import time

import uvloop

from tests.benchmarks.bench_encoder import torchscript_worths
from tests.benchmarks.service.tricks import first_event_worth


def main(n_pairs: int = 3) -> None:
    """Print what the tricks are worth; three pairs take about two minutes."""
    began = time.monotonic()
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}", flush=True)
    for worth in torchscript_worths(n_pairs):
        print(worth, flush=True)
    print(uvloop.run(first_event_worth(n_pairs)), flush=True)
    print(f"{time.monotonic() - began:.0f} s, load average at the end {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
