"""One suite over API keys and the schema they came with, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import DateTime, bindparam, create_engine, select, text

import api.services.keys as keys_module
import indexer.catalog.database as database_module
from api.services.conversations import Conversations
from api.services.keys import MAX_NAME, Keys, Scope
from indexer.base.errors import InvalidKey, KeyNotFound
from indexer.catalog.database import Database
from indexer.catalog.service_tables import api_keys
from indexer.catalog.table_metadata import metadata
from tests.support.old_catalogs import is_in_metadata
from tests.support.postgres import new_database


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture(params=["sqlite", "postgres"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'catalog.sqlite3'}"
    return new_database(request.getfixturevalue("postgres_server"))


@pytest.fixture
def database(address: str) -> Iterator[Database]:
    database = Database(address)
    yield database
    database.engine.dispose()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(database: Database, clock: Clock) -> Keys:
    return Keys(database, clock)


def test_a_key_opens_what_it_was_made_for(keys: Keys) -> None:
    api_key, text = keys.create("ann", Scope.WRITE, ["c1", "c2"])
    same_key = keys.authenticate(text)
    assert same_key is not None
    assert (same_key.id, same_key.name, same_key.scope) == (api_key.id, "ann", Scope.WRITE)
    assert same_key.collection_ids == {"c1", "c2"}
    _, text = keys.create("all", Scope.READ)
    everywhere = keys.authenticate(text)
    assert everywhere is not None and everywhere.collection_ids is None
    _, empty = keys.create("nothing", Scope.READ, [])
    nowhere = keys.authenticate(empty)
    assert nowhere is not None and nowhere.collection_ids == frozenset()


def test_the_secret_has_128_bits_and_is_kept_nowhere(keys: Keys, database: Database) -> None:
    texts = [keys.create("k", Scope.READ)[1] for _ in range(20)]
    secrets = {text.rsplit("_", 1)[1] for text in texts}
    assert len(secrets) == 20 and all(len(bytes.fromhex(secret)) == 16 for secret in secrets)
    with database.reading() as connection:
        rows = str(connection.execute(select(api_keys)).all())
    assert not any(secret in rows for secret in secrets)


def test_what_is_not_exactly_a_key_opens_nothing(keys: Keys) -> None:
    api_key, key = keys.create("k", Scope.ADMIN)
    second_key = keys.create("o", Scope.ADMIN)[1]
    wrong = [
        "", "none", api_key.id, key[:-1], key + "0", key.upper(), f" {key}", f"{key}\n", key[3:],
        key.rsplit("_", 1)[0] + "_" + second_key.rsplit("_", 1)[1],
        "ps_" + "0" * 12 + "_" + key.rsplit("_", 1)[1], "\ud800", "ps_%_" + "0" * 32,
    ]  # fmt: skip
    assert [keys.authenticate(text) for text in wrong] == [None] * len(wrong)
    assert keys.authenticate(key) is not None


def test_a_key_ends_when_it_expires_or_is_revoked(keys: Keys, clock: Clock) -> None:
    brief_key, brief = keys.create("brief", Scope.READ, None, clock.now + timedelta(hours=1))
    _, lasting = keys.create("lasting", Scope.READ)
    clock.now += timedelta(minutes=59)
    assert keys.authenticate(brief) is not None
    clock.now += timedelta(minutes=1)
    assert keys.authenticate(brief) is None and keys.authenticate(lasting) is not None
    (lasting_key,) = [key for key in keys.all() if key.id != brief_key.id]
    first = keys.revoke(lasting_key.id)
    clock.now += timedelta(minutes=5)
    assert keys.revoke(lasting_key.id).revoked_at == first.revoked_at  # the first time stays
    assert keys.authenticate(lasting) is None
    assert keys.exist() and Keys(keys._database).exist()  # a service with keys stays closed


def test_there_are_none_until_one_is_made(keys: Keys) -> None:
    assert not keys.exist() and keys.all() == []
    keys.create("k", Scope.READ)
    assert keys.exist()


def test_that_there_are_none_is_believed_for_a_second(
    keys: Keys, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(keys_module.time, "monotonic", lambda: now)
    elsewhere = Keys(database)
    assert not keys.none_lately()  # nobody was asked
    assert not keys.exist() and keys.none_lately()
    elsewhere.create("k", Scope.READ)
    assert not elsewhere.none_lately()
    now += 0.9
    assert keys.none_lately()
    now += 0.2
    assert not keys.none_lately() and keys.exist() and not keys.none_lately()


def test_the_last_use_is_noted_to_the_minute(keys: Keys, clock: Clock) -> None:
    api_key, key = keys.create("k", Scope.READ)
    assert api_key.last_used_at is None
    begin = clock.now
    for seconds, noted_s in ((0, 0), (59, 0), (60, 60), (61, 60), (500, 500)):
        clock.now = begin + timedelta(seconds=seconds)
        keys.authenticate(key)
        assert keys.all()[0].last_used_at == begin + timedelta(seconds=noted_s)


def test_a_key_that_makes_no_sense_is_refused(keys: Keys, clock: Clock) -> None:
    for name in ("", "  ", "x" * (MAX_NAME + 1)):
        with pytest.raises(InvalidKey, match="name"):
            keys.create(name, Scope.READ)
    with pytest.raises(InvalidKey, match="expired"):
        keys.create("k", Scope.READ, None, clock.now)
    with pytest.raises(KeyNotFound, match="keys list"):
        keys.revoke("nobody")
    assert not keys.exist()


def test_a_scope_allows_what_stands_before_it() -> None:
    scopes = {scope: {part for part in Scope if scope.includes(part)} for scope in Scope}
    assert scopes == {
        Scope.READ: {Scope.READ},
        Scope.WRITE: {Scope.READ, Scope.WRITE},
        Scope.ADMIN: set(Scope),
        Scope.METRICS: {Scope.METRICS},
    }


def test_a_key_for_metrics_allows_nothing_else_and_is_of_all_collections(keys: Keys) -> None:
    key, _ = keys.create("prometheus", Scope.METRICS)
    assert [scope for scope in Scope if key.scope.includes(scope)] == [Scope.METRICS]
    assert [scope for scope in Scope if scope.includes(Scope.METRICS)] == [
        Scope.ADMIN, Scope.METRICS,
    ]  # fmt: skip
    with pytest.raises(InvalidKey, match="all collections"):
        keys.create("prometheus", Scope.METRICS, ["c"])


def test_a_catalog_from_before_keys_is_brought_up_with_its_conversations(address: str) -> None:
    _catalog_of_revision_0003(address)
    database = Database(address)
    with database.reading() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": is_in_metadata})
        assert compare_metadata(context, metadata) == []
    conversations = Conversations(database)
    (conversation,) = conversations.latest(10)
    assert (conversation.title, conversation.collections, conversation.owner) == (
        "before",
        ("c",),
        None,
    )
    assert conversations.latest(10, owner="somebody") == []
    _, key = Keys(database).create("k", Scope.READ)
    assert Keys(database).authenticate(key) is not None
    database.engine.dispose()


def _catalog_of_revision_0003(address: str) -> None:
    """Make a catalog with a conversation, as the pagesight of that time left it."""
    config = Config()
    folder = Path(database_module.__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder))
    engine = create_engine(address)
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        then = datetime(2026, 1, 1, tzinfo=UTC)
        row = {"id": "t", "title": "before", "collections": '["c"]', "at": then}
        connection.execute(
            text(
                "INSERT INTO conversations (id, title, collections, created_at, updated_at) "
                "VALUES (:id, :title, :collections, :at, :at)"
            ).bindparams(bindparam("at", type_=DateTime(timezone=True))),
            row,
        )
    engine.dispose()
