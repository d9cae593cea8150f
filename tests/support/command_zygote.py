"""`pagesight` commands in processes of their own that need not import everything anew.

A zygote imports what the commands import and forks for each of them: the child is the real command, from its
arguments to its exit code, without the seconds that torch and SQLAlchemy take to load. The zygote runs no
thread and opens no file of the product, so nothing but modules is shared.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import json
import os
import subprocess
import sys
import tempfile
import threading
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
        request = {"words": words, "environment": environment, "out": str(out), "err": str(err)}
        zygote = _zygote()
        assert zygote.stdin is not None and zygote.stdout is not None
        zygote.stdin.write(json.dumps(request) + "\n")
        zygote.stdin.flush()
        pid = int(zygote.stdout.readline())
        alarm = threading.Timer(timeout_s, os.kill, (pid, 9))
        alarm.start()
        code = int(zygote.stdout.readline())
        alarm.cancel()
        return CommandResult(code, out.read_text(), err.read_text())


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
        request = json.loads(line)
        if (pid := os.fork()) == 0:
            _become(**request)  # leaves as the command does, by SystemExit
        print(pid, flush=True)
        _, status = os.waitpid(pid, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _become(words: list[str], environment: dict[str, str], out: str, err: str) -> None:
    for descriptor, path, flags in (
        (0, os.devnull, os.O_RDONLY),
        (1, out, os.O_WRONLY | os.O_CREAT),
        (2, err, os.O_WRONLY | os.O_CREAT),
    ):
        opened = os.open(path, flags, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.environ.clear()
    os.environ.update(environment)
    sys.stdin = open(0)  # noqa: SIM115 - as long as the process
    sys.argv = ["pagesight", *words]
    from api.cli.main import main

    main()
    sys.exit()


if __name__ == "__main__":
    _serve_requests()
