"""Brings a file of the catalogue to the models folder: goes on where it was cut off, trusts only the hash.

What has come lies in NAME.part beside the place where the file will be. The file takes its name when it is
whole and its SHA-256 is the catalogue's: nobody ever loads half of a model.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from generator.backends.gguf.catalogue import CatalogueModel, HubFile
from generator.errors import DownloadFailed
from indexer.base.disk_errors import storage_error
from indexer.storage.files import FOLDER_MODE, sha256_of, sync
from indexer.storage.locks import hold_lock

HUB = "https://huggingface.co"

_CONNECT_S, _READ_S = 10.0, 60.0
# So often in a row a connection may break without a byte; those that bring some do not count.
_MAX_TRIES = 5
_PAUSE_S = 0.5
_OK, _PARTIAL, _BEYOND = 200, 206, 416

OnProgress = Callable[[int, int], None]


class Downloader:
    """Downloads into one folder. `hub` is the address of the Hugging Face hub or of a mirror."""

    def __init__(self, folder: Path, hub: str = HUB) -> None:
        self._folder = folder
        self._hub = hub.rstrip("/")

    def path_of(self, file: HubFile) -> Path:
        return self._folder / file.name

    def has(self, file: HubFile) -> bool:
        """Say whether the file is there with its size; the content was compared when it came."""
        path = self.path_of(file)
        return path.is_file() and path.stat().st_size == file.size_bytes

    def get(self, file: HubFile, on_progress: OnProgress = lambda n, total: None) -> Path:
        """Return the file's path; download it unless it is there with its hash.

        on_progress  is told how many bytes have come, and of how many

        Raises DownloadFailed, DataFolderBusy, StorageError; what has come is kept for the next try.
        """
        path = self.path_of(file)
        try:
            self._folder.mkdir(FOLDER_MODE, parents=True, exist_ok=True)
            with _alone(path):
                if path.exists():
                    self._refuse_other(path, file)
                else:
                    self._fetch(file, path, on_progress)
        except OSError as error:
            raise storage_error(path, error) from error
        return path

    def by_hand(self, model: CatalogueModel) -> str:
        """Return how to bring the files of a model without a network here."""
        lines = ["Without a network, download on another machine:"]
        lines += [f"  {file.url_at(self._hub)}\n    sha256 {file.sha256}" for file in model.files]
        lines.append(
            f"copy to {self._folder.absolute()}, and run the same command: it compares them."
        )
        return "\n".join(lines)

    def _refuse_other(self, path: Path, file: HubFile) -> None:
        if path.stat().st_size != file.size_bytes or sha256_of(path) != file.sha256:
            raise DownloadFailed(
                f"{path} is another file than the catalogue's: move it away, and get it again"
            )

    def _fetch(self, file: HubFile, path: Path, on_progress: OnProgress) -> None:
        part = path.with_name(path.name + ".part")
        with part.open("ab") as out:
            if out.tell() > file.size_bytes:
                out.truncate(0)
            missing_bytes = file.size_bytes - _size_of(out)
            free_bytes = shutil.disk_usage(self._folder).free
            if missing_bytes > free_bytes:
                raise DownloadFailed(
                    f"{file.name} needs {missing_bytes / 1e9:.2f} GB more in {self._folder}, where "
                    f"{free_bytes / 1e9:.2f} GB are free"
                )
            self._receive(file, out, on_progress)
            sync(out.fileno())
        if sha256_of(part) != file.sha256:
            part.unlink()
            raise DownloadFailed(
                f"what {self._hub} sent for {file.name} is not the catalogue's file: its SHA-256 is "
                "another; it was removed"
            )
        part.replace(path)
        _sync_folder(self._folder)

    def _receive(self, file: HubFile, out: IO[bytes], on_progress: OnProgress) -> None:
        n_tries = 0
        while (n_before := _size_of(out)) < file.size_bytes:
            on_progress(n_before, file.size_bytes)
            reason = self._receive_once(file, out, on_progress)
            n_tries = 0 if _size_of(out) > n_before else n_tries + 1
            if reason and n_tries >= _MAX_TRIES:
                raise DownloadFailed(
                    f"{file.name} cannot be downloaded: {reason}; {_size_of(out)} of {file.size_bytes} "
                    "bytes have come and are kept: the same command goes on from there"
                )
            if reason:
                time.sleep(_PAUSE_S * n_tries)

    def _receive_once(self, file: HubFile, out: IO[bytes], on_progress: OnProgress) -> str:
        """Receive over one connection; return why it ended early, empty when it did not."""
        import httpx2

        begin = _size_of(out)
        headers = {"range": f"bytes={begin}-", "accept-encoding": "identity"}
        timeout = httpx2.Timeout(_READ_S, connect=_CONNECT_S)
        try:
            with (
                httpx2.Client(timeout=timeout, follow_redirects=True) as client,
                client.stream("GET", file.url_at(self._hub), headers=headers) as response,
            ):
                self._begin(response.status_code, response.headers.get("content-range"), begin, out)
                for block in response.iter_bytes():
                    if _size_of(out) + len(block) > file.size_bytes:
                        out.truncate(0)
                        raise DownloadFailed(
                            f"{self._hub} sends more for {file.name} than the catalogue's "
                            f"{file.size_bytes} bytes"
                        )
                    out.write(block)
                    on_progress(_size_of(out), file.size_bytes)
        except (httpx2.TransportError, httpx2.DecodingError, httpx2.TooManyRedirects) as error:
            return f"{type(error).__name__} {error}".strip()
        except httpx2.InvalidURL as error:
            raise DownloadFailed(f"{self._hub} is no address: {error}") from error
        return "" if _size_of(out) == file.size_bytes else "the connection ended early"

    def _begin(self, status: int, content_range: str | None, begin: int, out: IO[bytes]) -> None:
        """Look whether what follows is the file from `begin` on, or all of it: then begin anew."""
        if status == _PARTIAL and (content_range or "").startswith(f"bytes {begin}-"):
            return
        if status in (_OK, _PARTIAL, _BEYOND):
            out.truncate(0)
            if status == _OK:
                return
            raise DownloadFailed(f"{self._hub} sent another part than was asked for: try again")
        raise DownloadFailed(f"{self._hub} answers with status {status}")


def _size_of(out: IO[bytes]) -> int:
    """Return how many bytes were written, also those that are not flushed yet."""
    out.flush()
    return os.fstat(out.fileno()).st_size


def _sync_folder(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY)
    try:
        sync(fd)
    finally:
        os.close(fd)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    import fcntl

    lock = path.with_name(path.name + ".lock")
    with hold_lock(lock, fcntl.LOCK_EX, f"{path.name} is being downloaded by another process"):
        yield
