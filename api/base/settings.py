"""All settings, and the only place that reads the environment.

A setting named `page_dpi` is read from `PAGESIGHT_PAGE_DPI`, in the environment or in `.env`.
"""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path

from pydantic import Field, HttpUrl, PositiveFloat, PositiveInt, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from api.base.errors import InvalidSettings
from api.base.logs import LogFormat, LogLevel
from generator.settings import GeneratorSettings
from indexer.base.settings import IndexerSettings
from retriever.settings import RetrieverSettings

PREFIX = "PAGESIGHT_"
_ORIGIN = r"^https?://[A-Za-z0-9.:\[\]_-]+"


class Settings(IndexerSettings, RetrieverSettings, GeneratorSettings, BaseSettings):
    """The settings of every package in one flat, frozen group; each package sees its own type."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_ignore_empty=True, frozen=True, extra="ignore"
    )

    host: str = Field("127.0.0.1", description="Address that `pagesight serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `pagesight serve` listens on.")
    require_keys: bool = Field(
        False,
        description="Ask for an API key also as long as none was made; from the first one on it is "
        "asked for anyway.",
    )
    open_without_keys: bool = Field(
        False,
        description="Listen beyond this machine although no API key was made. Only where everyone who "
        "reaches the address may read and delete everything.",
    )
    requests_per_minute: int = Field(
        0, ge=0, description="Most requests of one API key in a minute; 0: any number."
    )
    requests_at_once: int = Field(
        0, ge=0, description="Most requests of one API key that run at a time; 0: any number."
    )
    max_upload_files: int = Field(100, gt=0, description="Most files of one upload.")
    embedded_worker: bool = Field(
        True,
        description="Whether `pagesight serve` runs jobs itself; if not, a `pagesight worker` must.",
    )
    upkeep_interval_s: float = Field(
        30.0,
        ge=0,
        le=86_400,
        description="Seconds between two looks for collections to compact, in `pagesight serve` with "
        "`embedded_worker` and in `pagesight worker`; 0: never.",
    )
    webhook_url: HttpUrl | None = Field(
        None, description="Address that is told, by a POST, of every job that has ended."
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Key of the HMAC-SHA256 in the `Pagesight-Signature` of those POSTs."
    )
    max_answers: PositiveInt | None = Field(
        None,
        description="Answers that are written at a time. Default: twice the cores for `extractive`, four "
        "batches for a model in this process, 256 for one behind an address.",
    )
    max_searches: PositiveInt = Field(
        32,
        description="Searches that are let in at a time. Those of the same pages share a pass, 16 at most: "
        "while one group is searched, the next one gathers.",
    )
    max_waiting: int = Field(
        256,
        ge=0,
        description="Questions that may wait for an answer's place, and as many for a search's; one more "
        "is refused with 503.",
    )
    max_wait_s: PositiveFloat = Field(
        10.0,
        description="Longest wait for a place; a question that would wait longer is refused with 503.",
    )
    log_level: LogLevel = Field("info", description="Least serious line that is logged.")
    log_format: LogFormat = Field(
        "auto", description="`json`, `text`, or `auto`: text on a terminal, JSON elsewhere."
    )
    traces: bool = Field(
        False,
        description="Send OpenTelemetry spans by OTLP over HTTP; OTEL_EXPORTER_OTLP_ENDPOINT says where "
        "to. Needs the extra `otel`.",
    )
    public_url: str | None = Field(
        None,
        pattern=_ORIGIN + r"(/\S*)?$",
        description="Address at which people reach this service; links in chat answers begin with "
        "it. Default: the address that the request came to.",
    )
    frame_origins: str = Field(
        "",
        pattern=rf"^$|{_ORIGIN}( {_ORIGIN[1:]})*$",
        description="Sites that may show a cited page in a frame, such as "
        "`https://chat.example.org`; several with a blank between. Default: none.",
    )


def load_settings() -> Settings:
    """Settings from the environment and `.env`.

    Raises InvalidSettings for a value that does not fit and for an unknown PAGESIGHT_ name.
    """
    known = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields}
    for name in sorted({*os.environ, *_names_in_env_file(Path(".env"))}):
        if name.upper().startswith(PREFIX) and name.upper() not in known:
            raise InvalidSettings(f"{name} is not a setting{_suggestion(name.upper(), known)}")
    try:
        return Settings()  # type: ignore[call-arg]  # every field has a default
    except ValidationError as error:
        first = error.errors()[0]
        field = f"{PREFIX}{str(first['loc'][0]).upper()}"
        raise InvalidSettings(f"{field}={first['input']!r}: {first['msg']}") from error


def _names_in_env_file(path: Path) -> list[str]:
    if not path.is_file():
        return []
    lines = (line.strip().removeprefix("export ") for line in path.read_text().splitlines())
    return [line.partition("=")[0].strip() for line in lines if line and line[0] != "#"]


def _suggestion(name: str, known: set[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f": did you mean {close[0]}?" if close else ": docs/settings.md lists them all"
