"""JSON into the dataclasses of `records`: unknown fields are passed over, missing ones are an error."""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import datetime
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from pagesight_client.errors import UnexpectedReply

R = TypeVar("R")


def read_record(kind: type[R], value: object) -> R:
    """Build a record from JSON. Raises UnexpectedReply."""
    record: R = _value_of(kind, value, kind.__name__)
    return record


def field_of(value: object, name: str) -> Any:
    """Return a field of a JSON object. Raises UnexpectedReply."""
    if not isinstance(value, dict) or name not in value:
        raise UnexpectedReply(f"the reply has no field {name!r}: is this pagesight?")
    return value[name]


def _value_of(kind: Any, value: Any, place: str) -> Any:
    if kind is Any:
        return value
    if is_dataclass(kind):
        return _read_dataclass(kind, value, place)
    if kind is datetime:
        return _read_moment(value, place)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):  # in the API, only `X | None`
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return None if value is None else _value_of(inner, value, place)
    if origin is tuple:
        return _read_tuple(arguments, value, place)
    if origin is dict:
        _require(isinstance(value, dict), value, place)
        return {name: _value_of(arguments[1], part, place) for name, part in value.items()}
    if origin is Literal:
        _require(isinstance(value, str), value, place)  # a newer service may have more words
        return value
    if kind is float:
        _require(isinstance(value, (int, float)) and not isinstance(value, bool), value, place)
        return float(value)
    _require(type(value) is kind, value, place)
    return value


def _read_dataclass(kind: Any, value: Any, place: str) -> Any:
    _require(isinstance(value, dict), value, place)
    values = {}
    for name, key, field_kind, has_default in _layout(kind):
        if key in value:
            values[name] = _value_of(field_kind, value[key], f"{place}.{key}")
        elif not has_default:
            raise UnexpectedReply(f"the reply has no {place}.{key}: is this pagesight?")
    return kind(**values)


@cache
def _layout(kind: Any) -> tuple[tuple[str, str, Any, bool], ...]:
    """Return of each field its name, its key in JSON, its type, and whether it has a default."""
    hints = get_type_hints(kind)
    return tuple(
        (
            field.name,
            field.metadata.get("key", field.name),
            hints[field.name],
            field.default is not MISSING,
        )
        for field in fields(kind)
    )


def _read_tuple(kinds: tuple[Any, ...], value: Any, place: str) -> tuple[Any, ...]:
    _require(isinstance(value, list), value, place)
    if kinds[-1] is Ellipsis:
        return tuple(_value_of(kinds[0], part, place) for part in value)
    _require(len(value) == len(kinds), value, place)
    return tuple(_value_of(kind, part, place) for kind, part in zip(kinds, value, strict=True))


def _read_moment(value: Any, place: str) -> datetime:
    _require(isinstance(value, str), value, place)
    try:
        return datetime.fromisoformat(value.replace("Z", "+00:00"))  # Python 3.10 reads no Z
    except ValueError as error:
        raise _unreadable(value, place) from error


def _require(fits: bool, value: Any, place: str) -> None:
    if not fits:
        raise _unreadable(value, place)


def _unreadable(value: Any, place: str) -> UnexpectedReply:
    return UnexpectedReply(f"{place} of the reply cannot be read: {value!r:.80}")


def reader(kind: type[R]) -> Callable[[Any], R]:
    """Return a function that reads a record of this kind."""
    return lambda value: read_record(kind, value)
