"""Kills a forked child at the n-th time it changes a file system, to see what it leaves.

The child is this process with its modules loaded, so that hundreds of kills take seconds. What changes files
is seen by an audit hook (an `open` that may write, a rename, an unlink, a new folder), and so is each
statement of a transaction.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator

from sqlalchemy import event
from sqlalchemy.engine import Engine

_CHANGES = ("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate", "shutil.rmtree")
_MAY_WRITE = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


def run_killed(work: Callable[[], object], at: int) -> bool:
    """Run `work` in a child that is killed at the `at`-th change, from 1; return whether it got so far.

    Raises AssertionError when it failed by itself.
    """
    pid = os.fork()
    if pid == 0:
        _kill_at(at)
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)  # nothing of the parent's is closed or reported twice
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0, "it failed by itself"
    return False


def kill_everywhere(work: Callable[[], object], *, step: int = 1) -> Iterator[int]:
    """Yield after each kill, at the first change, the one `step` later and so on, until `work` ends whole."""
    at = 1
    while run_killed(work, at):
        yield at
        at += step


def _kill_at(at: int) -> None:
    n_changes = 0

    def count() -> None:
        nonlocal n_changes
        n_changes += 1
        if n_changes == at:
            os.kill(os.getpid(), signal.SIGKILL)

    def hook(name: str, arguments: tuple[object, ...]) -> None:
        if name in _CHANGES or (name == "open" and _writes(arguments)):
            count()

    sys.addaudithook(hook)
    event.listen(Engine, "before_cursor_execute", lambda *_: count())
    event.listen(Engine, "commit", lambda *_: count())


def _writes(arguments: tuple[object, ...]) -> bool:
    flags = arguments[2] if len(arguments) > 2 else 0
    return isinstance(flags, int) and bool(flags & _MAY_WRITE)
