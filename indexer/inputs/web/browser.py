"""A headless Chromium in a sandbox, spoken to over a pipe: it has no network, and asks us for everything."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Lock, Timer
from typing import Any

from indexer.inputs.sandbox.program import end_program, start_program

_CPU_S = 120
_MEMORY_BYTES = 4 * 1024**3  # of each of its processes that is used, not of addresses
_FIRST_FREE_FD = 10
_IN, _OUT = 3, 4  # where Chromium expects its pipes
_BLOCK_BYTES = 1 << 20
_FLAGS = (
    "--headless", "--remote-debugging-pipe", "--disable-gpu", "--disable-dev-shm-usage",
    "--disable-extensions", "--disable-background-networking", "--disable-sync", "--no-first-run",
    "--no-default-browser-check", "--hide-scrollbars", "--mute-audio",
)  # fmt: skip


class BrowserFailed(Exception):
    """The browser ended, took too long, or refused what it was asked."""


class Browser:
    """One tab. Answers to its events may be sent by other threads; only one thread may `call`."""

    def __init__(self, read_fd: int, write_fd: int, most_bytes: int) -> None:
        """`most_bytes` of one message of its: what it prints is one, in base64."""
        self._read_fd, self._write_fd = read_fd, write_fd
        self._most_bytes = most_bytes
        self._lock = Lock()
        self._n_sent = 0
        self._rest = bytearray()
        self._session: str | None = None
        self.on_event: Callable[[str, dict[str, Any]], None] = lambda method, params: None

    def open_tab(self) -> None:
        """Open the tab of which all further calls are. Raises BrowserFailed."""
        target = self.call("Target.createTarget", url="about:blank").get("targetId")
        answer = self.call("Target.attachToTarget", targetId=target, flatten=True)
        self._session = answer.get("sessionId")

    def send(self, method: str, **params: Any) -> int:
        """Send a command and return its number; a browser that has ended says so when it is read."""
        with self._lock, suppress(OSError):
            self._n_sent += 1
            message: dict[str, Any] = {"id": self._n_sent, "method": method, "params": params}
            if self._session is not None:
                message["sessionId"] = self._session
            view = memoryview(json.dumps(message).encode() + b"\0")
            while view:
                view = view[os.write(self._write_fd, view) :]
        return self._n_sent

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Send a command and return its result; events meanwhile are told. Raises BrowserFailed."""
        number = self.send(method, **params)
        while True:
            message = self._next_message()
            if message.get("id") == number:
                break
        result = message.get("result")
        if not isinstance(result, dict):
            raise BrowserFailed(f"it refused {method}: {str(message.get('error'))[:200]}")
        return result

    def wait_for(self, is_there: Callable[[], bool]) -> None:
        """Tell events until something is there. Raises BrowserFailed."""
        while not is_there():
            self._next_message()

    def _next_message(self) -> dict[str, Any]:
        while (end := self._rest.find(b"\0")) < 0:
            block = os.read(self._read_fd, _BLOCK_BYTES)
            if not block:
                raise BrowserFailed("it ended, or took too long")
            self._rest += block
            if len(self._rest) > self._most_bytes:
                raise BrowserFailed("it gave more than a file may have")
        try:
            message = json.loads(self._rest[:end])
        except (ValueError, RecursionError) as error:
            raise BrowserFailed(f"it wrote no JSON ({error})") from error
        del self._rest[: end + 1]
        if not isinstance(message, dict):
            raise BrowserFailed("it wrote what is no message")
        if "method" in message:
            self.on_event(message["method"], message.get("params", {}))
        return message


@contextmanager
def running_browser(program: str, deadline_s: float, file_bytes: int) -> Iterator[Browser]:
    """Start Chromium; it is killed at the end, and when the deadline is over. Raises BrowserFailed."""
    # What it leaves behind is written while it ends.
    with TemporaryDirectory(prefix="pagesight-web-", ignore_cleanup_errors=True) as name:
        theirs_in, ours_out = _pipe()
        ours_in, theirs_out = _pipe()
        try:
            try:
                process = _start(
                    program, Path(name), file_bytes, {_IN: theirs_in, _OUT: theirs_out}
                )
            finally:
                os.close(theirs_in)
                os.close(theirs_out)
            watchdog = Timer(deadline_s, end_program, [process])
            watchdog.daemon = True
            watchdog.start()
            try:
                browser = Browser(ours_in, ours_out, 2 * file_bytes)
                browser.open_tab()
                yield browser
            finally:
                watchdog.cancel()
                end_program(process)
        finally:
            os.close(ours_in)
            os.close(ours_out)


def _start(
    program: str, folder: Path, file_bytes: int, pipes: dict[int, int]
) -> subprocess.Popen[bytes]:
    # Its own sandbox, within ours, it does not have as root.
    as_root = ("--no-sandbox",) if os.geteuid() == 0 else ()
    command = [program, *_FLAGS, *as_root, f"--user-data-dir={folder}/profile", "about:blank"]
    environment = {"HOME": str(folder), "TMPDIR": str(folder), "PATH": os.defpath}
    limits = {"CPU": _CPU_S, "DATA": _MEMORY_BYTES, "FSIZE": file_bytes}
    try:
        return start_program(command, environment, limits, pipes)
    except OSError as error:
        raise BrowserFailed(f"it cannot be started ({error})") from error


def _pipe() -> tuple[int, int]:
    """Return a pipe whose descriptors are above those that a program expects."""
    ends = []
    for fd in os.pipe():
        ends.append(fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE_FD))
        os.close(fd)
    return ends[0], ends[1]
