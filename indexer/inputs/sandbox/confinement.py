"""Confine the rasterizer's child before it touches a document (Linux)."""

from __future__ import annotations

import os
import resource
import signal

from indexer.inputs.sandbox.no_network import refuse_network

_N_DESCRIPTORS = 32
_PR_SET_PDEATHSIG = 1  # <linux/prctl.h>


def take_stdout() -> int:
    """Return a private descriptor for frames; what a library prints from now on is dropped."""
    frames = os.dup(1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    return frames


def restore_signals() -> None:
    """Restore default actions and unblock all: an interpreter started from a thread may inherit others.

    SIGXFSZ stays ignored, as Python has it: a forbidden write is then an error, not a death.
    """
    for name in ("SIGPROF", "SIGPIPE", "SIGTERM", "SIGINT", "SIGHUP"):
        signal.signal(getattr(signal, name), signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])


def die_with_parent(parent_pid: int) -> None:
    """Have the kernel kill this process when the thread that started it is gone."""
    import ctypes

    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent_pid:  # it went before we asked
        os._exit(0)


def keep_to_one_thread() -> None:
    """Have NumPy, which is not yet imported, start no thread for each core."""
    os.environ["OPENBLAS_NUM_THREADS"] = "1"


def confine(memory_bytes: int) -> None:
    """Bound memory and descriptors; no file can be written, no core is left behind.

    Nothing in the child asks for the network; where the kernel can see to that, it does.
    """
    refuse_network()
    for kind, limit in (
        (resource.RLIMIT_AS, memory_bytes),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, _N_DESCRIPTORS),
    ):
        _, hard = resource.getrlimit(kind)
        if hard != resource.RLIM_INFINITY:
            limit = min(limit, hard)
        resource.setrlimit(kind, (limit, limit))


def allow_cpu(seconds: float) -> None:
    """End this process by SIGPROF after so much more CPU, even inside a C function that is stuck.

    ITIMER_PROF counts the process's CPU time, user and system, and not the time it waits: on a busy
    machine a wall limit would end honest pages.
    """
    signal.setitimer(signal.ITIMER_PROF, seconds)
