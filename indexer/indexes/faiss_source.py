"""Candidate indexes of FAISS, in files of the data folder (`token_index`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from indexer.base.errors import Unreadable
from indexer.indexes import token_index
from indexer.indexes.derived_files import Staging, make_derived, read_manifest, source_of
from indexer.indexes.token_index import TokenIndex
from indexer.storage.durable import DurableFolder
from indexer.storage.segments import Segment, SegmentRecord


class FaissSource:
    """A CandidateSource whose files lie beside those of int8 copies, and are removed with them."""

    def __init__(self, folder: DurableFolder, root: Path) -> None:
        self._folder = folder
        self._root = root

    @property
    def is_installed(self) -> bool:
        return find_spec("faiss") is not None

    def open(self, record: SegmentRecord) -> TokenIndex | None:
        try:
            index = self._read_index(self._path(record), source_of(record))
        except (OSError, RuntimeError, ImportError, Unreadable):
            return None
        if index is None or (index.n_vectors, index.dim) != (record.n_vectors, record.dim):
            return None
        return index

    def is_made(self, record: SegmentRecord) -> bool:
        return read_manifest(self._folder, self._path(record), source_of(record)) is not None

    def build(self, record: SegmentRecord, segment: Segment) -> None:
        """Train a codebook if there is none of this size, then add every vector; needs FAISS."""
        segment.require()
        codebook = self._codebook(record, segment)

        def fill(staging: Staging) -> dict[str, Any]:
            index = codebook.build(segment)
            segment.require_unbroken()
            with staging.file("index.faiss") as file:
                index.write(file)
            token_index.read(file.path).require(index.n_vectors, index.dim)
            return {"n_lists": codebook.n_lists}

        make_derived(self._folder, self._path(record), source_of(record), fill)

    def drop(self, collection_id: str, segment: str) -> None:
        self._folder.remove(self._root / collection_id / segment / "tokens")

    def drop_collection(self, collection_id: str) -> None:
        """Leave it to who removes the folder of the collection."""

    def segments(self, collection_id: str) -> Iterator[str]:
        yield from ()

    def entries(self) -> Iterator[tuple[str, str]]:
        yield from ()

    def collections(self) -> Iterator[str]:
        yield from ()

    def _path(self, record: SegmentRecord) -> Path:
        return self._root / record.collection_id / record.name / "tokens"

    def _read_index(self, path: Path, source: str) -> TokenIndex | None:
        """Read an index whose file is what was written, else None. Raises OSError, RuntimeError."""
        manifest = read_manifest(self._folder, path, source)
        if manifest is None or "index.faiss" not in manifest.files:
            return None
        sha256 = manifest.files["index.faiss"].sha256
        with self._folder.lent(path / "index.faiss", sha256) as index_path:
            return None if index_path is None else token_index.read(index_path)

    def _codebook(self, record: SegmentRecord, segment: Segment) -> TokenIndex:
        n_lists = token_index.n_lists_for(record.n_vectors)
        path = self._root / record.collection_id / f"codebook-{n_lists}"
        with suppress(OSError, RuntimeError, Unreadable):
            stored_codebook = self._read_index(path, "")
            if stored_codebook is not None:
                return stored_codebook
        codebook = token_index.train(segment, n_lists)
        segment.require_unbroken()

        def fill(staging: Staging) -> dict[str, Any]:
            with staging.file("index.faiss") as file:
                codebook.write(file)
            token_index.read(file.path).require(0, codebook.dim)
            return {"n_lists": n_lists}

        make_derived(self._folder, path, "", fill)
        return codebook
