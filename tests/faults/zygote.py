"""Trials in processes of their own that need not import everything anew.

A zygote imports the product once and forks twice for each trial: a child that does the work and meets
the fault, and one that reopens what is left and judges it. They share only the data folder.
"""

from __future__ import annotations

import atexit
import ctypes
import gc
import importlib
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from indexer.inputs.pdf.regions import layout_model

ROOT = Path(__file__).parent.parent.parent
# PyMuPDF before FAISS: both are made by SWIG, and the second takes over the first one's vectors of floats.
HEAVY = ("torch", "pymupdf", "faiss", "alembic.command", "alembic.config", "uvicorn",
         "sqlalchemy.dialects.sqlite", "PIL.WebPImagePlugin", "fastapi.testclient", "api.cli.main",
         "api.serve.app", "indexer.encoders.fake", "generator.registry")  # fmt: skip
MODULES = ("trials", "damage", "serving", "full_disk")  # whose functions `call` runs
LIMIT_S = 600  # only so that what hangs ends
_PR_SET_PDEATHSIG, _PR_SET_PTRACER = 1, 0x59616D61


class Zygote:
    """`call` runs a function of one of `MODULES` in the zygote and returns what it returns."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"],
            cwd=ROOT,
            env=os.environ | {"NO_COLOR": "1", "OMP_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        atexit.register(self.close)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()

    def call(self, function: str, **options: Any) -> Any:
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(json.dumps({"function": function, "options": options}) + "\n")
        self._process.stdin.flush()
        answer = json.loads(self._process.stdout.readline())
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return answer["result"]


def in_child(
    function: Callable[[], Any],
    *,
    held_by: Callable[[int], Any] | None = None,
    limit_s: int = LIMIT_S,
) -> Any:
    """Run a function in a forked child and return its result as (exit code, result or error text).

    held_by  gets the child's pid before the child begins, and returns what must be waited for afterwards
    limit_s  a child that takes longer is ended
    """
    gate_out, gate_in = os.pipe()
    result_out, result_in = os.pipe()
    pid = os.fork()
    if pid == 0:
        _be_child(function, gate_out, result_in, limit_s)
    os.close(gate_out)
    os.close(result_in)
    tracer = held_by(pid) if held_by is not None else None
    os.write(gate_in, b".")
    os.close(gate_in)
    with os.fdopen(result_out, "rb") as pipe:
        body = pipe.read()
    _, status = os.waitpid(pid, 0)
    if tracer is not None:
        tracer.communicate()
    code = os.waitstatus_to_exitcode(status)
    return code, json.loads(body) if body and code == 0 else body.decode()


def start_child(function: Callable[[], Any]) -> int:
    """Fork a child that says nothing and runs until it is killed or done; return its pid."""
    pid = os.fork()
    if pid == 0:
        _die_with_parent()
        quiet = os.open(os.devnull, os.O_RDWR)
        for descriptor in (0, 1, 2):
            os.dup2(quiet, descriptor)
        try:
            function()
        finally:
            os._exit(0)
    return pid


def _die_with_parent() -> None:
    """Leave no process behind when the tests are broken off."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    ctypes.CDLL(None).prctl(
        _PR_SET_PTRACER, ctypes.c_ulong(-1)
    )  # where only children may be traced


def _be_child(function: Callable[[], Any], gate: int, result_in: int, limit_s: int) -> None:
    write, leave = os.write, os._exit
    try:
        _die_with_parent()
        signal.alarm(limit_s)
        gc.disable()
        logging.disable()
        os.read(gate, 1)
        body = json.dumps(function()).encode()
        code = 0
    except BaseException:  # noqa: BLE001 - the child's boundary: the parent tells the error
        body = traceback.format_exc().encode()[-4000:]
        code = 3
    write(result_in, body)
    leave(code)


def _serve_requests() -> None:
    layout_model.hold_back()  # threads of ONNX Runtime would be lost in a fork
    for name in HEAVY:
        importlib.import_module(name)
    modules = [importlib.import_module(f"tests.faults.{name}") for name in MODULES]
    modules[0].warm_up()
    assert threading.active_count() == 1
    gc.freeze()  # a child that collects would touch, and so copy, everything that was imported
    while line := sys.stdin.readline():
        request = json.loads(line)
        try:
            function = next(
                vars(m)[name] for m in modules if (name := request["function"]) in vars(m)
            )
            answer = {"result": function(**request["options"])}
        except Exception:  # noqa: BLE001 - the zygote's boundary: the test tells the error
            answer = {"error": traceback.format_exc()}
        print(json.dumps(answer), flush=True)


def copy_folder(source: Path, target: Path) -> None:
    """Copy a template; a folder that does not exist stays so."""
    if source.exists():
        shutil.copytree(source, target, symlinks=True)


if __name__ == "__main__":
    _serve_requests()
