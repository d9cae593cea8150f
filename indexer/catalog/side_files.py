"""What side files say of documents."""

from __future__ import annotations

from indexer.base.document_properties import DocumentProperties
from indexer.catalog.collections import raise_generation
from indexer.catalog.database import Database
from indexer.catalog.document_rows import row_of
from indexer.catalog.properties import Origin, state_properties, stated_by


class SideFiles:
    """The side files of all documents. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self, document_id: str, properties: DocumentProperties) -> None:
        """Give a document what its side file says of it now, and no more what it said before.

        Raises DocumentNotFound.
        """
        with self._database.reading() as transaction:  # most often nothing changes
            row = row_of(transaction, document_id)
            of_bytes = row.collection_id, row.sha256
            if stated_by(transaction, *of_bytes, Origin.SIDE_FILE) == properties:
                return
        with self._database.writing() as transaction:
            row = row_of(transaction, document_id)
            of_bytes = row.collection_id, row.sha256
            if state_properties(transaction, *of_bytes, properties, Origin.SIDE_FILE):
                raise_generation(transaction, row.collection_id)
