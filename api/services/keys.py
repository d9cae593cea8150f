"""API keys: who may use the service, for what, and until when.

A key is `ps_ID_SECRET`: an id that lists show, and 128 random bits that only its holder has. The
catalog stores its SHA-256: enough for a secret that nobody can guess, useless to anyone who reads it.
"""

from __future__ import annotations

import hmac
import re
import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from math import inf
from typing import Any

from sqlalchemy import Row, insert, select, update

from indexer.base.errors import CatalogUnavailable, InvalidKey, KeyNotFound
from indexer.catalog.column_values import utc
from indexer.catalog.database import Database
from indexer.catalog.service_tables import api_keys

MAX_NAME = 200

_SECRET_BYTES = 16
_ID_BYTES = 6
_KEY = re.compile(r"ps_([0-9a-f]{12})_[0-9a-f]{32}")
_USE_INTERVAL = timedelta(minutes=1)  # `last_used` is no reason to write at every request
_MOST = 2**53 - 1  # which every reader of JSON can hold
_NO_DIGEST = "0" * 64
_NO_KEYS_FOR_S = 1.0  # how long "no key was ever made" is believed without asking again


class Scope(StrEnum):
    """What a key may do. Of read, write and admin each allows what stands before it.

    METRICS allows to read the metrics and nothing else; of the others only ADMIN allows that, too.
    """

    READ = "read"
    WRITE = "write"
    ADMIN = "admin"
    METRICS = "metrics"

    def includes(self, scope: Scope) -> bool:
        if Scope.METRICS in (self, scope):
            return self in (scope, Scope.ADMIN)
        order = list(Scope)
        return order.index(self) >= order.index(scope)


@dataclass(frozen=True, slots=True)
class Quota:
    """Most that a key may use in a day, by UTC; None: any amount. `api.services.quotas` counts."""

    max_bytes_per_day: int | None = None
    max_documents_per_day: int | None = None
    max_questions_per_day: int | None = None


