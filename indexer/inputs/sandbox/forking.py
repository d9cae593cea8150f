"""Fork into a child for each document, in a process that has imported what children need.

It hears its parent on a socket of messages: `start` comes with the descriptors of the file and of the pipe,
and is answered with the child's number; `end` kills and reaps one, `kill` only kills. A child is not reaped
before `end`, so its number is nobody else's till then. The process ends when its parent does, or for want of
work; its children end with it. It must run one thread: what another one holds would stay locked in a child.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any, NoReturn

from indexer.inputs.sandbox import confinement
from indexer.inputs.sandbox.frames import RenderRequest

MAX_MESSAGE_BYTES = 1024 * 1024
_IDLE_S = 60.0

RunChild = Callable[[RenderRequest], NoReturn]


def serve_forks(connection: socket.socket, run_child: RunChild) -> NoReturn:
    """Answer messages until the parent is gone, or nothing has been asked for in a while."""
    _Forks(connection, run_child).serve()
    os._exit(0)


class _Forks:
    def __init__(self, connection: socket.socket, run_child: RunChild) -> None:
        self._connection = connection
        self._run_child = run_child
        self._pids: set[int] = set()

    def serve(self) -> None:
        poll = select.poll()
        poll.register(self._connection, select.POLLIN)
        while poll.poll(None if self._pids else _IDLE_S * 1000):
            message, descriptors, _, _ = socket.recv_fds(self._connection, MAX_MESSAGE_BYTES, 2)
            if not message:
                break
            answer = self._answer(json.loads(message), descriptors)
            self._connection.send(json.dumps(answer).encode())
        for pid in self._pids:
            _kill(pid)

    def _answer(self, message: dict[str, Any], descriptors: list[int]) -> dict[str, Any]:
        if "start" in message:
            return self._start(RenderRequest(**message["start"]), descriptors)
        pid = message.get("end", message.get("kill"))
        if pid not in self._pids:
            return {"errno": 0}
        _kill(pid)
        if "kill" in message:
            return {}
        _, status, usage = os.wait4(pid, 0)
        self._pids.discard(pid)
        cpu_s = usage.ru_utime + usage.ru_stime
        code = os.waitstatus_to_exitcode(status)
        return {"code": code, "cpu_s": cpu_s, "peak_bytes": usage.ru_maxrss * 1024}

    def _start(self, request: RenderRequest, descriptors: list[int]) -> dict[str, Any]:
        own_pid = os.getpid()
        try:
            pid = os.fork()
        except OSError as error:
            return {"errno": error.errno}
        else:
            if pid == 0:
                self._become_child(request, descriptors, own_pid)
            with suppress(OSError):  # it has done so itself, or is gone
                os.setpgid(pid, pid)
            self._pids.add(pid)
            return {"pid": pid}
        finally:
            for descriptor in descriptors:
                os.close(descriptor)

    def _become_child(
        self, request: RenderRequest, descriptors: list[int], parent_pid: int
    ) -> NoReturn:
        try:
            confinement.die_with_parent(parent_pid)
            os.setpgid(0, 0)  # whatever it starts can be ended with it
            self._connection.close()
            file, pipe = descriptors
            os.dup2(file, 0)
            os.dup2(pipe, 1)
            os.close(file)
            os.close(pipe)
            self._run_child(request)
        finally:
            os._exit(1)


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
