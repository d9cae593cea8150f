"""Who asks through a chat program: a user that a trusted key names, or that a signed token proves.

One key of a chat program stands for all of its users. Where the operator says which collections each of them
may read, a request reaches what the key and the user both reach.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.base.errors import InvalidSettings, KeyRequired
from api.base.settings import Settings
from api.services.keys import ApiKey, Scope
from indexer.catalog.catalog import Catalog

USER_JWT_HEADER = "x-openwebui-user-jwt"
USER_HEADERS = ("x-openwebui-user-email", "x-openwebui-user-id")
JWT_HOLDER = "token"  # whose links those are that a bearer of a token is given
EVERYBODY = "*"
_MAX_USER_CHARACTERS = 320
_FILE = TypeAdapter(dict[str, list[str]])
_BAD_JWT = "this token of a user is not valid, has expired, or is for another service"
_log = logging.getLogger("pagesight.api")


class UserCollections:
    """The file that says who may read what: `{"ann@example.org": ["letters"], "*": ["manuals"]}`.

    `*` as a name means everybody, as a collection all of them. A change counts from the next request on; a
    file that cannot be read any more leaves what it said before.
    """

    def __init__(self, path: Path) -> None:
        """Raises InvalidSettings for a file that cannot be read."""
        self._path = path
        self._lock = Lock()
        self._changed_at_ns = 0
        self._names: dict[str, list[str]] = {}
        try:
            self._reload()
        except (OSError, ValueError) as error:
            raise InvalidSettings(f"PAGESIGHT_USERS_FILE={path}: {_reason(error)}") from error

    def of(self, user: str) -> frozenset[str]:
        """Return the names of the collections of a user; empty `user`: of somebody who is not known."""
        with self._lock:
            try:
                self._reload()
            except (OSError, ValueError) as error:
                _log.error("%s cannot be read, its former state counts: %s", self._path, error)
            own = self._names.get(user.lower(), []) if user else []
            return frozenset([*own, *self._names.get(EVERYBODY, [])])

    def _reload(self) -> None:
        changed_at_ns = self._path.stat().st_mtime_ns
        if changed_at_ns != self._changed_at_ns:
            rows = _FILE.validate_json(self._path.read_bytes())
            self._names = {user.lower(): names for user, names in rows.items()}
            self._changed_at_ns = changed_at_ns


class Identities:
    """Turns the key of a request into one that is held to the user it speaks for."""

    def __init__(self, settings: Settings, catalog: Catalog) -> None:
        """Raises InvalidSettings."""
        self._catalog = catalog
        self._trusted_ids = frozenset(settings.trusted_keys.split())
        self._collections = UserCollections(settings.users_file) if settings.users_file else None
        self._audience, self._issuer = settings.jwt_audience, settings.jwt_issuer
        self._secret = settings.jwt_secret.get_secret_value() if settings.jwt_secret else None
        self._public_key = _read_pem(settings.jwt_public_key)

    @property
    def reads_tokens(self) -> bool:
        """Say whether a user may prove to be one by a signed token."""
        return self._secret is not None or self._public_key is not None

    def key_for(self, key: ApiKey, headers: Mapping[str, str]) -> ApiKey:
        """Return a key, held to the user that it speaks for; as it is where it is trusted with none.

        Raises KeyRequired for a token that is not valid.
        """
        if key.id not in self._trusted_ids:
            return key
        if self.reads_tokens:
            token = headers.get(USER_JWT_HEADER)
            user = "" if token is None else user_of(self._claims_of(token))
        else:
            user = next((headers[name] for name in USER_HEADERS if headers.get(name)), "")
        return key.for_user(user[:_MAX_USER_CHARACTERS], self._reach_of(user, key.collection_ids))

    def key_of_token(self, text: str) -> ApiKey | None:
        """Return the key that a signed token is worth: it reads what its user may read. None: it is no token.

        Raises KeyRequired for a token that is not valid.
        """
        if not self.reads_tokens or text.count(".") != 2:
            return None
        claims = self._claims_of(text)
        user = user_of(claims)
        names = claims.get("collections")
        reach = (
            self._ids_of(frozenset(map(str, names)))
            if isinstance(names, list)
            else self._reach_of(user, frozenset() if self._collections is None else None)
        )
        now = datetime.now(UTC)
        return ApiKey(JWT_HOLDER, user, Scope.READ, reach, now, user=user)

    def _reach_of(self, user: str, key_reach: frozenset[str] | None) -> frozenset[str] | None:
        if self._collections is None:
            return key_reach
        user_reach = self._ids_of(self._collections.of(user))
        if user_reach is None or key_reach is None:
            return key_reach if user_reach is None else user_reach
        return user_reach & key_reach

    def _ids_of(self, names: frozenset[str]) -> frozenset[str] | None:
        """Return the ids of collections; a name that none has is passed over. None: of all."""
        if EVERYBODY in names:
            return None
        return frozenset(row.id for row in self._catalog.collections.all() if row.name in names)

    def _claims_of(self, token: str) -> dict[str, Any]:
        import jwt

        by_secret = self._secret is not None
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._secret or self._public_key or "",
                # Never both kinds with one key: a public key must not pass for a secret.
                algorithms=["HS256"] if by_secret else ["RS256", "ES256", "EdDSA"],
                audience=self._audience,
                issuer=self._issuer,
                options={"require": ["exp"], "verify_aud": self._audience is not None},
            )
        except jwt.PyJWTError as error:
            raise KeyRequired(_BAD_JWT) from error
        return claims


def user_of(claims: Mapping[str, Any]) -> str:
    """Return the user that a token proves: the e-mail address, else the subject. Raises KeyRequired."""
    user = claims.get("email") or claims.get("sub")
    if not isinstance(user, str) or not user.strip():
        raise KeyRequired("this token names no user: it needs `email` or `sub`")
    return user.strip()[:_MAX_USER_CHARACTERS]


def owner_of(key: ApiKey) -> str:
    """Return whose conversations those are that are begun with a key: of the key, or of its user."""
    if not key.user:
        return key.id
    return sha256(f"{key.id}:{key.user.lower()}".encode()).hexdigest()[:32]


def _read_pem(path: Path | None) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text(encoding="ascii")
    except (OSError, ValueError) as error:
        raise InvalidSettings(f"PAGESIGHT_JWT_PUBLIC_KEY={path}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    if isinstance(error, ValidationError):
        return "it must be JSON that names a list of collections for each user"
    return getattr(error, "strerror", None) or str(error)
