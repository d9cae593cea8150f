"""What people say of a document beside its bytes: tags, and metadata of names and values."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from indexer.base.errors import InvalidProperties

MAX_TAGS = 32
MAX_TAG_CHARACTERS = 64
MAX_ENTRIES = 32
MAX_NAME_CHARACTERS = 64
MAX_VALUE_CHARACTERS = 500
# What files say of themselves, as entries of metadata.
TITLE, AUTHORS, DATE = "title", "authors", "date"
SOURCE = "source"  # the address that a file of the web was fetched from
_BETWEEN_TAGS = ","  # lists of tags are written with it


@dataclass(frozen=True, slots=True)
class DocumentProperties:
    """Tags in the order of their letters, and metadata in that of its names; both may be empty."""

    tags: tuple[str, ...] = ()
    metadata: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tags or self.metadata)

    def value_of(self, name: str) -> str:
        """Return an entry of metadata; "" where there is none."""
        return dict(self.metadata).get(name, "")

    def has_all_of(self, properties: DocumentProperties) -> bool:
        """Say whether every tag and every entry of `properties` is among these."""
        return set(properties.tags) <= set(self.tags) and set(properties.metadata) <= set(
            self.metadata
        )

    def with_more(self, additions: DocumentProperties) -> DocumentProperties:
        """Return these and `additions`, whose values win. Raises InvalidProperties when they are too many."""
        return properties_of(
            (*self.tags, *additions.tags), dict(self.metadata) | dict(additions.metadata)
        )

    def without(self, properties: DocumentProperties) -> DocumentProperties:
        """Return those of these that are not among `properties`."""
        return DocumentProperties(
            tuple(tag for tag in self.tags if tag not in properties.tags),
            tuple(entry for entry in self.metadata if entry not in properties.metadata),
        )

    def room_for(self, additions: DocumentProperties) -> DocumentProperties:
        """Return those of `additions` of which these say nothing, as many as a document may have."""
        names = dict(self.metadata)
        new_tags = [tag for tag in additions.tags if tag not in self.tags]
        new_entries = [entry for entry in additions.metadata if entry[0] not in names]
        return DocumentProperties(
            tuple(new_tags[: MAX_TAGS - len(self.tags)]),
            tuple(new_entries[: MAX_ENTRIES - len(self.metadata)]),
        )


NO_PROPERTIES = DocumentProperties()


def properties_of(
    tags: Iterable[str] = (), metadata: Mapping[str, str] | None = None
) -> DocumentProperties:
    """Check and order tags and metadata. Raises InvalidProperties, which says the limit."""
    clean_tags = sorted({clean_tag(tag) for tag in tags})
    if len(clean_tags) > MAX_TAGS:
        raise InvalidProperties(f"{len(clean_tags)} tags: a document has at most {MAX_TAGS}")
    entries = dict(_clean_entry(name, value) for name, value in (metadata or {}).items())
    if len(entries) > MAX_ENTRIES:
        raise InvalidProperties(
            f"{len(entries)} entries of metadata: a document has at most {MAX_ENTRIES}"
        )
    return DocumentProperties(tuple(clean_tags), tuple(sorted(entries.items())))


def clean_tag(tag: str) -> str:
    """Return a tag as it is stored: in NFC, in small letters. Raises InvalidProperties."""
    clean = _one_line(tag, "a tag").casefold()
    if not 0 < len(clean) <= MAX_TAG_CHARACTERS or _BETWEEN_TAGS in clean:
        raise InvalidProperties(
            f"{tag[:100]!r} cannot be a tag: 1 to {MAX_TAG_CHARACTERS} characters without a comma"
        )
    return clean


def _clean_entry(name: str, value: str) -> tuple[str, str]:
    clean_name = _one_line(name, "a name of metadata")
    if not 0 < len(clean_name) <= MAX_NAME_CHARACTERS or "=" in clean_name:
        raise InvalidProperties(
            f"{name[:100]!r} cannot name metadata: 1 to {MAX_NAME_CHARACTERS} characters without '='"
        )
    if not isinstance(value, str):
        raise InvalidProperties(f"the metadata {clean_name!r} is no text: every value is a string")
    clean_value = _one_line(value, f"the metadata {clean_name!r}")
    if len(clean_value) > MAX_VALUE_CHARACTERS:
        raise InvalidProperties(
            f"the metadata {clean_name!r} has {len(clean_value):,} characters, the limit is "
            f"{MAX_VALUE_CHARACTERS}"
        )
    return clean_name, clean_value


def _one_line(text: str, label: str) -> str:
    """Return text in NFC, without spaces around it. Raises InvalidProperties for what is no line of text."""
    clean = unicodedata.normalize("NFC", text).strip()
    if any(unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp") for c in clean):
        raise InvalidProperties(f"{label} holds a line break or a control character")
    return clean
