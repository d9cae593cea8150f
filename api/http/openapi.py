"""The description of the service, such that generated clients need no casts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

_REFERENCE = "#/components/schemas/"


def without_request_defaults(description: dict[str, Any]) -> dict[str, Any]:
    """Write the defaults of request fields as words, in place.

    Generators take a field with a default for one that is always there: right for what the service sends,
    wrong for what a client may leave out.
    """
    schemas = description.get("components", {}).get("schemas", {})
    for name in _request_schemas(description, schemas):
        for field in schemas[name].get("properties", {}).values():
            default = field.pop("default", None)
            if default not in (None, "", [], {}) and not isinstance(default, dict):
                words = field.get("description", "").rstrip()
                field["description"] = f"{words} Default: {_text(default)}.".strip()
    return description


def _request_schemas(description: dict[str, Any], schemas: dict[str, Any]) -> set[str]:
    """Return the names of schemas that request bodies use, directly or inside another."""
    bodies = [
        operation["requestBody"]
        for operations in description.get("paths", {}).values()
        for operation in operations.values()
        if "requestBody" in operation
    ]
    names: set[str] = set()
    new_names = set(_references(bodies))
    while new_names:
        names |= new_names
        new_names = {name for old in new_names for name in _references(schemas[old])} - names
    return names


def _references(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        reference = value.get("$ref")
        if isinstance(reference, str):
            yield reference.removeprefix(_REFERENCE)
        for part in value.values():
            yield from _references(part)
    elif isinstance(value, list):
        for part in value:
            yield from _references(part)


def _text(default: object) -> str:
    return str(default).lower() if isinstance(default, bool) else f"`{default}`"
