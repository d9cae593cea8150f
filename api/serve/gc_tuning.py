"""Python's cycle collector, kept from halting the service.

A full round walks every object of torch and transformers, hundreds of thousands that never go away: 50 ms and
more in which nothing is answered (measured: it was most of the delay that streams added to one another).
"""

from __future__ import annotations

import gc

_YOUNG = (
    50_000  # new objects until it looks at the young ones; Python's own 700 suits a small program
)
_ROUNDS = 20  # looks at the young until one at the older


def set_aside() -> None:
    """Take all that lives now out of its rounds, and have it go round less often.

    For a process that serves: called when it has started, and when it has loaded what it keeps.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_YOUNG, _ROUNDS, _ROUNDS)
