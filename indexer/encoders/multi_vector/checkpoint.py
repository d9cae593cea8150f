"""What the files of a checkpoint say of its modules and its dimension. No model is loaded."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.base import EncoderFingerprint
from indexer.encoders.checkpoints.contents import tree_revision
from indexer.encoders.checkpoints.discovery import (
    LOCAL,
    find_checkpoint,
    split_revision,
)
from indexer.encoders.options import EncoderOptions
from indexer.encoders.visual.families import FAMILIES

OF_WORDS, OF_IMAGES = "colbert", "colvision"
_KNOWN_CODE = ("sentence_transformers.", "pylate.")  # the second is read by the first
_REMEDY = (
    "set PAGESIGHT_ENCODER_CHECKPOINT to a model for MultiVectorEncoder of sentence-transformers"
)
_OWN_ENCODERS = {family.model_type: family.models[0].name for family in FAMILIES}


class _Module(NamedTuple):
    kind: str
    folder: Path


def fingerprint_for(name: str, options: EncoderOptions) -> EncoderFingerprint:
    """Return the fingerprint of a checkpoint as encoder `name`, from its files.

    Raises EncoderUnavailable where there is none, and for options that the encoder does not have.
    """
    why = "has no visual tokens" if name == OF_WORDS else "has as many as its checkpoint says"
    options.require_no_resolution(name, why)
    return _fingerprint_of(name, folder_of(name, options), options.checkpoint or "")


def folder_of(name: str, options: EncoderOptions) -> Path:
    """Return the folder of the checkpoint, fetched where it is not here. Raises EncoderUnavailable."""
    if options.checkpoint is None:
        raise EncoderUnavailable(f"the {name} encoder has no weights of its own: {_REMEDY}")
    return find_checkpoint(*split_revision(options.checkpoint)).weights


@lru_cache(maxsize=4)
def _fingerprint_of(name: str, folder: Path, source: str) -> EncoderFingerprint:
    dim = _dim(folder)
    if Path(source).expanduser().is_dir():
        return EncoderFingerprint(name, LOCAL, tree_revision(folder), dim)
    return EncoderFingerprint(name, split_revision(source)[0], folder.name, dim)


def _dim(folder: Path) -> int:
    """Return the length of a checkpoint's vectors. Raises EncoderUnavailable for files of another kind."""
    _refuse_known_family(folder)
    entries = _load_json(folder / "modules.json")
    if not isinstance(entries, list) or not entries:
        raise EncoderUnavailable(f"{folder} has no list of modules: {_REMEDY}")
    modules = [_Module(str(e.get("type")), folder / str(e.get("path"))) for e in entries]
    dims = {_dim_of(route) for route in _routes(modules)}
    if len(dims) > 1:
        raise EncoderUnavailable(f"{folder} has vectors of {sorted(dims)} numbers: {_REMEDY}")
    (dim,) = dims
    if not dim:
        raise EncoderUnavailable(f"{folder} does not say how long its vectors are: {_REMEDY}")
    return dim


def _refuse_known_family(folder: Path) -> None:
    """Refuse what an encoder of its own loads: as it is trained, with evidence, and with M-RoPE."""
    for config in (folder / "config.json", *folder.glob("*/config.json")):
        model_type = _load_json(config).get("model_type") if config.is_file() else None
        if model_type in _OWN_ENCODERS:
            raise EncoderUnavailable(
                f"{folder} is a {model_type} model: set PAGESIGHT_ENCODER={_OWN_ENCODERS[model_type]}, "
                "with the same checkpoint"
            )


def _routes(modules: Sequence[_Module]) -> Iterator[list[_Module]]:
    """Yield the modules that an input passes: one list, or one for questions and one for pages.

    Raises EncoderUnavailable for code of a checkpoint's own, and for weights that can hold code.
    """
    for module in modules:
        _check(module)
    router = next((m for m in modules if m.kind.endswith(".Router")), None)
    if router is None:
        yield list(modules)
        return
    config = _load_json(router.folder / "router_config.json")
    kinds = config.get("types") or {}
    for names in (config.get("structure") or {}).values():
        inner = [_Module(str(kinds.get(name)), router.folder / name) for name in names]
        for module in inner:
            _check(module)
        yield [*inner, *(module for module in modules if module is not router)]


def _check(module: _Module) -> None:
    if not module.kind.startswith(_KNOWN_CODE):
        raise EncoderUnavailable(
            f"{module.folder} asks for code of its own ({module.kind}): {_REMEDY}"
        )
    if any(module.folder.glob("*.bin")) and not any(module.folder.glob("*.safetensors")):
        raise EncoderUnavailable(
            f"{module.folder} has weights that can hold code: save them as safetensors"
        )


def _dim_of(route: Sequence[_Module]) -> int:
    dim = 0
    for module in route:
        path = module.folder / "config.json"
        config = _load_json(path) if path.is_file() else {}
        text_config = config.get("text_config") or {}
        hidden = config.get("hidden_size") or text_config.get("hidden_size") or 0
        dim = int(config.get("out_features") or (0 if dim else hidden) or dim)
    return dim


def _load_json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderUnavailable(f"{path} cannot be read: {_REMEDY}") from error
