"""Processes that have imported what a child needs, and fork into one for each document.

A child that was started anew would take 0.11 s of CPU to import what it needs, and 0.4 s to load the layout
model. There is one warm process without the model and, once a document has needed it, another one with it.
None ever touches a document. They are shared by the threads of this process, and never with a process that
forks from it. The other end of the socket is `forking.py`.
"""

from __future__ import annotations

import atexit
import errno
import json
import os
import socket
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

from indexer.inputs.sandbox.forking import MAX_MESSAGE_BYTES
from indexer.inputs.sandbox.frames import RenderRequest

_ANSWER_S = 60.0  # a fork takes milliseconds; a warm process that is silent so long is ended
_KILLED = -9
_MODEL_BYTES = 1 << 30  # address space below which a child does not begin with the model in it

# Isolated: no environment, no site folder, no current folder; only the parent's own import path.
_BOOTSTRAP = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from indexer.inputs.child import main\n"
    "main(with_model=sys.argv[2] == 'model')\n"
)


class ForkedChild:
    """A child of a warm process, seen from here."""

    def __init__(self, pid: int, parent: _WarmProcess) -> None:
        self.pid = pid
        self._parent = parent

    def kill(self) -> None:
        """Kill the child and all it started; another thread may be reading from it."""
        with suppress(ConnectionError):
            self._parent.ask({"kill": self.pid})

    def end(self) -> int:
        """Kill the child and all it started, and reap it. Return its exit code, of a signal the negative."""
        try:
            answer = self._parent.ask({"end": self.pid})
        except ConnectionError:  # the warm process is gone, and the child with it
            return _KILLED
        usage.add(answer.get("cpu_s", 0.0), answer.get("peak_bytes", 0))
        return int(answer.get("code", _KILLED))


class ChildUsage:
    """What the children that have ended took: CPU seconds of all, bytes of memory of the largest."""

    def __init__(self) -> None:
        self.cpu_s = 0.0
        self.peak_bytes = 0
        self._lock = threading.Lock()

    def add(self, cpu_s: float, peak_bytes: int) -> None:
        """Count one more."""
        with self._lock:
            self.cpu_s += cpu_s
            self.peak_bytes = max(self.peak_bytes, peak_bytes)


def start_child(request: RenderRequest, file_fd: int, pipe_fd: int) -> ForkedChild:
    """Fork a child that reads `file_fd` and writes to `pipe_fd`. Raises OSError when there is no process."""
    return _processes.start_child(request, file_fd, pipe_fd)


def note_model_use() -> None:
    """Let the next documents that may need the layout model begin with it."""
    _processes.is_model_used = True


def warm_command(*, with_model: bool) -> list[str]:
    """Return the command line of a warm process, which gets our import path, and nothing else of us."""
    root = str(Path(__file__).resolve().parents[3])
    folders = [str(Path(entry).absolute()) for entry in sys.path]
    if root not in folders:
        folders.append(root)
    options = ["-I", "-S", "-X", "utf8", "-c", _BOOTSTRAP]
    return [sys.executable, *options, json.dumps(folders), "model" if with_model else "plain"]


class _WarmProcess:
    """A running warm process. Raises OSError when none can be started."""

    def __init__(self, *, with_model: bool) -> None:
        self.lock = threading.RLock()
        self.socket, other_end = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._popen = subprocess.Popen(
                warm_command(with_model=with_model),
                stdin=other_end.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={},
                start_new_session=True,  # Ctrl-C is for us
            )
        except OSError:
            self.socket.close()
            raise
        finally:
            other_end.close()
        self.socket.settimeout(_ANSWER_S)

    def ask(self, message: dict[str, Any], descriptors: tuple[int, ...] = ()) -> dict[str, Any]:
        """Send a message, return its answer. Raises ConnectionError when the process is gone."""
        with self.lock:
            try:
                socket.send_fds(self.socket, [json.dumps(message).encode()], descriptors)
                answer = self.socket.recv(MAX_MESSAGE_BYTES)
            except TimeoutError as error:
                self.end()
                raise ConnectionError("a warm process does not answer") from error
            except OSError as error:
                if error.errno in (errno.EMSGSIZE, errno.EMFILE, errno.ETOOMANYREFS):
                    raise
                raise ConnectionError("a warm process is gone") from error
        if not answer:
            raise ConnectionError("a warm process is gone")
        content: dict[str, Any] = json.loads(answer)
        return content

    def end(self) -> None:
        """End and reap the process; its children end with it."""
        self._popen.kill()
        with self.lock:  # who waits for an answer has got the end of the stream
            self.socket.close()
        self._popen.wait()


class WarmProcesses:
    """Those of this process, by whether they hold the layout model."""

    def __init__(self) -> None:
        self.is_model_used = False
        self._is_model_refused = False
        self._lock = threading.Lock()
        self._running: dict[bool, _WarmProcess] = {}

    def start_child(self, request: RenderRequest, file_fd: int, pipe_fd: int) -> ForkedChild:
        with_model = (
            self.is_model_used
            and not self._is_model_refused
            and request.layout != "never"
            and request.memory_bytes >= _MODEL_BYTES
        )
        message = {"start": request._asdict()}
        for _ in range(2):  # the first may have ended, for want of work, at this moment
            process = self._process(with_model)
            try:
                answer = process.ask(message, (file_fd, pipe_fd))
            except ConnectionError:
                self._forget(with_model, process)
                continue
            if "errno" in answer:
                raise OSError(answer["errno"], os.strerror(answer["errno"]))
            return ForkedChild(int(answer["pid"]), process)
        if with_model:
            self._is_model_refused = True
            return self.start_child(request, file_fd, pipe_fd)
        raise OSError(errno.ECHILD, "the process that starts them ends at once")

    def _process(self, with_model: bool) -> _WarmProcess:
        with self._lock:
            if with_model not in self._running:
                self._running[with_model] = _WarmProcess(with_model=with_model)
            return self._running[with_model]

    def _forget(self, with_model: bool, process: _WarmProcess) -> None:
        with self._lock:
            if self._running.get(with_model) is process:
                del self._running[with_model]
        process.end()

    def end_all(self) -> None:
        """End all of them."""
        with self._lock:
            for process in self._running.values():
                process.end()
            self._running.clear()

    def leave_to_parent(self) -> None:
        """Forget, in a process that was forked, those of its parent."""
        self._lock = threading.Lock()
        for process in self._running.values():
            process.lock = threading.RLock()
            process.socket.close()
        _of_parent.extend(self._running.values())  # kept: they are not ours to wait for
        self._running = {}


usage = ChildUsage()
_of_parent: list[_WarmProcess] = []
_processes = WarmProcesses()
os.register_at_fork(after_in_child=_processes.leave_to_parent)
atexit.register(_processes.end_all)
