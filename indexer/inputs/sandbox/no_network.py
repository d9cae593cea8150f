"""Have the kernel refuse a process the network (Linux): by a filter, as not everybody may have namespaces."""

from __future__ import annotations

import ctypes
import platform
import struct

_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP = 38, 22  # <linux/prctl.h>
_SECCOMP_MODE_FILTER = 2
_ALLOW, _REFUSE = 0x7FFF0000, 0x00050000 | 13  # SECCOMP_RET_ALLOW; SECCOMP_RET_ERRNO, EACCES
# AUDIT_ARCH, and the numbers of socket and io_uring_setup.
_MACHINES = {"x86_64": (0xC000003E, 41, 425), "aarch64": (0xC00000B7, 198, 425)}
_AF_UNIX = 1
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06  # BPF: ld [k], jeq, jge, ret
_ARCH_AT, _NUMBER_AT, _FIRST_ARGUMENT_AT = 4, 0, 16  # in `struct seccomp_data`
_X32 = 0x40000000  # another table of numbers for the same calls


def refuse_network() -> bool:
    """Have the kernel refuse every socket but those of this machine's files; whether it does."""
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    arch, socket, io_uring_setup = machine
    # Jumps count the instructions that are passed over: (code, if true, if false, k).
    steps = [
        (_LOAD, 0, 0, _ARCH_AT),
        (_EQUAL, 0, 7, arch),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_AT_LEAST, 5, 0, _X32),
        (_EQUAL, 4, 0, io_uring_setup),
        (_EQUAL, 0, 2, socket),
        (_LOAD, 0, 0, _FIRST_ARGUMENT_AT),
        (_EQUAL, 0, 1, _AF_UNIX),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    code = b"".join(struct.pack("<HBBI", *step) for step in steps)
    program = ctypes.create_string_buffer(code)
    head = struct.pack("@HP", len(steps), ctypes.addressof(program))
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl.argtypes = [ctypes.c_int, ctypes.c_ulong, ctypes.c_char_p, ctypes.c_ulong, ctypes.c_ulong]
    if prctl(_PR_SET_NO_NEW_PRIVS, 1, None, 0, 0) != 0:
        return False
    return bool(prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, head, 0, 0) == 0)
