"""What a collection is called: a name for programs, a title for people, and the one made from the other."""

from __future__ import annotations

import re
import unicodedata

from indexer.base.errors import InvalidName
from indexer.inputs.names import document_name

MAX_TITLE = 100
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_STEM_LETTERS = 90  # of a name that is made from a title: a number may follow


def check_collection_name(name: str) -> None:
    """Raise InvalidName unless `name` can name a collection."""
    if not _NAME.fullmatch(name):
        raise InvalidName(
            f"{name!r} cannot name a collection: use 1 to 100 letters, digits, '.', '_' or '-', "
            "beginning with a letter or digit"
        )


def clean_title(text: str) -> str:
    """Return a title as it is kept: in NFC, on one line. Raises InvalidName."""
    title = " ".join(document_name(text.replace("\n", " ").replace("\t", " ")).split())
    if not title or len(title) > MAX_TITLE:
        raise InvalidName(f"a title has 1 to {MAX_TITLE} characters, this one has {len(title)}")
    return title


def name_stem(title: str) -> str:
    """Return a name that looks like the title, as far as a name can: `Verträge 2026` -> `vertrage-2026`."""
    letters = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    stem = re.sub(r"[^a-z0-9]+", "-", letters.lower()).strip("-")[:_STEM_LETTERS].strip("-")
    return stem or "collection"
