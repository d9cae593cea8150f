"""A collection that several make at the same moment is made once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from indexer.catalog.collections import Collections
from indexer.catalog.database import Database
from tests.support.factories import FINGERPRINT

N_AT_ONCE = 3


def test_a_collection_that_several_make_at_once_is_made_once(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    nobody_found_it = threading.Barrier(N_AT_ONCE)
    create = Collections.create

    def create_after_all_looked(self: Collections, *arguments: Any) -> Any:
        nobody_found_it.wait(600)
        return create(self, *arguments)

    monkeypatch.setattr(Collections, "create", create_after_all_looked)
    collections = Collections(database)
    with ThreadPoolExecutor(N_AT_ONCE) as threads:
        made = list(
            threads.map(lambda _: collections.get_or_create("c", FINGERPRINT), range(N_AT_ONCE))
        )
    assert len({collection.id for collection in made}) == 1
    assert [collection.id for collection in collections.all()] == [made[0].id]
