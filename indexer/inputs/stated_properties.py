"""What a file says of itself, or a side file of it, as properties of its document.

Nothing of it is believed but that it is text: what is too long is cut, what cannot be a property is left out.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from indexer.base.document_properties import (
    AUTHORS,
    DATE,
    MAX_ENTRIES,
    MAX_TAG_CHARACTERS,
    MAX_TAGS,
    MAX_VALUE_CHARACTERS,
    NO_PROPERTIES,
    TITLE,
    DocumentProperties,
    properties_of,
)
from indexer.base.errors import InvalidProperties

_MOST_SIDE_BYTES = 1024**2
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?(?=$|[T\s])")
_NO_TITLE = re.compile(
    r"untitled.*|unbenannt.*|(microsoft )?(word|excel|powerpoint)( -.*| presentation)|document\d*|"
    r".*\.(docx?|xlsx?|pptx?|odt|indd|qxd|dvi|tex|tmp|pdf)",
    re.I,
)


def stated_properties(facts: object) -> DocumentProperties:
    """Check what a child says of its file. Whatever it is, something comes of it, and no error."""
    if not isinstance(facts, Mapping):
        return NO_PROPERTIES
    metadata = {}
    title = _line(facts.get("title"))
    if title and not _NO_TITLE.fullmatch(title):
        metadata[TITLE] = title
    authors = _joined_names(facts.get("authors"))
    if authors:
        metadata[AUTHORS] = authors
    match = _DATE.match(_line(facts.get("date")))
    if match:
        metadata[DATE] = match[0]
    return properties_of(_tags(facts.get("tags")), metadata)


def side_file_of(path: Path) -> Path:
    """Return where the side file of a file is, if it has one: `report.pdf.json`."""
    return path.with_name(f"{path.name}.json")


def read_side_file(path: Path) -> DocumentProperties:
    """Read what a side file says: an object of title, authors, date, tags and whatever else is known.

    Raises InvalidProperties, which says what is wrong with it, and OSError.
    """
    with path.open("rb") as file:
        content = file.read(_MOST_SIDE_BYTES + 1)
    if len(content) > _MOST_SIDE_BYTES:
        raise InvalidProperties(f"{path.name} has more than {_MOST_SIDE_BYTES} bytes")
    try:
        body = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise InvalidProperties(f"{path.name} is no JSON ({error})") from error
    if not isinstance(body, dict):
        raise InvalidProperties(f"{path.name} is no JSON object")
    tags = body.pop("tags", [])
    if not isinstance(tags, list) or not all(isinstance(tag, str) for tag in tags):
        raise InvalidProperties(f"{path.name}: tags are a list of strings")
    further_entries = body.pop("metadata", {})
    if not isinstance(further_entries, dict):
        raise InvalidProperties(f"{path.name}: metadata is an object")
    entries = {name: _entry(path, name, value) for name, value in (body | further_entries).items()}
    return properties_of(tags, entries)


def _entry(path: Path, name: str, value: Any) -> str:
    if name == AUTHORS and isinstance(value, list):
        return _joined_names(value)
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise InvalidProperties(f"{path.name}: {name!r} is neither text nor a number")
    text = str(value)
    if name == DATE and not _DATE.match(text):
        raise InvalidProperties(f"{path.name}: the date is not written as 2026-03-01")
    return text


def _tags(words: object) -> Iterable[str]:
    words = words if isinstance(words, list) else []
    tags = (_line(word).replace(",", " ") for word in words[: 4 * MAX_TAGS])
    return [tag for tag in tags if 0 < len(tag) <= MAX_TAG_CHARACTERS][:MAX_TAGS]


def _joined_names(names: object) -> str:
    names = names if isinstance(names, list) else []
    lines = dict.fromkeys(filter(None, (_line(name) for name in names[:MAX_ENTRIES])))
    return "; ".join(lines)[:MAX_VALUE_CHARACTERS]


def _line(text: object) -> str:
    """Return text on one line, without what is no letter; "" for what is no text."""
    if not isinstance(text, str):
        return ""
    start = unicodedata.normalize("NFC", text[: 4 * MAX_VALUE_CHARACTERS])
    visible = "".join(
        " " if unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") else c for c in start
    )
    return " ".join(visible.split())[:MAX_VALUE_CHARACTERS]
