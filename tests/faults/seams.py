"""Faults between the product and the system calls that Python makes for it, for machines without strace.

What libraries do by themselves (SQLite, FAISS, NumPy's `tofile`) passes by unseen, except a commit of the
catalog: `strace.py` sees all of it.
"""

from __future__ import annotations

import builtins
import io
import os
import signal
import sqlite3
import threading
from collections.abc import Callable
from typing import Any

from sqlalchemy.engine.default import DefaultDialect

WRITING = ("write", "pwrite", "fsync", "fdatasync", "rename", "replace", "unlink", "remove", "mkdir",
           "rmdir", "truncate", "ftruncate", "posix_fallocate", "link", "chmod", "fchmod")  # fmt: skip

Observer = Callable[[str, tuple[Any, ...]], None]


class Seams:
    """Lets something happen at the nth call that changes the disk.

    kind   `count`; `kill` before the call, `kill-after` it; `error` instead of it; `short`: half of a write
    call   which of the calls, from 0
    until  with `error`: the first call that succeeds again
    """

    def __init__(
        self,
        kind: str = "count",
        call: int = -1,
        *,
        until: int | None = None,
        errno: int = 0,
        observe: Observer | None = None,
    ) -> None:
        self.calls: list[str] = []
        self.was_hit = False
        self._kind, self._call, self._errno = kind, call, errno
        self._until = call + 1 if until is None else until
        self._observe = observe
        self._lock = threading.RLock()

    def install(self) -> None:
        """Patch this process, which is a child that does nothing else, for good."""
        for name in WRITING:
            setattr(os, name, self._wrapped(name, getattr(os, name)))
        opener = self._opener(io.open)
        io.open = builtins.open = opener  # type: ignore[assignment]
        commit = self._wrapped("commit", DefaultDialect.do_commit)
        DefaultDialect.do_commit = commit  # type: ignore[method-assign]

    def _wrapped(self, name: str, really: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **options: Any) -> Any:
            return self._at(name, really, arguments, options)

        return call

    def _at(
        self, name: str, really: Callable[..., Any], arguments: Any, options: dict[str, Any]
    ) -> Any:
        with self._lock:
            number = len(self.calls)
            self.calls.append(name)
        due = self._call <= number < self._until
        if due and self._kind == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if due and self._kind == "error":
            self.was_hit = True
            if name == "commit":
                raise sqlite3.OperationalError("disk I/O error")
            raise OSError(self._errno, os.strerror(self._errno))
        if due and self._kind == "short" and name in ("write", "file.write"):
            self.was_hit = True
            *before, data = arguments
            half = memoryview(data).cast("B")[: max(1, len(memoryview(data).cast("B")) // 2)]
            return really(*before, half)
        try:
            result = really(*arguments, **options)
        finally:  # also where the call itself fails, as for a folder that is there
            if due and self._kind == "kill-after":
                os.kill(os.getpid(), signal.SIGKILL)
        if self._observe is not None:
            with self._lock:
                self._observe(name, arguments)
        return result

    def _opener(self, really: Callable[..., Any]) -> Callable[..., Any]:
        """Files that are opened for writing in binary: their own writes count, too."""
        seams = self

        class WatchedFile(io.FileIO):
            def write(self, data: Any, /) -> int:
                return int(seams._at("file.write", super().write, (data,), {}))

        def opened(
            file: Any, mode: str = "r", buffering: int = -1, *rest: Any, **options: Any
        ) -> Any:
            if "b" not in mode or not set(mode) & set("wxa+"):
                return really(file, mode, buffering, *rest, **options)
            raw = WatchedFile(file, mode.replace("b", ""))
            return raw if buffering == 0 else io.BufferedWriter(raw)

        return opened
