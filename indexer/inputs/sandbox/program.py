"""Start a program that reads what nobody can trust: in a process that has limits and no network."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

_BOOTSTRAP = (
    "import json, sys\n"
    "sys.path[:] = json.loads(sys.argv[1])\n"
    "from indexer.inputs.sandbox.program_child import main\n"
    "main(sys.argv[2])\n"
)


def start_program(
    command: Sequence[str],
    environment: Mapping[str, str],
    limits: Mapping[str, int],
    pipes: Mapping[int, int] | None = None,
) -> subprocess.Popen[bytes]:
    """Start a program in a session of its own; it ends with the thread that starts it.

    limits  by the names of `resource`, without RLIMIT_
    pipes   descriptors of this process, above 9, by the numbers that they have in the program

    Raises OSError.
    """
    pipes = pipes or {}
    request = {
        "parent_pid": os.getpid(), "command": list(command), "environment": dict(environment),
        "limits": {**limits, "CORE": 0}, "pipes": dict(pipes),
    }  # fmt: skip
    root = str(Path(__file__).resolve().parents[3])
    folders = [*(str(Path(entry).absolute()) for entry in sys.path), root]
    python = [sys.executable, "-I", "-S", "-X", "utf8", "-c", _BOOTSTRAP]
    return subprocess.Popen(
        [*python, json.dumps(folders), json.dumps(request)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={},
        start_new_session=True,
        pass_fds=tuple(pipes.values()),
    )


def end_program(process: subprocess.Popen[bytes]) -> None:
    """Kill a program and all that it started."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
