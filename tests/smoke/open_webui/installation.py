"""Open WebUI itself, in an environment of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

VERSION = "0.12.4"


def installed(environment: Path) -> Path:
    """Return the command `open-webui` of an environment, which is made where it is not there yet.

    torch comes first, from the index that the machine is set up with: else pip takes the build for GPUs.
    """
    command = environment / "bin" / "open-webui"
    python = environment / "bin" / "python"
    if not command.exists():
        subprocess.run([sys.executable, "-m", "venv", environment], check=True)
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "-r", ROOT / "requirements-torch.lock"], check=True)
        subprocess.run([*pip, f"open-webui=={VERSION}"], check=True)
    return command
