"""The precision of a model is a property of the machine, not of the moment at which it is loaded."""

from __future__ import annotations

import threading

from indexer.encoders.checkpoints.devices import bfloat16_time


def test_busy_threads_do_not_change_what_a_precision_costs() -> None:
    quiet = bfloat16_time()
    end = threading.Event()

    def compute() -> None:
        while not end.is_set():
            sum(range(10_000))

    threads = [threading.Thread(target=compute) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        times = [bfloat16_time() for _ in range(3)]
    finally:
        end.set()
        for thread in threads:
            thread.join()
    assert all(quiet / 2 < time < quiet * 2 for time in times), (quiet, times)
