"""The settings in force, each with where it comes from, in a form that may be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from pydantic import SecretStr
from pydantic_core import PydanticUndefined

from api.base.settings import PREFIX, Settings

_MASK = "***"


@dataclass(frozen=True, slots=True)
class SettingValue:
    """One setting; `is_default`: nobody set it."""

    name: str
    value: str | None
    default: str | None
    is_default: bool
    description: str


def setting_list(settings: Settings) -> list[SettingValue]:
    """List every setting by name; no value of it tells a secret."""
    return [
        SettingValue(
            name=f"{PREFIX}{name.upper()}",
            value=_text_of(getattr(settings, name)),
            default=_text_of(None if field.default is PydanticUndefined else field.default),
            is_default=name not in settings.model_fields_set,
            description=field.description or "",
        )
        for name, field in sorted(Settings.model_fields.items())
    ]


def _text_of(value: Any) -> str | None:
    if value is None or value == "":
        return None
    if isinstance(value, SecretStr):
        return "set" if value.get_secret_value() else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _without_password(str(value))


def _without_password(text: str) -> str:
    """Mask what an address may carry of secrets: its password, and all that stands in its query."""
    if "://" not in text:
        return text
    try:
        place = urlsplit(text).netloc
    except ValueError:
        return _MASK
    user, at, _ = place.rpartition("@")
    name, colon, _ = user.partition(":")
    if colon:
        text = text.replace(f"//{user}{at}", f"//{name}:{_MASK}{at}", 1)
    path, mark, query = text.partition("?")
    return f"{path}{mark}{_MASK}" if query else text
