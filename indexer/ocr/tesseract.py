"""Read page images with Tesseract, a program that reads the scripts which the engine does not.

It runs as a process of its own, on pixels of ours alone, within limits of memory, CPU and wall time. Where
it is not installed there is none, and pages in those scripts get a warning.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from functools import cached_property
from io import BytesIO
from typing import NamedTuple

from PIL import Image

from indexer.base.pages import FractionBox

PROGRAM = "tesseract"
# Languages that the engine reads better; `osd` is none.
_READ_BY_ENGINE = {"eng", "chi_sim", "chi_tra", "jpn", "osd", "equ", "snum"}
_MEMORY_BYTES = 2 * 1024**3
_CPU_S = 60
_WALL_S = 180.0
_LIST_S = 20.0
_WORD_LEVEL = "5"
_MAX_OUTPUT_BYTES = 8 * 1024**2


class TesseractWord(NamedTuple):
    """box in fractions of the image; confidence 0..100; line tells words of one line from others."""

    text: str
    box: FractionBox
    confidence: float
    line: tuple[str, ...]


class Tesseract:
    """The program at a path. Safe to use from several threads."""

    def __init__(self, path: str) -> None:
        self._path = path

    @classmethod
    def find(cls) -> Tesseract | None:
        """Return the program that is installed, or None."""
        path = shutil.which(PROGRAM)
        return cls(path) if path else None

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The installed languages that the engine does not read; none when the program fails."""
        output = self._run(["--list-langs"], b"", _LIST_S)
        names = output.decode("utf-8", "replace").splitlines()[1:]
        return tuple(name for name in names if name.isidentifier() and name not in _READ_BY_ENGINE)

    def read(
        self, image: Image.Image, language: str, *, block: bool = False
    ) -> list[TesseractWord]:
        """Return the words of a page, or of one block of lines; none when the program fails."""
        pixels = BytesIO()
        image.convert("L").save(pixels, "PPM")
        # One column for a page: told to look for more, the program takes Korean print apart.
        options = ["stdin", "stdout", "-l", language, "--psm", "6" if block else "4"]
        output = self._run([*options, "tsv"], pixels.getvalue(), _WALL_S)
        return list(_words(output.decode("utf-8", "replace"), image.size))

    def _run(self, arguments: Sequence[str], data: bytes, wall_s: float) -> bytes:
        try:
            process = subprocess.Popen(
                ["/usr/bin/env", "OMP_THREAD_LIMIT=1", self._path, *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError:
            return b""
        with process:
            with suppress(ProcessLookupError, PermissionError):
                resource.prlimit(process.pid, resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
                resource.prlimit(process.pid, resource.RLIMIT_CPU, (_CPU_S, _CPU_S))
            try:
                output, _ = process.communicate(data, wall_s)
            except subprocess.TimeoutExpired:
                process.kill()
                return b""
        return output[:_MAX_OUTPUT_BYTES] if process.returncode == 0 else b""


def _words(tsv: str, size: tuple[int, int]) -> list[TesseractWord]:
    """Parse the program's table; rows that are no words, or lie outside of the image, are left out."""
    words: list[TesseractWord] = []
    for row in tsv.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != _WORD_LEVEL:
            continue
        try:
            left, top, width, height = map(int, cells[6:10])
            confidence = float(cells[10])
        except ValueError:
            continue
        box = (
            left / size[0],
            top / size[1],
            (left + width) / size[0],
            (top + height) / size[1],
        )
        if not (0 <= box[0] < box[2] <= 1 and 0 <= box[1] < box[3] <= 1):
            continue
        line = tuple(cells[2:5])
        words += [TesseractWord(part, box, confidence, line) for part in cells[11].split()]
    return words
