"""The newest schema in one piece: what all migrations make of a new catalog of SQLite, without running them.

`whole_schema.sql` is made by `make docs`; a test compares it with the migrations. PostgreSQL goes through
them: there a catalog is made once.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, text

_FILE = Path(__file__).parent / "whole_schema.sql"
_END = ";\n\n"  # of a statement; a trigger has semicolons of its own
_WITH_ROWS = ("alembic_version", "counters")  # all that a new catalog has rows in


def create_schema(connection: Connection) -> None:
    """Make the schema in a catalog of SQLite that has none, inside the transaction of the connection."""
    for statement in _FILE.read_text(encoding="utf-8").split(_END):
        connection.exec_driver_sql(statement)


def whole_schema(connection: Connection) -> str:
    """Return the statements that make a catalog of SQLite like one that is migrated, and new."""
    tables = connection.execute(text("SELECT name, type FROM pragma_table_list")).all()
    of_full_text = {name for name, kind in tables if kind == "shadow"}
    objects = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    statements = [_tidy(sql) for name, sql in objects if name not in of_full_text]
    for table in _WITH_ROWS:
        rows = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - a literal
        values = ", ".join(f"({', '.join(map(repr, row))})" for row in rows)
        statements.append(f"INSERT INTO {table} VALUES {values}")  # noqa: S608
    return _END.join(statements) + "\n"


def _tidy(statement: str) -> str:
    return "\n".join(line.rstrip().replace("\t", "  ") for line in statement.strip().splitlines())
