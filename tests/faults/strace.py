"""Faults at system calls, whoever makes them: strace holds a process, and kills it or fails a call."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

CHANGING = ("write", "pwrite64", "writev", "pwritev", "fsync", "fdatasync", "rename", "renameat",
            "renameat2", "mkdir", "mkdirat", "unlink", "unlinkat", "rmdir", "ftruncate", "truncate",
            "fallocate", "link", "linkat", "chmod", "fchmod", "fchmodat", "msync",
            "copy_file_range", "sendfile", "openat")  # fmt: skip
READING = ("openat", "read", "pread64", "newfstatat", "getdents64", "mmap")

_CALL = re.compile(r"^(\d+) +(\w+)\((.*)$")


@dataclass(frozen=True)
class CallPoint:
    """The nth call of one kind in the thread that gets there first; `line` is how strace showed it."""

    syscall: str
    nth: int
    line: str


def missing() -> str:
    """Say why no process can be traced here; empty where it can."""
    if shutil.which("strace") is None:
        return "strace is not installed: the kills between Python and its system calls remain"
    probe = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True)
    return "" if probe.returncode == 0 else "strace may not trace processes here"


def attach(
    pid: int, log: Path, syscalls: tuple[str, ...], inject: str | None
) -> subprocess.Popen[str]:
    """Return a tracer that has taken hold of the process, which must wait meanwhile."""
    command = ["strace", "-f", "-y", "-s", "0", "-p", str(pid), "-o", str(log)]
    command += ["-e", "trace=" + ",".join(syscalls)]
    if inject is not None:
        command += ["-e", f"inject={inject}"]
    tracer = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    assert tracer.stderr is not None
    line = tracer.stderr.readline()
    if "attached" not in line:
        raise RuntimeError(f"strace did not take hold of the process: {line}")
    return tracer


def call_points(log: str, within: str) -> list[CallPoint]:
    """Return the calls of a log that have to do with `within`, each once, in their order.

    strace counts for every thread anew, and the first thread at the nth call is the one that meets the fault.
    """
    counts: Counter[tuple[str, str]] = Counter()
    points: dict[tuple[str, int], CallPoint] = {}
    for line in log.splitlines():
        match = _CALL.match(line)
        if match is None:
            continue
        thread, syscall, rest = match.groups()
        counts[thread, syscall] += 1
        nth = counts[thread, syscall]
        points.setdefault((syscall, nth), CallPoint(syscall, nth, rest))
    return [point for point in points.values() if within in point.line]


def changes_disk(point: CallPoint) -> bool:
    return point.syscall in CHANGING and (point.syscall != "openat" or "O_CREAT" in point.line)
