"""Find the files to ingest under the paths that a person gives."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from indexer.base.document_properties import NO_PROPERTIES, DocumentProperties
from indexer.base.errors import NothingToIngest
from indexer.inputs.folder_walk import readable_files
from indexer.inputs.names import document_name
from indexer.inputs.registry import usual_ending
from indexer.inputs.stated_properties import side_file_of


@dataclass(frozen=True, slots=True)
class Source:
    """One file to ingest, and the name it is known by: its path below the folder that was given.

    sha256       of the bytes as they came in, where somebody saw them come
    given_at     when they came in; None: now
    attached_to  SHA-256 of the documents that it is attached to, the innermost last
    properties   tags and metadata that it is given, beside what it has
    side_file    where a file may lie that says more of it; None: nowhere
    media_type   of bytes that are a document already, which may go by a name of another kind by now
    """

    path: Path
    name: str
    sha256: str | None = None
    given_at: datetime | None = None
    attached_to: tuple[str, ...] = ()
    properties: DocumentProperties = NO_PROPERTIES
    side_file: Path | None = None
    media_type: str | None = None

    @property
    def telling_name(self) -> str:
        """The name that decides between kinds which the bytes leave open."""
        ending = None if self.media_type is None else usual_ending(self.media_type)
        return self.name if ending is None else f"document{ending}"


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """Return files as given, whatever their names, and those of folders whose endings a kind has, in order.

    What begins with a dot is passed over, as is what a `.pagesightignore` in its folder, or above it, names.

    Files that would have one name get as many of their folders before it as tell them apart: those that are
    ingested together are no versions of each other.

    Raises NothingToIngest for a path that does not exist, or when no file is found at all.
    """
    sources: dict[Path, Source] = {}
    for path in paths:
        if path.is_dir():
            for file in readable_files(path):
                sources.setdefault(file.resolve(), _source(file, str(file.relative_to(path))))
        elif path.exists():
            sources.setdefault(path.resolve(), _source(path, path.name))
        else:
            raise NothingToIngest(
                f"{document_name(str(path))} does not exist: give a file or a folder"
            )
    if not sources:
        where = ", ".join(document_name(str(path)) for path in paths)
        raise NothingToIngest(f"no file to read under {where}: `pagesight kinds` lists the endings")
    return _told_apart(sources)


def _told_apart(sources: Mapping[Path, Source]) -> list[Source]:
    """Return the sources, those of one name with folders before it; keys are their whole paths."""
    by_name: dict[str, list[Path]] = defaultdict(list)
    for path, source in sources.items():
        by_name[source.name].append(path)
    names = {path: source.name for path, source in sources.items()}
    for name, paths in by_name.items():
        n_parts = name.count("/") + 1
        while len(paths) > 1 and len({names[path] for path in paths}) < len(paths):
            n_parts += 1
            for path in paths:
                names[path] = document_name("/".join(path.parts[-n_parts:]).lstrip("/"))
            if all(n_parts > len(path.parts) for path in paths):
                break
    return [replace(source, name=names[path]) for path, source in sources.items()]


def _source(path: Path, name: str) -> Source:
    return Source(path, document_name(name) or "unnamed", side_file=side_file_of(path))
