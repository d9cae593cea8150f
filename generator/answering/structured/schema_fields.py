"""A JSON schema, read as fields that can be filled from pages one by one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from generator.answering.structured.number_words import number_in
from generator.errors import InvalidSchema
from indexer.base.language.dates import whole_dates_in

MAX_FIELDS = 32
MAX_DEPTH = 4
_SCALARS = frozenset({"string", "number", "integer", "boolean"})
_IN_WORDS = {"array": "list of single values", "null": "null alone"}
_MAX_COMPLAINTS = 5

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaField:
    """A value that the schema asks for.

    path   names from the outermost object to the value
    kind   of JSON: string, number, integer, boolean
    about  what the schema says it is, else its name in words
    is_described  the schema says what it is
    labels what documents may call it: its `title`, its `x-labels`, its name in words
    is_date       a string of the format `date`: 2026-03-01
    """

    path: tuple[str, ...]
    kind: str
    about: str
    is_nullable: bool
    options: tuple[Any, ...] = ()
    is_described: bool = False
    labels: tuple[str, ...] = ()
    is_date: bool = False

    @property
    def name(self) -> str:
        return ".".join(self.path)

    def value_of(self, text: str) -> Any:
        """Read the words of a page as this kind of value; None where they are none."""
        if self.options:
            matches = [o for o in self.options if isinstance(o, str) and _holds(text, o)]
            return max(matches, key=len, default=None)
        if self.is_date:
            dates = set(whole_dates_in(text.lower()))
            return dates.pop() if len(dates) == 1 else None
        match self.kind:
            case "boolean":
                return {"yes": True, "no": False}.get(text.strip().lower())
            case "number":
                return number_in(text)
            case "integer":
                number = number_in(text)
                return None if number is None or number != int(number) else int(number)
        return text.strip() or None


def check_schema(schema: Schema) -> None:
    """Raise InvalidSchema unless this is a JSON schema of an object."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import SchemaError

    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise InvalidSchema(f"this is no JSON schema: {error.message[:200]}") from error
    if follow(schema, schema).get("type", "object") != "object":
        raise InvalidSchema("the schema of an answer must describe an object")
    _refuse_references_elsewhere(schema)


def complaint_about(value: Any, schema: Schema) -> str:
    """Say where a value does not follow a schema, the first few places; empty where it does."""
    from jsonschema import Draft202012Validator

    errors = sorted(Draft202012Validator(schema).iter_errors(value), key=lambda e: list(e.path))
    places = [".".join(map(str, error.absolute_path)) or "the answer" for error in errors]
    messages = [re.sub(r"^None\b", "null", error.message[:200]) for error in errors]
    pairs = [f"{place}: {message}" for place, message in zip(places, messages, strict=True)]
    n_more = len(pairs) - _MAX_COMPLAINTS
    return "; ".join(pairs[:_MAX_COMPLAINTS] + ([f"and {n_more} more"] if n_more > 0 else []))


def fields_of(schema: Schema) -> list[SchemaField]:
    """Return the fields of a schema. Raises InvalidSchema for what cannot be filled one by one."""
    fields = [*_fields(schema, schema, ())]
    if not fields:
        raise InvalidSchema(
            "this schema names no values, and quotations fill those that are named; PAGESIGHT_GENERATOR "
            "names a model that chooses them itself"
        )
    if len(fields) > MAX_FIELDS:
        raise InvalidSchema(
            f"quotations fill at most {MAX_FIELDS} values, this schema has {len(fields)}"
        )
    return fields


def filled_object(values: Mapping[tuple[str, ...], Any]) -> dict[str, Any]:
    """Return the object with these values at these paths."""
    root: dict[str, Any] = {}
    for path, value in values.items():
        place = root
        for name in path[:-1]:
            place = place.setdefault(name, {})
        place[path[-1]] = value
    return root


def _fields(schema: Schema, root: Schema, path: tuple[str, ...]) -> Iterator[SchemaField]:
    if len(path) > MAX_DEPTH:
        raise InvalidSchema(f"{'.'.join(path)}: objects in objects go too deep to be quoted")
    for name, part in follow(schema, root).get("properties", {}).items():
        own_path = (*path, name)
        about = str(part.get("description") or "") if isinstance(part, Mapping) else ""
        core, is_nullable = without_null(follow(part, root), root)
        description = about or str(core.get("description") or "")
        options = tuple(core.get("enum", (core["const"],) if "const" in core else ()))
        kind = core.get("type", "string" if options else None)
        if kind == "object":
            yield from _fields(core, root, own_path)
        elif kind in _SCALARS:
            about = description or _in_words(own_path)
            labels = _labels(own_path[-1:], part, core)
            yield SchemaField(
                own_path, kind, about, is_nullable, options, bool(description), labels,
                is_date=kind == "string" and core.get("format") == "date",
            )  # fmt: skip
        else:
            raise InvalidSchema(
                f"{'.'.join(own_path)}: quotations fill strings, numbers, booleans, objects of them and "
                f"lists of such objects, no {_IN_WORDS.get(kind, 'value of many types')}; "
                "PAGESIGHT_GENERATOR names a model that can"
            )


def _labels(name: tuple[str, ...], *parts: Any) -> tuple[str, ...]:
    """Return what documents may call a value: what its schema says, and its name in words."""
    labels: list[str] = []
    for part in parts:
        if isinstance(part, Mapping):
            other_labels = part.get("x-labels", ())
            labels += [
                part.get("title", ""),
                *(other_labels if isinstance(other_labels, (list, tuple)) else ()),
            ]
    labels = [label for label in labels if isinstance(label, str) and label.strip()]
    return tuple(dict.fromkeys([*labels, _in_words(name)]))


def follow(schema: Any, root: Schema, n_steps: int = 0) -> Schema:
    """Follow references within the schema."""
    if not isinstance(schema, Mapping):
        return {}
    reference = schema.get("$ref")
    if reference is None or n_steps > MAX_DEPTH:
        return schema
    target: Any = root
    for name in str(reference).removeprefix("#").strip("/").split("/"):
        target = target.get(name, {}) if name and isinstance(target, Mapping) else target
    return follow(target, root, n_steps + 1)


def without_null(schema: Schema, root: Schema) -> tuple[Schema, bool]:
    """Return what a schema allows beside null, and whether it allows null."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        parts_but_null = [kind for kind in kinds if kind != "null"]
        return {
            **schema,
            "type": parts_but_null[0] if len(parts_but_null) == 1 else None,
        }, "null" in kinds
    parts = [follow(part, root) for part in schema.get("anyOf", schema.get("oneOf", ()))]
    parts_but_null = [part for part in parts if part.get("type") != "null"]
    if len(parts_but_null) == 1:
        return parts_but_null[0], len(parts_but_null) < len(parts)
    return schema, False


def _refuse_references_elsewhere(schema: Any) -> None:
    """Raise InvalidSchema for a reference out of the schema: nothing is fetched."""
    if isinstance(schema, Mapping):
        reference = schema.get("$ref")
        if isinstance(reference, str) and not reference.startswith("#"):
            raise InvalidSchema(f"{reference!r}: a schema refers to its own parts only")
        for part in schema.values():
            _refuse_references_elsewhere(part)
    elif isinstance(schema, list):
        for part in schema:
            _refuse_references_elsewhere(part)


def _holds(text: str, option: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(option)}(?!\w)", text, re.IGNORECASE) is not None


def _in_words(path: tuple[str, ...]) -> str:
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", " of ".join(reversed(path)))
    return " ".join(words.replace("_", " ").replace("-", " ").split())
