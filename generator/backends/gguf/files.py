"""Finds the files of a GGUF model: a path, a downloaded model of the catalogue, or the hub."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from generator.backends.gguf.catalogue import CATALOGUE
from generator.backends.gguf.options import GgufOptions
from generator.errors import GeneratorUnavailable

_HUB_ID = re.compile(
    r"(?P<repository>[\w.-]+/[\w.-]+):(?P<file>[^@:]+\.gguf)(?:@(?P<revision>[\w./-]+))?"
)


@dataclass(frozen=True, slots=True)
class ModelFiles:
    """The files of one model; `projector` lets it see, None for a model that reads text only."""

    model: Path
    projector: Path | None


def find_model(options: GgufOptions) -> ModelFiles:
    """Find the files, on the hub where a hub id is given. Raises GeneratorUnavailable."""
    projector = find_projector_source(options)
    return ModelFiles(
        _find(options.source, options.folder),
        _find(projector, options.folder) if projector else None,
    )


def find_projector_source(options: GgufOptions) -> str | None:
    """Return what is configured, else the projector that the catalogue has for the model."""
    if options.projector:
        return options.projector
    model = CATALOGUE.get(options.source)
    if model is None or model.projector is None:
        return None
    return str(options.folder / model.projector.name)


def _find(source: str, folder: Path) -> Path:
    if source in CATALOGUE:
        path = folder / CATALOGUE[source].model.name
        if not path.is_file():
            raise GeneratorUnavailable(
                f"{source} is not downloaded: run `pagesight models get {source}`, which also says how "
                f"to bring the file by hand to {folder}"
            )
        return path
    path = Path(source).expanduser()
    if path.is_file():
        return path
    if match := _HUB_ID.fullmatch(source):
        return _from_hub(match["repository"], match["file"], match["revision"])
    raise GeneratorUnavailable(
        f"{source} is no file, no model of `pagesight models` and no hub id "
        "(owner/name:file.gguf@revision): set PAGESIGHT_GGUF or PAGESIGHT_GGUF_MMPROJ"
    )


def _from_hub(repository: str, file: str, revision: str | None) -> Path:
    from huggingface_hub import hf_hub_download

    try:
        return Path(hf_hub_download(repository, file, revision=revision))
    # The hub's errors are OSErrors; a malformed id is a ValueError.
    except (OSError, ValueError) as error:
        raise GeneratorUnavailable(
            f"cannot get {file} of {repository} (revision {revision or 'main'}) from the hub: download it "
            f"on a machine with access and name the file ({type(error).__name__})"
        ) from error
