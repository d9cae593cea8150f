"""The n-th call that writes fails, for every n: what was acknowledged is whole, the rest can be done again.

The errors are put between the product and the system calls that it makes itself. SQLite's own are not among
them.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import numpy as np
import pytest

from indexer.base.errors import StorageError
from indexer.base.pages import PageEmbedding
from indexer.catalog.database import Database
from indexer.catalog.document_records import DocumentDraft
from indexer.maintenance.compaction import Compactor
from indexer.maintenance.repair import Repairer
from indexer.storage.disk_space import DiskSpace
from indexer.storage.files import sha256_of
from indexer.stores import Stores
from tests.support.factories import FINGERPRINT, draft, embedding

CALLS = ("write", "fsync", "rename", "mkdir")
MOST_CALLS = 60


class DiskFault:
    """Lets the nth call of one kind fail, or do half of its work, once."""

    def __init__(self, call: str, nth: int, number: int | None) -> None:
        self.was_hit = False
        self._really: Callable[..., object] = getattr(os, call)
        self._call, self._nth, self._number = call, nth, number
        self._calls = count(1)

    def __call__(self, *arguments: object, **options: object) -> object:
        if next(self._calls) != self._nth:
            return self._really(*arguments, **options)
        self.was_hit = True
        if self._number is None:  # a short write: no error, but not all of it
            fd, data = arguments
            return self._really(fd, memoryview(data)[: max(1, len(memoryview(data)) // 2)])  # type: ignore[arg-type]
        raise OSError(self._number, os.strerror(self._number))


@contextmanager
def failing(call: str, nth: int, number: int | None) -> Iterator[DiskFault]:
    fault = DiskFault(call, nth, number)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, call, fault)
        yield fault


FAULTS = [
    *((call, name) for call in CALLS for name in ("EIO", "ENOSPC")),
    ("write", "EDQUOT"),
    ("write", "short"),
]


def document(stores: Stores, folder: Path, n: int) -> DocumentDraft:
    """Store what a document is made of, up to its commit."""
    collection = stores.catalog.collections.get("c")
    path = folder / f"{n}.pdf"
    path.write_bytes(b"%%PDF- %d" % n)
    sha256 = sha256_of(path)
    with stores.folder.writing():
        image_sha256 = stores.images.add(b"image %d" % n)
        made = draft(
            stores.catalog, stores.vectors, collection, [embedding(40, seed=n)], sha256=sha256,
            name=path.name,
        )  # fmt: skip
        object.__setattr__(made.pages[0].page, "image_sha256", image_sha256)
        stores.originals.add_file(path, sha256)
        stores.originals.sync()
        stores.images.sync()
        assert stores.catalog.documents.commit(made)
    return made


def begin_anew(stores: Stores) -> None:
    """Write again, as a new process does: after a failed sync this one does not."""
    stores.folder.space = DiskSpace(stores.folder.root)


@pytest.mark.parametrize(("call", "name"), FAULTS)
def test_a_document_is_refused_or_whole_whichever_call_fails(
    stores: Stores, database: Database, tmp_path: Path, call: str, name: str
) -> None:
    stores.catalog.collections.create("c", FINGERPRINT)
    repairer, n_hits = Repairer(stores, database), 0
    acknowledged: list[DocumentDraft] = []
    for nth in range(1, MOST_CALLS):
        with failing(call, nth, getattr(errno, name, None)) as fault:
            try:
                acknowledged.append(document(stores, tmp_path, nth))
            except StorageError:
                assert fault.was_hit
        if not fault.was_hit:
            break
        n_hits += 1
        begin_anew(stores)
    assert n_hits >= 3
    report = repairer.verify(deep=True)
    assert report.clean and report.n_documents == len(acknowledged), report.faults
    for made in acknowledged:
        page_id = made.pages[0].page.id
        stored_page = stores.vectors.open(made.segment).page(page_id)
        assert stored_page is not None and len(stored_page.vectors) == 40
    for n in range(1, n_hits + 1):  # again, on a disk that is well
        if f"{n}.pdf" not in {made.document.name for made in acknowledged}:
            document(stores, tmp_path, n)
    report = repairer.verify(deep=True)
    assert report.clean and report.n_documents == n_hits + 1
    repairer.sweep()
    assert list((stores.folder.root / "tmp").iterdir()) == []


@pytest.mark.parametrize(
    ("call", "name"),
    [("write", "ENOSPC"), ("write", "short"), ("fsync", "EIO"), ("rename", "EIO")],
)
def test_a_compaction_merges_and_derives_or_changes_nothing_whichever_call_fails(
    stores: Stores, database: Database, tmp_path: Path, call: str, name: str
) -> None:
    pytest.importorskip("faiss", reason="faiss is not installed: candidates are optional")
    stores.catalog.collections.create("c", FINGERPRINT)
    drafts = [document(stores, tmp_path, n) for n in range(2)]
    repairer = Repairer(stores, database)
    compactor = Compactor(stores, min_copied=1, min_indexed=1)
    for nth in range(1, MOST_CALLS):
        with failing(call, nth, getattr(errno, name, None)) as fault:
            try:
                compactor.run("c", eager=True)
            except StorageError:
                assert fault.was_hit
        begin_anew(stores)
        report = repairer.verify(deep=True)
        assert report.clean and report.n_pages == len(drafts), report.faults
        assert not [
            line for line in report.garbage if "derived" in line
        ]  # nothing that is not as it was made
        if not fault.was_hit:
            break
        drafts.append(document(stores, tmp_path, 100 + nth))  # the next round has something to do
    assert nth > 3
    compactor.run("c", eager=True)
    (record,) = stores.catalog.segments.all()
    assert stores.derived_data.int8(record) and stores.derived_data.tokens(record)


def test_the_control_notices_bytes_that_were_never_written(
    stores: Stores, database: Database
) -> None:
    """What these tests must find: a library that hides the write that failed, as `np.save` does."""
    stores.catalog.collections.create("c", FINGERPRINT)
    page = PageEmbedding(np.eye(8, dtype=np.float16), np.zeros((8, 4), np.uint16))
    really = os.write

    def swallowing(fd: int, data: memoryview) -> int:
        return len(data) if len(data) == page.vectors.nbytes + 128 else really(fd, data)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(os, "write", swallowing)
        with pytest.raises(StorageError, match="does not hold the bytes that were just written"):
            stores.vectors.write("c", [1], [page])
    assert list(stores.vectors.entries()) == []
