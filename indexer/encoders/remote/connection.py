"""Requests to an encoder apart: sent again while it is busy or away, for as long as whoever asks can wait."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from indexer.base.errors import EncoderAway, EncoderUnavailable
from indexer.base.lazy import Lazy
from indexer.encoders.remote.wire import FINGERPRINT_HEADER, MEDIA_TYPE

if TYPE_CHECKING:
    import httpx2

_CONNECT_S = 5.0
_FIRST_WAIT_S = 0.2
_MAX_WAIT_S = 5.0
BUSY = (429, 503)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: for an answer that is computed, for an encoder that is away, for one that is busy."""

    answer_s: float
    away_s: float
    busy_s: float


class EncoderConnection:
    """Speaks to the encoder at an address. Safe to use from several threads.

    key  that it asks for; None: none
    """

    def __init__(self, address: str, key: str | None) -> None:
        """Raises EncoderUnavailable for an address that cannot be one, or holds a password."""
        parts = urlsplit(address)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise EncoderUnavailable(
                "the address of an encoder must look like http://encoder:8100, and holds no password: "
                "set PAGESIGHT_ENCODER_KEY"
            )
        self.where = f"the encoder at {parts.netloc}"
        self._address = address.rstrip("/")
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._client = Lazy(_client)

    def get(self, path: str, patience: Patience) -> bytes:
        """Return what is at a path. Raises as `post`."""
        return self._persistently("GET", path, None, {}, patience)

    def post(self, path: str, message: bytes, digest: str, patience: Patience) -> bytes:
        """Return the answer of the encoder that `digest` names.

        Raises EncoderAway when the patience ends, or another encoder is there now; EncoderUnavailable when it
        refuses.
        """
        headers = {FINGERPRINT_HEADER: digest, "Content-Type": MEDIA_TYPE}
        return self._persistently("POST", path, message, headers, patience)

    def _persistently(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: dict[str, str],
        patience: Patience,
    ) -> bytes:
        import httpx2

        began, wait_s = time.monotonic(), _FIRST_WAIT_S
        while True:
            try:
                response = self._client.get().request(
                    method,
                    self._address + path,
                    content=body,
                    headers=self._headers | headers,
                    timeout=httpx2.Timeout(patience.answer_s, connect=_CONNECT_S),
                )
            except (httpx2.TransportError, httpx2.DecodingError, httpx2.InvalidURL) as error:
                ends_s, away = patience.away_s, self._away(error)
            else:
                if response.status_code == 200:
                    return bytes(response.content)
                code, message = _error_of(response)
                if not self._is_busy(response.status_code, code):
                    raise self._refusal(response.status_code, code, message)
                ends_s, away = patience.busy_s, EncoderAway(f"{self.where} is busy: {message}")
                wait_s = max(wait_s, _seconds(response.headers.get("Retry-After")))
            if time.monotonic() + wait_s - began > ends_s:
                raise away
            time.sleep(wait_s)
            wait_s = min(2 * wait_s, _MAX_WAIT_S)

    def _is_busy(self, status: int, code: str) -> bool:
        return status in BUSY and code == "overloaded"

    def _away(self, error: Exception) -> EncoderAway:
        return EncoderAway(f"{self.where} does not answer ({type(error).__name__}): is it running?")

    def _refusal(self, status: int, code: str, message: str) -> EncoderUnavailable:
        if code == "encoder_mismatch":
            return EncoderAway(
                f"{self.where} is another one than when this process began: {message}"
            )
        if status in (401, 403):
            return EncoderUnavailable(
                f"{self.where} refuses the key: set PAGESIGHT_ENCODER_KEY to its own"
            )
        return EncoderUnavailable(f"{self.where} answered {status}: {message}")


def _client() -> httpx2.Client:
    import httpx2

    # The environment is not read: its proxy would be wrong for a server nearby.
    return httpx2.Client(trust_env=False)


def _error_of(response: httpx2.Response) -> tuple[str, str]:
    """Return the code and the message of an error; of what is none of ours, no code and its beginning."""
    try:
        error = response.json()["error"]
        return str(error["code"]), str(error["message"])
    except (ValueError, KeyError, TypeError):
        return "", json.dumps(response.text[:100])


def _seconds(retry_after: str | None) -> float:
    return float(retry_after) if retry_after and retry_after.isdecimal() else 0.0
