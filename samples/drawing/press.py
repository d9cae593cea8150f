"""New documents, and saving them so that the same drawing gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pymupdf

A4 = (595.0, 842.0)
LETTER = (612.0, 792.0)
WIDE = (960.0, 540.0)


@dataclass(frozen=True)
class Sample:
    """A document to draw: its file name, its metadata and what draws it."""

    file: str
    title: str
    author: str
    date: str  # YYYYMMDD
    build: Callable[[pymupdf.Document], None]


def save_sample(sample: Sample, folder: Path) -> Path:
    """Draw one sample into `folder`; the path of the written PDF."""
    document = pymupdf.open()
    sample.build(document)
    document.subset_fonts()
    stamp = f"D:{sample.date}090000Z"
    document.set_metadata(
        {
            "title": sample.title,
            "author": sample.author,
            "creator": "pagesight samples",
            "creationDate": stamp,
            "modDate": stamp,
        }
    )
    path = folder / sample.file
    # No /ID and no clock: nothing in the bytes may change from one run to the next.
    document.save(path, garbage=4, deflate=True, no_new_id=True, use_objstms=1)
    document.close()
    return path
