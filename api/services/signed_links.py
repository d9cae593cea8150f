"""Links that open one page, its image or the video that it shows to whoever holds them, until they expire.

A link is `PATH?...&expires=SECONDS&signature=KEYID.MAC`. It is worth no more than the key that made it: it
ends when that key is revoked or expires, and when the key does not reach the page any more.
"""

from __future__ import annotations

import hmac
import re
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from api.base.settings import Settings
from api.services.identities import JWT_HOLDER
from api.services.keys import ApiKey, Keys, Scope
from api.services.link_secrets import LinkSecrets

NO_HOLDER = ""  # the link was made where no key was asked for
_SIGNED_PATHS = re.compile(r"/pages/\d+|/v1/pages/\d+/(image|video)")
# What says which part of a page is shown. All else may be there or not: `width` says how large an image is
# sent, and chat programs add words of their own that no route here reads.
_SIGNED_PARAMETERS = frozenset({"box", "light", "region"})
_EXPIRES, _SIGNATURE = "expires", "signature"
_MAC_BYTES = 18
_MAX_PARAMETERS = 200
_DAY_S = 24 * 3600


class Signature(NamedTuple):
    """What a link says of itself."""

    holder: str
    mac: str
    expires_at_s: int
    parameters: str


class SignedLinks:
    """Signs links and verifies them. Safe to use from several threads."""

    def __init__(
        self,
        secrets: LinkSecrets,
        settings: Settings,
        keys: Keys,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.secrets = secrets
        self._when = settings.signed_links
        self._reads_tokens = bool(settings.jwt_secret or settings.jwt_public_key)
        self._lifetime_s = settings.link_days * _DAY_S
        self._keys = keys
        self._clock = clock

    def are_wanted(self, key: ApiKey | None) -> bool:
        """Say whether the links of a caller's answers are signed."""
        return self._when == "always" or (self._when == "auto" and key is not None)

    def sign(self, address: str, holder: str) -> str:
        """Return `PATH?QUERY` as a link of the key with the id `holder`."""
        path, _, query = address.partition("?")
        # Rounded up to an hour: the link of a page stays the same for a while, and so does its cache.
        expires_at_s = (int(self._clock() + self._lifetime_s) // 3600 + 1) * 3600
        parameters = _signed_parameters(query)
        mac = _mac(self.secrets.all()[0], path, parameters, expires_at_s, holder)
        link_query = f"{_EXPIRES}={expires_at_s}&{_SIGNATURE}={holder}.{mac}"
        return f"{path}?{query}&{link_query}" if query else f"{path}?{link_query}"

    def holder_of(self, path: str, query: str) -> str | None:
        """Return whose link this is; None for one that is none, has expired or was altered."""
        signature = _signature_in(query) if _SIGNED_PATHS.fullmatch(path) else None
        if signature is None or signature.expires_at_s <= self._clock():
            return None
        for secret in self.secrets.all():
            mac = _mac(secret, path, signature.parameters, signature.expires_at_s, signature.holder)
            if hmac.compare_digest(mac.encode(), signature.mac.encode()):
                return signature.holder
        return None

    def key_of(self, path: str, query: str) -> ApiKey | None:
        """Return the key that a link stands for, as one that may read; None where the link opens nothing."""
        holder = self.holder_of(path, query)
        if holder == JWT_HOLDER and self._reads_tokens:
            return _of_a_token()
        key = None if not holder else self._keys.by_id(holder)
        if key is None or not key.scope.includes(Scope.READ):
            return None
        is_valid = key.valid_at(datetime.fromtimestamp(self._clock(), UTC))
        return key.only_reading() if is_valid else None


def is_signed(query: str) -> bool:
    """Say whether an address claims to be a signed link."""
    return f"{_SIGNATURE}=" in query


def _of_a_token() -> ApiKey:
    """Return what a link of somebody with a token is worth, who has no key: the one page that it is for."""
    return ApiKey(JWT_HOLDER, "", Scope.READ, None, datetime.now(UTC))


def _signature_in(query: str) -> Signature | None:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    except ValueError:  # more of them than any link of ours has
        return None
    expiries = [value for name, value in pairs if name == _EXPIRES]
    signatures = [value for name, value in pairs if name == _SIGNATURE]
    if len(expiries) != 1 or len(signatures) != 1 or not re.fullmatch(r"\d{1,12}", expiries[0]):
        return None
    holder, dot, mac = signatures[0].partition(".")
    if not dot:
        return None
    return Signature(holder, mac, int(expiries[0]), _signed_parameters(query))


def _signed_parameters(query: str) -> str:
    """Return the parameters that a signature covers, in their order."""
    pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=_MAX_PARAMETERS)
    return urlencode([pair for pair in pairs if pair[0] in _SIGNED_PARAMETERS])


def _mac(secret: bytes, path: str, parameters: str, expires_at_s: int, holder: str) -> str:
    message = "\n".join(("pagesight link 1", path, parameters, str(expires_at_s), holder))
    digest = hmac.new(secret, message.encode(), sha256).digest()
    return urlsafe_b64encode(digest[:_MAC_BYTES]).decode()