NO_QUOTA = Quota()


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret.

    collection_ids  what it reaches; None: every collection, also those that come later
    user            whom it speaks for, as a chat program says; empty: for itself
    """

    id: str
    name: str
    scope: Scope
    collection_ids: frozenset[str] | None
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None
    quota: Quota = NO_QUOTA
    user: str = ""

    def for_user(self, user: str, collection_ids: frozenset[str] | None) -> ApiKey:
        """Return the same key, held to what a user may read."""
        return replace(self.only_reading(), user=user, collection_ids=collection_ids)

    def only_reading(self) -> ApiKey:
        """Return the same key, which may read, if it may; and no more."""
        return replace(self, scope=Scope.READ) if self.scope.includes(Scope.READ) else self

    def valid_at(self, moment: datetime) -> bool:
        return self.revoked_at is None and (self.expires_at is None or moment < self.expires_at)


class Keys:
    """The keys of a database. Every method is one transaction, `authenticate` at most two."""

    def __init__(
        self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        self._clock = clock
        self._exist = False  # no row ever goes, so a yes stays true
        self._no_keys_until = -inf  # by the monotonic clock
        self._last_uses: dict[str, datetime] = {}  # of this process, by id

    def create(
        self,
        name: str,
        scope: Scope,
        collection_ids: Sequence[str] | None = None,
        expires_at: datetime | None = None,
        quota: Quota = NO_QUOTA,
    ) -> tuple[ApiKey, str]:
        """Make a key; returns it and its text, which nobody can learn again. Raises InvalidKey."""
        _require_valid(name, expires_at, self._clock())
        _require_valid_quota(quota)
        if scope is Scope.METRICS and collection_ids is not None:
            raise InvalidKey(
                "metrics are of all collections: make a key for them without collections"
            )
        key_id = secrets.token_hex(_ID_BYTES)
        text = f"ps_{key_id}_{secrets.token_hex(_SECRET_BYTES)}"
        reach = None if collection_ids is None else frozenset(collection_ids)
        key = ApiKey(key_id, name, scope, reach, self._clock(), expires_at, quota=quota)
        with self._database.writing() as transaction:
            transaction.execute(
                insert(api_keys).values(
                    id=key_id,
                    name=name,
                    secret_sha256=_hash(text),
                    scope=scope.value,
                    collection_ids=None if reach is None else sorted(reach),
                    created_at=key.created_at,
                    expires_at=expires_at,
                    **asdict(quota),
                )
            )
        self._exist = True
        return key, text

    def all(self) -> list[ApiKey]:
        """Return all keys, the revoked ones too, the newest first."""
        query = select(api_keys).order_by(api_keys.c.created_at.desc(), api_keys.c.id)
        with self._database.reading() as transaction:
            return [_key_of(row) for row in transaction.execute(query)]

    def exist(self) -> bool:
        """Say whether a key was ever made: from then on the service asks for one, revoked or not."""
        if not self._exist:
            asked_at = time.monotonic()
            with self._database.reading() as transaction:
                row = transaction.execute(select(api_keys.c.id).limit(1)).first()
            self._exist |= row is not None
            self._no_keys_until = asked_at + _NO_KEYS_FOR_S
        return self._exist

    def none_lately(self) -> bool:
        """Say whether the catalog reported within the last second that no key was ever made.

        It does not ask the catalog. So a first key that another process makes closes the door of this
        one within a second.
        """
        return not self._exist and time.monotonic() < self._no_keys_until

    def authenticate(self, text: str) -> ApiKey | None:
        """Return the key of that text; None unless it exists and is neither revoked nor expired."""
        now, row = self._clock(), None
        if (match := _KEY.fullmatch(text)) is not None:
            with self._database.reading() as transaction:
                row = transaction.execute(select(api_keys).where(api_keys.c.id == match[1])).first()
        # Compared also where no key has that id, so that the time taken does not tell which ids exist.
        is_secret = hmac.compare_digest(
            _hash(text), _NO_DIGEST if row is None else row.secret_sha256
        )
        if row is None or not is_secret or not (key := _key_of(row)).valid_at(now):
            return None
        self._note_use(key, now)
        return key

    def by_id(self, key_id: str) -> ApiKey | None:
        """Return a key by its id, also one that is not valid any more; None where there is none."""
        with self._database.reading() as transaction:
            row = transaction.execute(select(api_keys).where(api_keys.c.id == key_id)).first()
        return None if row is None else _key_of(row)

    def revoke(self, key_id: str) -> ApiKey:
        """Make the key open nothing from the next request on. Raises KeyNotFound."""
        is_key = api_keys.c.id == key_id
        with self._database.writing() as transaction:
            transaction.execute(
                update(api_keys)
                .where(is_key, api_keys.c.revoked_at.is_(None))
                .values(revoked_at=self._clock())
            )
            row = transaction.execute(select(api_keys).where(is_key)).first()
        if row is None:
            raise KeyNotFound(f"no key {key_id!r}: `pagesight keys list` shows the ids")
        return _key_of(row)

    def _note_use(self, key: ApiKey, now: datetime) -> None:
        """Store the last use, to the minute and once for many requests that come together."""
        last = self._last_uses.get(key.id, key.last_used_at)
        if last is not None and now - last < _USE_INTERVAL:
            return
        self._last_uses[key.id] = now
        # Neither a full disk nor a writer who takes long may close the door.
        with suppress(CatalogUnavailable), self._database.writing(patience_s=0) as transaction:
            row_update = update(api_keys).where(api_keys.c.id == key.id)
            transaction.execute(row_update.values(last_used_at=now))


def _require_valid(name: str, expires_at: datetime | None, now: datetime) -> None:
    if not 1 <= len(name.strip()) <= MAX_NAME:
        raise InvalidKey(f"a key has a name of 1 to {MAX_NAME} characters: say whose it is")
    if expires_at is not None and expires_at <= now:
        raise InvalidKey("a key cannot have expired before it is made")


def _require_valid_quota(quota: Quota) -> None:
    for field in fields(Quota):
        limit = getattr(quota, field.name)
        if limit is not None and not 0 <= limit <= _MOST:
            raise InvalidKey(f"{field.name} is a number from 0 to {_MOST}, or left out: no quota")


def _hash(text: str) -> str:
    return sha256(text.encode(errors="surrogatepass")).hexdigest()


def _key_of(row: Row[Any]) -> ApiKey:
    return ApiKey(
        id=row.id,
        name=row.name,
        scope=Scope(row.scope),
        collection_ids=None if row.collection_ids is None else frozenset(row.collection_ids),
        created_at=utc(row.created_at),
        expires_at=utc(row.expires_at),
        revoked_at=utc(row.revoked_at),
        last_used_at=utc(row.last_used_at),
        quota=Quota(*(getattr(row, field.name) for field in fields(Quota))),
    )
