"""What the Dockerfile makes, in a folder: its stages are folders with an environment each.

Every COPY and RUN is done as it stands; the places `/src`, `/app`, `/wheels` and `/data` are below the
folder, and accounts are not made.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import ROOT

_PLACE = re.compile(r"(?<![\w.])/(src|app|wheels|data)\b")
_ACCOUNT = re.compile(r"&& (?:useradd .*? && )?(mkdir --mode 700 \S+) && chown \S+ \S+$")


class ImageFolder:
    """The image of the Dockerfile below `root`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.stage = root
        self.command: list[str] = []
        self._work = root

    @property
    def programs(self) -> Path:
        """The folder of `pagesight`."""
        return self.stage / "environment" / "bin"

    def build(self) -> None:
        """Do what the Dockerfile says. Raises CalledProcessError."""
        for instruction, words in _instructions(ROOT / "Dockerfile"):
            print(f"{instruction} {words}", flush=True)
            getattr(self, f"_{instruction.lower()}")(words)

    def _from(self, words: str) -> None:
        image, _, name = words.partition(" AS ")
        version = re.match(r"python:(3\.\d+)", image)
        assert version is not None, image
        self.stage = self.root / (name or "run")
        self.stage.mkdir(parents=True)
        # The system's own first: an interpreter in somebody's home is closed to the containers' user.
        interpreter = f"python{version[1]}"
        python = shutil.which(interpreter, path="/usr/local/bin:/usr/bin") or interpreter
        subprocess.run([python, "-m", "venv", self.stage / "environment"], check=True)

    def _workdir(self, words: str) -> None:
        self._work = self.stage / words.strip("/")
        self._work.mkdir(exist_ok=True)

    def _copy(self, words: str) -> None:
        *sources, target = words.split()
        stage = next((w.removeprefix("--from=") for w in sources if w.startswith("--from=")), None)
        base = ROOT if stage is None else self.root / stage
        place = self.stage / target.strip("/") if target.startswith("/") else self._work / target
        for name in (source for source in sources if not source.startswith("--")):
            source = base / name.strip("/")
            if source.is_dir():
                ignored = shutil.ignore_patterns("__pycache__", "*.so")
                shutil.copytree(source, place, dirs_exist_ok=True, ignore=ignored)
            else:
                shutil.copy(source, place)

    def _run(self, words: str) -> None:
        command = _ACCOUNT.sub(r"&& \1", words)
        command = _PLACE.sub(lambda match: shlex.quote(str(self.stage / match[1])), command)
        names = {"PATH": f"{self.programs}:{os.environ['PATH']}", "PYTHONDONTWRITEBYTECODE": ""}
        subprocess.run(["sh", "-ec", command], cwd=self._work, env=os.environ | names, check=True)

    def _user(self, words: str) -> None:
        assert words != "root"

    def _expose(self, words: str) -> None:
        assert words.isdecimal()

    def _cmd(self, words: str) -> None:
        self.command = [word.strip(' "') for word in words.strip("[]").split(",")]


def _instructions(dockerfile: Path) -> Iterator[tuple[str, str]]:
    text = re.sub(r"^#.*\n", "", dockerfile.read_text(encoding="utf-8"), flags=re.MULTILINE)
    for line in text.replace("\\\n", " ").splitlines():
        instruction, _, words = line.partition(" ")
        if instruction:
            yield instruction, " ".join(words.split())
