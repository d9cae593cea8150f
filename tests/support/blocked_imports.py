"""Commands in a process in which some modules are as good as not installed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence

_COMMANDS = """
import json, sys
sys.modules.update(dict.fromkeys(json.loads(sys.argv[1])))
from api.cli.main import app
for words in json.loads(sys.argv[2]):
    app(words, standalone_mode=False)
"""


def output_without(
    modules: Sequence[str], commands: Sequence[Sequence[str]], environment: dict[str, str]
) -> str:
    """Run commands one after another where nobody can import `modules`; return what they print."""
    quick = {"PAGESIGHT_LAYOUT": "never", "PAGESIGHT_OCR": "never", "NO_COLOR": "1"}
    child = subprocess.run(
        [sys.executable, "-c", _COMMANDS, json.dumps(modules), json.dumps(commands)],
        env={**os.environ, **quick, **environment},
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert child.returncode == 0, child.stderr
    return child.stdout
