"""Run a program in a process that has limits and no network. Standard library only; it ends in `execv`."""

from __future__ import annotations

import json
import os
import resource
import signal
from typing import NoReturn

from indexer.inputs.sandbox.confinement import die_with_parent, restore_signals
from indexer.inputs.sandbox.no_network import refuse_network

_NO_NETWORK_EXIT = 77


def main(request_json: str) -> NoReturn:
    """Confine this process and become the program; it leaves with 77 where it cannot be confined."""
    request = json.loads(request_json)
    restore_signals()
    die_with_parent(request["parent_pid"])
    for name, limit in request["limits"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(kind)
        limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
        resource.setrlimit(kind, (limit, limit))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    if not refuse_network():
        os._exit(_NO_NETWORK_EXIT)
    for fd, pipe in request["pipes"].items():
        os.dup2(pipe, int(fd))
        os.close(pipe)
    os.execve(request["command"][0], request["command"], request["environment"])  # noqa: S606
