"""Handle what libraries say while a model loads: silence it, or cut it to one line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Silence transformers' progress bars and advice: what matters of a load is checked and raised.

    Errors are still logged. The state belongs to the process, so loads that overlap may restore it late.
    """
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()


def one_line(error: Exception, max_characters: int = 300) -> str:
    """Return a library's error message on one line."""
    return " ".join(str(error).split())[:max_characters]
