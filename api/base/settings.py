"""All settings, and the only place that reads the environment.

A setting named `page_dpi` is read from `PAGESIGHT_PAGE_DPI`, in the environment or in `.env`.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from pydantic import ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.base.errors import InvalidSettings
from api.base.service_settings import (
    AccessSettings,
    BackgroundSettings,
    ConnectionSettings,
    LoadSettings,
    ServiceSettings,
    SpeedSettings,
    TelemetrySettings,
)
from generator.settings import GeneratorSettings
from indexer.base.settings import IndexerSettings
from retriever.settings import RetrieverSettings

PREFIX = "PAGESIGHT_"


class Settings(
    ServiceSettings,
    AccessSettings,
    ConnectionSettings,
    LoadSettings,
    BackgroundSettings,
    SpeedSettings,
    TelemetrySettings,
    IndexerSettings,
    RetrieverSettings,
    GeneratorSettings,
    BaseSettings,
):
    """The settings of every package in one flat, frozen group; each package sees its own type."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore"
    )


def load_settings() -> Settings:
    """Settings from the environment and `.env`.

    Raises InvalidSettings for a value that does not fit and for an unknown PAGESIGHT_ name.
    """
    names = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted({*os.environ, *_names_in_env_file(Path(".env"))}):
        if name.upper().startswith(PREFIX) and name.upper() not in names:
            raise InvalidSettings(f"{name} is not a setting{_suggestion(name.upper(), names)}")
    try:
        return Settings()  # type: ignore[call-arg]  # every field has a default
    except ValidationError as error:
        first = error.errors()[0]
        field = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise InvalidSettings(f"{field}={first['input']!r}: {_reason(first)}") from error


def _reason(detail: ErrorDetails) -> str:
    """Return what is wrong with a setting: its description where the rule is a pattern."""
    if detail["type"] != "string_pattern_mismatch":
        return detail["msg"]
    description = Settings.model_fields[str(detail["loc"][0])].description
    return f"this does not fit. {description}"


def _names_in_env_file(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    return [line.partition("=")[0].strip() for line in lines if line and line[0] != "#"]


def _suggestion(name: str, names: set[str]) -> str:
    close = get_close_matches(name, names, n=1)
    return f": did you mean {close[0]}?" if close else ": docs/settings.md lists them all"
