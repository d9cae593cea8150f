"""Work that is repeated in the background: one of the two kinds of thread (see `threaded_iterator`)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event, Thread
from types import TracebackType
from typing import Self

from indexer.base.errors import PagesightError

_log = logging.getLogger(__name__)


def warn_in(log: logging.Logger, name: str) -> Callable[[Exception], None]:
    """Return what a task does about an error that its next round may not meet: a line in its log.

    An error of ours says all; any other one is logged with where it came from.
    """

    def warn(error: Exception) -> None:
        is_ours = isinstance(error, PagesightError)
        log.warning("%s: %s", name, error, exc_info=None if is_ours else error)

    return warn


class PeriodicTask:
    """Runs `work` every now and then until it is stopped. Use it in `with`, or call `start`.

    every_s   seconds before the first round and between two; None: a round only when it is woken
    on_error  takes what `work` raises, and the task goes on; without it the error is logged
    on_end    called once in the thread of the work, when the last round has ended
    close_s   seconds that leaving `with` waits for the thread; None: until it has ended
    """

    def __init__(
        self,
        every_s: float | None,
        work: Callable[[], None],
        *,
        name: str,
        on_error: Callable[[Exception], None] | None = None,
        on_end: Callable[[], None] = lambda: None,
        close_s: float | None = None,
    ) -> None:
        self._every_s = every_s
        self._work = work
        self._name = name
        self._on_error = on_error or self._log_error
        self._on_end = on_end
        self._close_s = close_s
        self._bell = Event()
        self._stop = Event()
        self._thread: Thread | None = None

    @property
    def stopping(self) -> bool:
        """Whether `stop` was called: a long round should end."""
        return self._stop.is_set()

    def start(self, *, daemon: bool = True) -> None:
        """Begin in a thread of its own. The process waits at its end for one that is no daemon."""
        self._thread = Thread(target=self.run, name=self._name, daemon=daemon)
        self._thread.start()

    def run(self) -> None:
        """Work in the calling thread until `stop`."""
        try:
            while not self._stop.is_set():
                self._bell.wait(self._every_s)
                self._bell.clear()
                if not self._stop.is_set():
                    self._call(self._work)
        finally:
            self._call(self._on_end)

    def wake(self) -> None:
        """Begin a round now, or as soon as the present one has ended."""
        self._bell.set()

    def stop(self) -> None:
        """Let no further round begin. Returns at once; may be called by the work itself."""
        self._stop.set()
        self._bell.set()

    def pause(self, seconds: float) -> None:
        """Wait in the middle of a round; `stop` ends the wait."""
        self._stop.wait(seconds)

    def join(self, wait_s: float | None = None) -> None:
        """Return when the thread has ended, or after `wait_s` seconds."""
        if self._thread is not None:
            self._thread.join(wait_s)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()
        self.join(self._close_s)

    def _call(self, part: Callable[[], None]) -> None:
        try:
            part()
        except Exception as error:  # noqa: BLE001 - the boundary of the task: one round fails alone
            self._on_error(error)

    def _log_error(self, error: Exception) -> None:
        _log.error("%s failed and goes on", self._name, exc_info=error)
