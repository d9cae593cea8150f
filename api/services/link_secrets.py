"""Secrets that links are signed with: the first one signs, each of them is valid."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path
from threading import Lock

FILE_NAME = "link-secrets"
_N_KEPT = 2  # the one that signs, and the one before it
_SECRET_BYTES = 32
_FILE_MODE = 0o600
_log = logging.getLogger("pagesight.api")


class LinkSecrets:
    """Those that are given, else those of a file in the data folder, which is made when it is needed.

    All processes of one data folder read the same file, and notice that another one has changed it.
    """

    def __init__(self, folder: Path, given_secrets: tuple[str, ...] = ()) -> None:
        self._path = folder / FILE_NAME
        self._given_secrets = tuple(secret.encode() for secret in given_secrets)
        self._lock = Lock()
        self._state: tuple[int, int] | None = None  # inode and time of the file that was read
        self._secrets: tuple[bytes, ...] = ()

    def all(self) -> tuple[bytes, ...]:
        """Return the secrets, the one that signs first."""
        if self._given_secrets:
            return self._given_secrets
        with self._lock:
            if not self._read():
                self._make()
            return self._secrets

    def rotate(self) -> None:
        """Sign with a new secret from now on; what the one before has signed stays valid. Raises OSError."""
        with self._lock:
            self._read()
            self._write(((_new_secret()), *self._secrets)[:_N_KEPT])

    def _read(self) -> bool:
        """Read the file, if it was changed. Says whether there is one."""
        try:
            status = self._path.stat()
            state = (status.st_ino, status.st_mtime_ns)
            if state != self._state:
                self._secrets = tuple(self._path.read_bytes().split())
                self._state = state
        except FileNotFoundError:
            return self._state is not None
        return bool(self._secrets)

    def _make(self) -> None:
        try:
            self._write((_new_secret(),), is_first=True)
        except OSError as error:
            # An answer must not wait for room on the disk: its links are valid until this process ends.
            _log.warning("the secret of signed links cannot be kept: %s", error)
            self._secrets, self._state = (_new_secret(),), (0, 0)

    def _write(self, new_secrets: tuple[bytes, ...], *, is_first: bool = False) -> None:
        draft = self._path.with_name(f"{FILE_NAME}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE)
            with os.fdopen(descriptor, "wb") as file:
                file.write(b"\n".join(new_secrets) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            if is_first:
                _link_unless_there(draft, self._path)
            else:
                draft.replace(self._path)
        finally:
            draft.unlink(missing_ok=True)
        self._read()


def _link_unless_there(draft: Path, target: Path) -> None:
    """Let the draft be the file, unless another process was faster: then its file counts."""
    try:
        os.link(draft, target)
    except FileExistsError:
        return


def _new_secret() -> bytes:
    return secrets.token_hex(_SECRET_BYTES).encode()
