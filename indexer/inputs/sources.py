"""Find the files to ingest under the paths that a person gives."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from indexer.base.errors import NothingToIngest
from indexer.inputs.names import document_name


@dataclass(frozen=True, slots=True)
class Source:
    """One file to ingest, and the name it is known by: its path below the folder that was given.

    sha256  of the bytes as they came in, where somebody saw them come
    """

    path: Path
    name: str
    sha256: str | None = None


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return files as given, whatever their suffix, and all `.pdf` files of folders, in order.

    Raises NothingToIngest for a path that does not exist, or when no file is found at all.
    """
    sources: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            for file in sorted(path.rglob("*")):
                if file.suffix.lower() == ".pdf" and file.is_file():
                    sources.setdefault(file.resolve(), _source(file, str(file.relative_to(path))))
        elif path.exists():
            sources.setdefault(path.resolve(), _source(path, path.name))
        else:
            raise NothingToIngest(
                f"{document_name(str(path))} does not exist: give a PDF file or a folder of them"
            )
    if not sources:
        where = ", ".join(document_name(str(path)) for path in paths)
        raise NothingToIngest(f"no PDF under {where}: give a PDF file or a folder of them")
    return list(sources.values())


def _source(path: Path, name: str) -> Source:
    return Source(path, document_name(name) or "unnamed.pdf")
