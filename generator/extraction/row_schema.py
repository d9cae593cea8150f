"""Reads the schema of a row: values that a label names, and lists of objects that are rows of a table."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from generator.answering.structured.schema_fields import (
    Schema,
    SchemaField,
    check_schema,
    fields_of,
)
from generator.errors import InvalidSchema


@dataclass(frozen=True, slots=True)
class ListField:
    """A list of objects that the schema asks for.

    labels    what documents may call the list
    fields    of each object
    required_names  of those that each object must have
    """

    path: tuple[str, ...]
    labels: tuple[str, ...]
    fields: tuple[SchemaField, ...]
    required_names: frozenset[str]

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, slots=True)
class RowSchema:
    """A JSON schema of a row, and what can be read of it without a model."""

    json_schema: Schema
    fields: tuple[SchemaField, ...]
    lists: tuple[ListField, ...]

    @property
    def key(self) -> str:
        """Return a short name of the schema: rows of another schema have another."""
        text = json.dumps(self.json_schema, sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()[:12]

    @property
    def names(self) -> list[str]:
        """Return the names of values and lists; of what is neither, the outermost."""
        parts = [field.name for field in self.fields] + [field.name for field in self.lists]
        return parts or [*map(str, self.json_schema.get("properties", {}))]


def read_row_schema(schema: Schema, *, with_model: bool = False) -> RowSchema:
    """Read the schema of a row.

    with_model  a model fills it: what labels and tables cannot fill is allowed then

    Raises InvalidSchema.
    """
    check_schema(schema)
    try:
        return _parts_of(schema)
    except InvalidSchema:
        if not with_model:
            raise
        return RowSchema(schema, (), ())


def _parts_of(schema: Schema) -> RowSchema:
    lists: list[ListField] = []
    scalars_only = _without_lists(schema, schema, (), lists)
    fields = fields_of(scalars_only) if scalars_only.get("properties") or not lists else []
    return RowSchema(schema, tuple(fields), tuple(lists))


def _without_lists(
    schema: Schema, root: Schema, path: tuple[str, ...], lists: list[ListField]
) -> dict[str, Any]:
    """Return a schema without its lists of objects, which are added to `lists`."""
    properties: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        items = _items_of(part, root)
        if items is not None:
            lists.append(_list_of((*path, name), part, items, root))
        elif isinstance(part, Mapping) and part.get("type") == "object":
            properties[name] = _without_lists(part, root, (*path, name), lists)
        else:
            properties[name] = part
    return {**schema, "properties": properties}


def _items_of(part: Any, root: Schema) -> Schema | None:
    """Return the schema of a list's objects; None where it is no list of objects."""
    if not isinstance(part, Mapping):
        return None
    kinds = part.get("type")
    is_list = kinds == "array" or (isinstance(kinds, list) and "array" in kinds)
    items = part.get("items")
    reference = items.get("$ref") if isinstance(items, Mapping) else None
    if isinstance(reference, str) and reference.startswith(("#/$defs/", "#/definitions/")):
        _, group, name = reference.split("/", 2)
        items = root.get(group, {}).get(name)
    return items if is_list and isinstance(items, Mapping) and "properties" in items else None


def _list_of(path: tuple[str, ...], part: Schema, items: Schema, root: Schema) -> ListField:
    definitions = {name: root[name] for name in ("$defs", "definitions") if name in root}
    labels = [part.get("title"), *_texts(part.get("x-labels")), path[-1].replace("_", " ")]
    return ListField(
        path,
        tuple(str(label) for label in labels if label),
        tuple(fields_of({**definitions, **items})),
        frozenset(map(str, items.get("required", ()))),
    )


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
