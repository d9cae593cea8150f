"""The bench's side of an engine's process: starts it, asks, and ends it when it takes too long."""

from __future__ import annotations

import json
import os
import selectors
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parents[3]
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


class EngineFailed(Exception):
    """The engine ended; the message, its last words, is for the report."""


class EngineTooSlow(EngineFailed):
    """It took longer than it was given, and was ended."""


class EngineProcess:
    """`asked = process.ask({...}, limit_s)`, within a `with`."""

    def __init__(
        self, python: Path, name: str, corpus: Path, n_pages: int, folder: Path, threads: int
    ) -> None:
        command = [str(python), "-m", "tests.benchmarks.engine.worker", name]
        command += [str(corpus), str(n_pages), str(folder), str(threads)]
        environment = os.environ | dict.fromkeys(THREADS, str(threads))
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115 - closed by __exit__
        self._process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def ask(self, question: Mapping[str, Any], limit_s: float) -> dict[str, Any]:
        """Raises EngineFailed when the engine ended, EngineTooSlow when it
        has no answer within `limit_s`."""
        process = self._process
        assert process.stdin is not None and process.stdout is not None
        try:
            print(json.dumps(question), file=process.stdin, flush=True)
        except BrokenPipeError:
            raise EngineFailed(self._last_words()) from None
        with selectors.DefaultSelector() as waiting:
            waiting.register(process.stdout, selectors.EVENT_READ)
            if not waiting.select(limit_s):
                self._end()
                raise EngineTooSlow(f"{question['do']}: not done within {limit_s:.0f} s")
        line = process.stdout.readline()
        if not line:
            raise EngineFailed(self._last_words())
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _last_words(self) -> str:
        code = self._process.wait()
        self._errors.seek(0)
        lines = [line.strip() for line in self._errors.read().splitlines() if line.strip()]
        return lines[-1] if lines else f"ended with exit status {code}"

    def _end(self) -> None:
        self._process.kill()
        self._process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()
        for pipe in (self._process.stdin, self._process.stdout, self._errors):
            if pipe is not None:
                pipe.close()
