"""The address of an answer server and the key for it, checked before anything is sent."""

from __future__ import annotations

from urllib.parse import urlsplit

from generator.errors import GeneratorUnavailable


def host_of(base_url: str) -> str:
    """Return host:port. Raises GeneratorUnavailable; a password or a key would end up in logs."""
    try:
        parts = urlsplit(base_url)
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not host or "@" in parts.netloc or parts.query:
        raise GeneratorUnavailable(
            "the address of the answer server must look like http://localhost:8000/v1, and holds no "
            "password and no query"
        )
    return f"{host}:{port}" if port else host


def authorization(api_key: str | None) -> dict[str, str]:
    """Return the header of a key. Raises GeneratorUnavailable for what cannot be one."""
    if not api_key:
        return {}
    if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
        # Checked here because a library that refuses a header quotes it.
        raise GeneratorUnavailable("the API key holds a blank or a character that no key has")
    return {"Authorization": f"Bearer {api_key}"}
