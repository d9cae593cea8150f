"""Catalogs of every schema that there has been, each with the rows that its pagesight wrote."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import MetaData, insert

from indexer.catalog.database import Database, Transaction
from indexer.catalog.schema import steps_from, upgrade
from indexer.encoders.fake import FakeEncoder
from tests.support.factories import words

MOMENT = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
SCHEMAS = [step.version for step in steps_from(None)]


def is_in_metadata(
    thing: object, name: str | None, kind: str, is_reflected: bool, compared: object
) -> bool:
    """Leave out the full text, which is in another form in each kind of database: `page_index`."""
    table = name if kind == "table" else getattr(getattr(thing, "table", None), "name", name)
    return not (table or "").startswith("page_index")


Rows = dict[str, list[dict[str, Any]]]


def _rows_of_0001(mark: str) -> Rows:
    document = {
        "id": f"d{mark}",
        "collection_id": f"c{mark}",
        "sha256": mark.zfill(64),
        "n_bytes": 7,
    }
    return {
        "collections": [
            {"id": f"c{mark}", "name": f"letters{mark}", "generation": 3, "created_at": MOMENT}
            | {"fingerprint": FakeEncoder().fingerprint.to_dict()}
        ],
        "segments": [
            {"name": f"s{mark}", "collection_id": f"c{mark}", "n_pages": 1, "n_vectors": 2, "dim": 8}
            | {"files": {"vectors.npy": {"n_bytes": 160, "sha256": "e" * 64}}}
        ],
        "documents": [
            document
            | {"name": "lease.pdf", "verdict": "indexed", "warnings": ["a font is missing"]}
            | {"n_pages": 1, "first_page_id": int(mark), "segment": f"s{mark}", "created_at": MOMENT},
            document
            | {"id": f"r{mark}", "sha256": "f" * 64, "name": "broken.pdf", "verdict": "corrupt"}
            | {"error_code": "corrupt", "error_message": "not a PDF", "warnings": []}
            | {"n_pages": 0, "created_at": MOMENT},
        ],
        "pages": [
            {"id": int(mark), "document_id": f"d{mark}", "page_number": 1, "label": "iv"}
            | {"width_pt": 595.0, "height_pt": 842.0, "image_sha256": "b" * 64}
            | {"image_width_px": 10, "image_height_px": 20, "n_vectors": 2, "text_source": "text"}
        ],
        "page_words": [{"page_id": int(mark), "words": words("six months").to_bytes()}],
    }  # fmt: skip


def _rows_of_0002(mark: str) -> Rows:
    job = {"id": f"j{mark}", "number": int(mark), "collection_id": f"c{mark}", "name": "late.pdf"}
    job |= {"sha256": "a" * 64, "n_bytes": 9, "priority": 0, "upload_place": 0, "token": 1}
    return {"jobs": [job | {"attempts": 0, "pages_done": 0, "created_at": MOMENT}]}


def _rows_of_0003(mark: str) -> Rows:
    moments = {"created_at": MOMENT}
    message = {"id": f"q{mark}", "conversation_id": f"t{mark}", "position": 0, "role": "user"}
    return {
        "conversations": [
            {"id": f"t{mark}", "title": "The lease", "collections": ["letters"], "updated_at": MOMENT}
            | moments
        ],
        "messages": [
            message | {"text": "When does it end?"} | moments,
            message
            | {"id": f"a{mark}", "position": 1, "role": "assistant", "text": "In six months."}
            | {"answer": {"answer": "In six months."}}
            | moments,
        ],
        "message_feedback": [
            {"message_id": f"a{mark}", "verdict": "helpful", "comment": "yes"} | moments
        ],
    }  # fmt: skip


def _rows_of_0004(mark: str) -> Rows:
    key = {"id": f"k{mark}", "name": "reader", "secret_sha256": "c" * 64, "scope": "read"}
    return {"api_keys": [key | {"collection_ids": [f"c{mark}"], "created_at": MOMENT}]}


def _rows_of_0005(mark: str) -> Rows:
    """The pair mark is written by whoever pairs the two; a removal by whoever deletes."""
    removal = {"number": int(mark), "kind": "image", "collection_id": "", "name": "9" * 64}
    return {"removals": [removal | {"since": MOMENT}]}


def _rows_of_0009(mark: str) -> Rows:
    """A name is written for every document; the lease goes by a second one, and a bill is attached to it."""
    lease = {"collection_id": f"c{mark}", "sha256": mark.zfill(64), "given_at": MOMENT}
    attachment = {"id": f"m{mark}3", "sha256": "f" * 64, "attached_to": mark.zfill(64)}
    return {
        "document_names": [
            lease | {"id": f"m{mark}1", "name": "lease.pdf", "name_start": "lease.pdf"},
            lease | {"id": f"m{mark}2", "name": "contract.pdf", "name_start": "contract.pdf"},
            lease | attachment | {"name": "broken.pdf", "name_start": "broken.pdf"},
        ]
    }


def _rows_of_0010(mark: str) -> Rows:
    lease = {"collection_id": f"c{mark}", "sha256": mark.zfill(64)}
    return {
        "document_tags": [lease | {"tag": "house"}, lease | {"tag": "legal"}],
        "document_metadata": [lease | {"name": "year", "value": "2026"}],
    }


# What each version began to write. A new schema adds its own line.
_ROWS: dict[str, Callable[[str], Rows]] = {
    "0001": _rows_of_0001,
    "0002": _rows_of_0002,
    "0003": _rows_of_0003,
    "0004": _rows_of_0004,
    "0005": _rows_of_0005,
    "0009": _rows_of_0009,
    "0010": _rows_of_0010,
}


def old_database(url: str, schema: str) -> Database:
    """A catalog as it was at that schema, with a row or two in every table."""
    database = Database(url, migrate=False)
    with database.writing() as transaction:
        upgrade(transaction, schema)
        write_rows(transaction, schema, "1")
    return database


def write_rows(transaction: Transaction, schema: str, mark: str) -> None:
    """Write what a pagesight of that schema writes, whatever the tables have beside; `mark` is a number."""
    tables = MetaData()
    tables.reflect(transaction)
    for version, rows_of in _ROWS.items():
        for table, rows in rows_of(mark).items() if version <= schema else ():
            for row in rows:
                transaction.execute(insert(tables.tables[table]).values(row))
