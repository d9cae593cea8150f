"""Have a program print a file to PDF, in a sandbox of its own: a deadline, no network, no macros."""

from __future__ import annotations

import os
import shutil
import subprocess
import weakref
from pathlib import Path
from tempfile import TemporaryDirectory

from indexer.base.settings import IndexerSettings
from indexer.inputs.sandbox.program import end_program, start_program

_CPU_S = 120
_DEADLINE_S = 300.0
_MEMORY_BYTES = 6 * 1024**3  # of addresses, of which it uses a tenth
# Nothing active, nothing from elsewhere.
_SETTINGS = {
    "/org.openoffice.Office.Common/Security/Scripting": {
        "MacroSecurityLevel": "3",
        "DisableMacrosExecution": "true",
        "DisableActiveContent": "true",
        "DisablePythonRuntime": "true",
        "BlockUntrustedRefererLinks": "true",
    },
    "/org.openoffice.Office.Writer/Content/Update": {"Link": "0"},
    "/org.openoffice.Office.Calc/Content/Update": {"Link": "1"},
}


class PrintingFailed(Exception):
    """The program gave no PDF; `timed_out`: not in time."""

    def __init__(self, reason: str, *, timed_out: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out


class PrintedFile:
    """A PDF that has no name any more; it lasts as long as this object. `path` opens it again."""

    def __init__(self, path: Path) -> None:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.path = Path(f"/proc/self/fd/{fd}")
        weakref.finalize(self, os.close, fd)


def print_file(fd: int, ending: str, program: str, settings: IndexerSettings) -> PrintedFile:
    """Return the PDF that LibreOffice makes of an open file. Raises PrintingFailed, OSError."""
    with TemporaryDirectory(prefix="pagesight-print-") as name:
        folder = Path(name)
        source = folder / f"document{ending}"
        with open(fd, "rb", closefd=False) as content, source.open("xb") as copy:
            content.seek(0)
            shutil.copyfileobj(content, copy)
        _write_profile(folder / "profile")
        _run(program, folder, source, settings)
        pdf_path = folder / "document.pdf"
        if not pdf_path.is_file() or not pdf_path.stat().st_size:
            raise PrintingFailed("it gave no PDF")
        return PrintedFile(pdf_path)


def _run(program: str, folder: Path, source: Path, settings: IndexerSettings) -> None:
    command = [
        program, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--norestore",
        "--nologo", "--nodefault", "--nolockcheck", "--convert-to", "pdf", "--outdir", str(folder),
        str(source),
    ]  # fmt: skip
    environment = {
        "HOME": str(folder), "TMPDIR": str(folder), "PATH": os.defpath, "LC_ALL": "C.UTF-8",
        "SAL_USE_VCLPLUGIN": "svp",
    }  # fmt: skip
    limits = {"CPU": _CPU_S, "AS": _MEMORY_BYTES, "FSIZE": settings.max_file_bytes}
    process = start_program(command, environment, limits)
    try:
        code = process.wait(_DEADLINE_S)
    except subprocess.TimeoutExpired:
        raise PrintingFailed(f"it took more than {_DEADLINE_S:g} s", timed_out=True) from None
    finally:
        end_program(process)
    if code:
        raise PrintingFailed(f"it ended with exit status {code}")


def _write_profile(folder: Path) -> None:
    items = "".join(
        f'<item oor:path="{path}"><prop oor:name="{name}" oor:op="fuse"><value>{value}</value></prop></item>'
        for path, properties in _SETTINGS.items()
        for name, value in properties.items()
    )
    (folder / "user").mkdir(parents=True)
    (folder / "user" / "registrymodifications.xcu").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<oor:items xmlns:oor="http://openoffice.org/2001/registry" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" '
        f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{items}</oor:items>'
    )
