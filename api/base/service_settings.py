"""Settings of the service: what an operator may set about its doors and its work in the background."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import (
    Field,
    HttpUrl,
    PositiveFloat,
    PositiveInt,
    SecretStr,
    TypeAdapter,
    field_validator,
)

from api.base.logs import LogFormat, LogLevel
from indexer.base.settings import FrozenSettings

_ADDRESS = TypeAdapter(HttpUrl)
_ORIGIN = r"^https?://[A-Za-z0-9.:\[\]_-]+"


class ServiceSettings(FrozenSettings):
    """The service: where it listens, and how people reach it."""

    host: str = Field("127.0.0.1", description="Address that `pagesight serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `pagesight serve` listens on.")
    public_url: str | None = Field(
        None,
        pattern=_ORIGIN + r"(/\S*)?$",
        description="Address at which people reach this service, such as `https://docs.example.org`; "
        "links in chat answers begin with it. Default: the address that the request came to.",
    )
    frame_origins: str = Field(
        "",
        pattern=rf"^$|{_ORIGIN}( {_ORIGIN[1:]})*$",
        description="Sites that may show a cited page in a frame, such as "
        "`https://chat.example.org`; several with a blank between. Default: none.",
    )
    cors_origins: str = Field(
        "",
        pattern=rf"^$|{_ORIGIN}( {_ORIGIN[1:]})*$",
        description="Sites whose pages may call this service from the browser and show its page images, such "
        "as `https://app.example.org`; several with a blank between. Default: none.",
    )
    cors_credentials: bool = Field(
        False,
        description="Let browsers send the cookie of the web page along from those sites. A key in a header "
        "needs no such permission.",
    )
    max_upload_files: int = Field(100, gt=0, description="Most files of one upload.")


class AccessSettings(FrozenSettings):
    """Access: API keys, and how much one of them may ask."""

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
    allowed_hosts: str = Field(
        "",
        description="Names of this service in the network, such as `nas.lan`, several with a blank between: "
        "as long as no key is asked for, a request must call it by one of them, by an address, or by the "
        "host of PAGESIGHT_PUBLIC_URL. `*`: by any name, which lets web pages in.",
    )
    signed_links: Literal["auto", "always", "never"] = Field(
        "auto",
        description="Whether links in answers open without a key, until they expire: `auto` where keys are "
        "used, `always`, or `never`.",
    )
    link_days: PositiveFloat = Field(30.0, description="Days for which a signed link is valid.")
    link_secrets: SecretStr | None = Field(
        None,
        description="Secrets of signed links, with a blank between: the first signs, each is valid. Default: "
        "one that is kept in the data folder; `pagesight keys rotate-links` makes the next one.",
    )
    trusted_keys: str = Field(
        "",
        description="Ids of API keys that speak for the users of a chat program, with a blank between: the "
        "user that it names in `X-OpenWebUI-User-Email` or in a signed token is believed.",
    )
    users_file: Path | None = Field(
        None,
        description="JSON file of the collections that each user may read: "
        '`{"ann@example.org": ["letters"], "*": ["manuals"]}`. Without it a user reads what the key reads.',
    )
    jwt_secret: SecretStr | None = Field(
        None,
        description="Secret of signed tokens of users (JWT, HS256), such as that of "
        "FORWARD_USER_INFO_HEADER_JWT_SECRET in Open WebUI.",
    )
    jwt_public_key: Path | None = Field(
        None, description="PEM file of the public key of such tokens (RS256, ES256, EdDSA)."
    )
    jwt_audience: str | None = Field(
        None, description="Audience (`aud`) that such a token must have."
    )
    jwt_issuer: str | None = Field(None, description="Issuer (`iss`) that such a token must have.")
    requests_per_minute: int = Field(
        0,
        ge=0,
        description="Most requests of one API key in a minute, over all processes; 0: any number.",
    )
    requests_at_once: int = Field(
        0,
        ge=0,
        description="Most requests of one API key that run at a time in one process; 0: any number.",
    )


class ConnectionSettings(FrozenSettings):
    """Connections: how many there may be, and how long a client may take."""

    max_connections: PositiveInt | None = Field(
        None,
        description="Connections that are open at a time; one more takes the place of one that idles, or is "
        "refused with 503. Default: half of the descriptors that the process may open, at most 4096.",
    )
    client_timeout_s: PositiveFloat = Field(
        20.0,
        description="Seconds that a client may take for the headers of a request, and that it may send "
        "nothing of a body.",
    )
    max_body_memory_bytes: PositiveInt = Field(
        256 * 1024 * 1024,
        description="Memory for all request bodies that are held at a time, in bytes. Of each body the first "
        "64 KiB do not count, and uploads are written to the disk as they come.",
    )


class LoadSettings(FrozenSettings):
    """Load: how many questions are worked on at a time, and how many may wait."""

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
        description="Questions that may wait for an answer, and as many again for a search; one more "
        "is refused with 503.",
    )
    max_wait_s: PositiveFloat = Field(
        10.0,
        description="Longest wait of a question; one that would wait longer is refused with 503.",
    )


class BackgroundSettings(FrozenSettings):
    """Work in the background."""

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
    scrub_days: float = Field(
        7.0,
        ge=0,
        le=3_650,
        description="Days in which everything stored is read and compared with what was written, by the same "
        "processes as upkeep; 0: never.",
    )
    webhook_url: str | None = Field(
        None,
        description="Addresses that receive a POST for every job that has ended, parted by spaces "
        "(docs/webhooks.md).",
    )
    webhook_secret: SecretStr | None = Field(
        None, description="Key of the HMAC-SHA256 in the `Pagesight-Signature` of those POSTs."
    )

    @field_validator("webhook_url")
    @classmethod
    def _check_addresses(cls, text: str | None) -> str | None:
        for address in (text or "").split():
            _ADDRESS.validate_python(address)
        return text

    @property
    def webhook_urls(self) -> tuple[str, ...]:
        """The addresses of the receivers."""
        return tuple((self.webhook_url or "").split())


class SpeedSettings(FrozenSettings):
    """Speed: what makes the process faster under load, and can be switched off."""

    gc_freeze: bool = Field(
        True,
        description="Keep Python's cycle collector in `pagesight serve` from walking what is loaded once.",
    )
    warm_start: bool = Field(
        True,
        description="Load the encoder when `pagesight serve` starts, not at the first question.",
    )


class TelemetrySettings(FrozenSettings):
    """Logs and traces."""

    log_level: LogLevel = Field("info", description="Least serious line that is logged.")
    log_format: LogFormat = Field(
        "auto", description="`json`, `text`, or `auto`: text on a terminal, JSON elsewhere."
    )
    traces: bool = Field(
        False,
        description="Send OpenTelemetry spans by OTLP over HTTP; OTEL_EXPORTER_OTLP_ENDPOINT says where "
        "to. Needs the extra `otel`.",
    )
