"""The versions that the catalog's schema has had, and how it gets from one to the next.

Every migration only adds: tables, and columns that may be null. So a process of the version before goes on
beside a catalog that was migrated, and opening a catalog may migrate it; a test holds them to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class SchemaStep:
    """One migration: the version it leads to, and what it adds, in a line."""

    version: str
    summary: str


def upgrade(connection: Connection, version: str = "head") -> None:
    """Bring the schema to a version, inside the transaction of the connection."""
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, version)


def steps_from(version: str | None) -> list[SchemaStep]:
    """Return the migrations that follow a version, in order; all of them for None."""
    scripts = ScriptDirectory.from_config(_config())
    revisions = scripts.iterate_revisions("head", version or "base")
    return [
        SchemaStep(revision.revision, (revision.doc or "").strip().splitlines()[0])
        for revision in reversed(list(revisions))
    ]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    return config
