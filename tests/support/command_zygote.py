"""`pagesight` commands in processes of their own that need not import everything anew.

A zygote imports what the commands import and forks for each of them: the child is the real command, from its
arguments to its exit code, without the seconds that torch and SQLAlchemy take to load. The zygote runs no
thread and opens no file of the product, so nothing but modules is shared.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from indexer.inputs.pdf.regions import layout_model

ROOT = Path(__file__).parent.parent.parent
HEAVY = (
    "torch", "alembic.command", "alembic.config", "pymupdf", "uvicorn", "sqlalchemy.dialects.sqlite",
    "api.cli.main", "api.serve.app", "indexer.encoders.lite.encoder", "indexer.inputs.rasterizer",
    "retriever.searcher", "generator.registry", "tests.support.command_zygote",
)  # fmt: skip

_PR_SET_PDEATHSIG = 1
_talk = threading.Lock()


@dataclass(frozen=True)
class CommandResult:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


def run_command(words: list[str], environment: dict[str, str], timeout_s: float) -> CommandResult:
    """Run `pagesight WORDS` with exactly that environment; a negative code is the signal that ended it."""
    with tempfile.TemporaryDirectory() as folder:
        out, err = Path(folder) / "out", Path(folder) / "err"
        command = RunningCommand(words, environment, out, err)
        alarm = threading.Timer(timeout_s, command.kill)
        alarm.start()
        code = int(_ask(wait=command.pid))
        alarm.cancel()
        return CommandResult(code, out.read_text(), err.read_text())


class RunningCommand:
    """`pagesight WORDS` that runs beside the test, with what a `Popen` has that tests need.

    out, err  files for what it writes; without them standard output is dropped, and standard error is ours
    """

    def __init__(
        self,
        words: list[str],
        environment: dict[str, str],
        out: str | Path = os.devnull,
        err: str | Path = "",
    ) -> None:
        start = {"words": words, "environment": environment, "out": str(out), "err": str(err)}
        self.pid = int(_ask(start=start))
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code once it has ended; a negative one is the signal that ended it."""
        if self._code is None and (answer := _ask(poll=self.pid)):
            self._code = int(answer)
        return self._code

    def wait(self, timeout_s: float) -> int:
        """Return the exit code. Raises TimeoutExpired when it goes on for longer."""
        deadline = time.monotonic() + timeout_s
        while (code := self.poll()) is None:
            if time.monotonic() > deadline:
                raise subprocess.TimeoutExpired("pagesight", timeout_s)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Send a signal, unless it is known to have ended."""
        if self._code is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)


def _ask(**request: Any) -> str:
    zygote = _zygote()
    assert zygote.stdin is not None and zygote.stdout is not None
    with _talk:
        zygote.stdin.write(json.dumps(request) + "\n")
        zygote.stdin.flush()
        return zygote.stdout.readline().strip()


@cache
def _zygote() -> subprocess.Popen[str]:
    zygote = subprocess.Popen(
        [sys.executable, "-m", "tests.support.command_zygote"],
        cwd=ROOT,
        env=os.environ | {"NO_COLOR": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(zygote.kill)
    return zygote


def _serve_requests() -> None:
    layout_model.hold_back()  # threads of ONNX Runtime would be lost in a fork
    for name in HEAVY:
        importlib.import_module(name)
    assert threading.active_count() == 1
    gc.freeze()  # a child that collects garbage copies no page of memory for it
    while line := sys.stdin.readline():
        print(_answer(**json.loads(line)), flush=True)


def _answer(start: dict[str, Any] | None = None, wait: int = 0, poll: int = 0) -> int | str:
    """Answer with the pid of what was started, or an exit code, empty while there is none."""
    if start is not None:
        if (pid := os.fork()) == 0:
            ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
            _become(**start)  # leaves as the command does, by SystemExit
        return pid
    pid, status = os.waitpid(wait or poll, 0 if wait else os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if pid else ""


def _become(words: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT),
        (2, err, os.O_WRONLY | os.O_CREAT),
    ):
        if not path:
            continue
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0)  # noqa: SIM115 - as long as the process
    sys.argv = ["pagesight", *words]
    from api.cli.__main__ import main

    main()
    sys.exit()


if __name__ == "__main__":
    _serve_requests()
