"""A disk that is full: a small tmpfs of its own, in a mount namespace that ends with the trial."""

from __future__ import annotations

import ctypes
import os
import shutil
from functools import partial
from pathlib import Path
from typing import Any

from indexer.base.errors import PagesightError
from indexer.storage.durable import DurableFolder
from tests.faults.papers import services_over
from tests.faults.trials import Bench, judge, template, work
from tests.faults.zygote import copy_folder, in_child

DISK_BYTES = 24 << 20
RESERVE_BYTES = 64 << 20  # no more than a tenth of the disk is taken
_CLONE_NEWNS, _MS_REC, _MS_PRIVATE = 0x00020000, 1 << 14, 1 << 18


def mount_missing() -> str:
    """Say why no file system can be mounted here; empty where it can."""
    code, error = in_child(lambda: _mount_private(Path("/mnt")))
    return "" if code == 0 else f"no file system can be mounted here: {error.splitlines()[-1]}"


def _mount_private(target: Path) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNS) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    options = f"size={DISK_BYTES}".encode()
    if libc.mount(b"tmpfs", str(target).encode(), b"tmpfs", 0, options) != 0:
        raise OSError(ctypes.get_errno(), "mount")


def full_disk_trial(workload: str, folder: str, left_kib: int) -> dict[str, Any]:
    """Run a workload with so little room; return how it ended and what the oracle says, full and freed."""
    mount_at = Path(folder) / "disk"
    mount_at.mkdir(exist_ok=True)
    source = Path(template(workload, folder))
    code, result = in_child(partial(_with_disk, mount_at, source, workload, left_kib))
    return dict(result) if code == 0 else {"code": code, "full": [], "freed": [str(result)]}


def _with_disk(mount_at: Path, source: Path, workload: str, left_kib: int) -> dict[str, Any]:
    _mount_private(mount_at)
    bench = Bench(mount_at / "trial")
    copy_folder(source, bench.root)
    # What was told lies elsewhere: another disk, which has room.
    outside = Path(os.environ.get("TMPDIR", "/tmp")) / f"facts-{os.getpid()}"
    if (bench.root / "facts").exists():
        shutil.move(bench.root / "facts", outside)
    outside.touch()
    (bench.root / "facts").symlink_to(outside)
    _fill_up(mount_at / "ballast", left_kib << 10)
    code, _ = in_child(partial(work, bench, workload, None))
    full = judge(bench, workload, rerun=False)
    (mount_at / "ballast").unlink()
    freed = judge(bench, workload)
    outside.unlink()
    return {"code": code, "full": full, "freed": freed}


def _fill_up(ballast: Path, left_bytes: int) -> None:
    free_bytes = shutil.disk_usage(ballast.parent).free
    with ballast.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, max(1, free_bytes - left_bytes))


def service_when_full(folder: str, after_crash: bool) -> list[str]:
    """Return what does not work over a filled folder on a disk without any room.

    after_crash  the process before did not end by itself: the catalog's log is still there
    """
    mount_at = Path(folder) / "disk"
    mount_at.mkdir(exist_ok=True)
    source = Path(template("compaction", folder))
    code, result = in_child(partial(_serve_when_full, mount_at, source, after_crash))
    return list(result) if code == 0 else [f"exit {code}: {result}"]


def _serve_when_full(mount_at: Path, source: Path, after_crash: bool) -> list[str]:
    _mount_private(mount_at)
    bench = Bench(mount_at / "trial")
    copy_folder(source, bench.root)
    space = DurableFolder(bench.place().data_dir, RESERVE_BYTES).space
    assert space.make_reserve()  # as a service does when it starts
    if not after_crash:
        bench.place().services().database.engine.dispose()  # SQLite takes its log and its index away
    _fill_up(mount_at / "ballast", 0)
    sentences = []
    try:
        services = services_over(bench.place().data_dir, reserve_bytes=RESERVE_BYTES)
        hits = services.searcher.search("pumpp1", ("c",), k=3).hits
        if not hits or hits[0].page.page_number != 1:
            sentences.append("a search found another page")
    except PagesightError as error:
        sentences.append(f"no search: {error}")
        return sentences
    collection = services.stores.catalog.collections.get("c")
    document = services.stores.catalog.documents.of_collection(collection.id)[0]
    try:
        services.stores.delete_document(document.id)
    except PagesightError as error:
        sentences.append(f"no deletion: {error}")
    return sentences
