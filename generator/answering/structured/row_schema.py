"""Reads the schema of a row: values that a label names, and lists of objects that are rows of a table."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from generator.answering.structured.schema_fields import (
    MAX_DEPTH,
    Schema,
    SchemaField,
    check_schema,
    fields_of,
    follow,
    without_null,
)
from generator.errors import InvalidSchema

MAX_LISTS = 8  # each is a search of its own


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
    is_nullable: bool = False

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
    whole = {**schema, **follow(schema, schema)}
    whole.pop("$ref", None)
    scalars_only = _without_lists(whole, schema, (), lists)
    fields = fields_of(scalars_only) if scalars_only.get("properties") or not lists else []
    if len(lists) > MAX_LISTS:
        raise InvalidSchema(f"tables fill at most {MAX_LISTS} lists, this schema has {len(lists)}")
    return RowSchema(schema, tuple(fields), tuple(lists))


def _without_lists(
    schema: Schema, root: Schema, path: tuple[str, ...], lists: list[ListField]
) -> dict[str, Any]:
    """Return a schema without its lists of objects, which are added to `lists`."""
    if len(path) > MAX_DEPTH:
        raise InvalidSchema(f"{'.'.join(path)}: objects in objects go too deep to be quoted")
    properties: dict[str, Any] = {}
    for name, part in schema.get("properties", {}).items():
        own_path = (*path, name)
        list_field = _list_of(own_path, part, root)
        core, _ = without_null(follow(part, root), root)
        if list_field is not None:
            lists.append(list_field)
        elif core.get("type") == "object":
            if inner := _without_lists(core, root, own_path, lists):
                properties[name] = inner
        else:
            properties[name] = part
    return {**schema, "properties": properties} if properties else {}


def _list_of(path: tuple[str, ...], part: Any, root: Schema) -> ListField | None:
    """Return a list of objects; None where the part is none."""
    core, is_nullable = without_null(follow(part, root), root)
    items = follow(core.get("items"), root)
    if core.get("type") != "array" or "properties" not in items:
        return None
    definitions = {name: root[name] for name in ("$defs", "definitions") if name in root}
    titles = [part.get("title"), core.get("title"), *_texts(part.get("x-labels"))]
    return ListField(
        path,
        tuple(str(label) for label in [*titles, path[-1].replace("_", " ")] if label),
        tuple(fields_of({**definitions, **items})),
        frozenset(map(str, items.get("required", ()))),
        is_nullable,
    )


def _texts(value: Any) -> list[str]:
    return [text for text in value if isinstance(text, str)] if isinstance(value, list) else []
