"""LoRA adapters that have a name: a folder each, and which encoder they change. Imports no model.

A named adapter is an encoder like any other, for PAGESIGHT_ENCODER and `pagesight reencode --encoder`.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from indexer.base.errors import EncoderUnavailable
from indexer.encoders.checkpoints.discovery import (
    ADAPTER_CONFIG,
    ADAPTER_WEIGHTS,
    adapter_config,
)

_ABOUT = "pagesight.json"  # beside peft's files
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True)
class NamedAdapter:
    """`folder` holds peft's files for `encoder`, a name of the registry."""

    name: str
    encoder: str
    folder: Path


def find_named_adapter(home: Path, name: str) -> NamedAdapter | None:
    """Return the adapter of that name among those in `home`; None where there is none.

    Raises EncoderUnavailable for one that is damaged.
    """
    path = home / name / _ABOUT
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    try:
        return NamedAdapter(name, str(json.loads(path.read_bytes())["encoder"]), path.parent)
    except (ValueError, KeyError, TypeError) as error:
        raise EncoderUnavailable(f"{path} is damaged: add the adapter again") from error


def named_adapters(home: Path) -> list[NamedAdapter]:
    """Return all adapters in `home`, by name. Raises EncoderUnavailable for one that is damaged."""
    names = sorted(path.parent.name for path in home.glob(f"*/{_ABOUT}"))
    return [adapter for name in names if (adapter := find_named_adapter(home, name))]


def require_new_name(home: Path, name: str) -> None:
    """Raise EncoderUnavailable for a name that is no file name or is taken: collections may go by it."""
    if not _NAME.fullmatch(name):
        raise EncoderUnavailable(
            f"{name!r} is no name for an adapter: use small letters, digits, '.', '_' and '-', at most 64"
        )
    if (home / name).exists():
        raise EncoderUnavailable(
            f"an adapter called {name!r} is there, and collections may have been made with it: "
            "give another name"
        )


@contextmanager
def new_adapter(home: Path, name: str, encoder: str) -> Iterator[Path]:
    """Yield a folder for peft's files, which is the adapter `name` once all of them are written.

    Raises EncoderUnavailable for a name that cannot be had.
    """
    require_new_name(home, name)
    part = home / f".{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    yield part
    (part / _ABOUT).write_text(json.dumps({"encoder": encoder}) + "\n", encoding="utf-8")
    part.rename(home / name)


def add_adapter(home: Path, name: str, encoder: str, source: Path) -> NamedAdapter:
    """Copy an adapter in peft's format under a name. Raises EncoderUnavailable where it is none."""
    if not (source / ADAPTER_CONFIG).is_file() or not (source / ADAPTER_WEIGHTS).is_file():
        raise EncoderUnavailable(
            f"{source} is no LoRA adapter: it has no {ADAPTER_CONFIG} or no {ADAPTER_WEIGHTS}"
        )
    adapter_config(source)  # refuses one that is damaged
    with new_adapter(home, name, encoder) as folder:
        for path in source.iterdir():
            if path.suffix in {".json", ".safetensors", ".txt", ".jinja"} and path.name != _ABOUT:
                shutil.copy2(path, folder)
    return NamedAdapter(name, encoder, home / name)
