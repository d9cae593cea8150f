"""Tests of a data folder, over PostgreSQL, a bucket (moto) and Qdrant (local mode): `make test-cluster`.

pytest loads it as a plugin (`-p tests.support.cluster_layout`). Every data folder that a test names gets a
database and a place in the bucket of its own, which a file in it remembers, so that a copy of the folder gets
copies of both. Tests that look at the files of a folder, or bring a place of their own, are skipped.
"""

from __future__ import annotations

import atexit
import json
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.postgres import new_database, running_server
from tests.support.s3 import KEYS, new_prefix, running_s3

_MARK = "cluster-of-tests.json"
_PLACES = ("database_url", "storage", "vectors")
_FILES = "it looks at the files of a folder, or damages them"
_OWN_PROCESS = "it starts a process with a folder of its own"
SKIPPED = {  # below tests/integration
    "doors/test_mcp.py::test_links_over_standard_output_begin_with_the_public_address": _OWN_PROCESS,
    "doors/test_mcp.py::test_the_same_tools_answer_over_standard_input_and_output": _OWN_PROCESS,
    "test_attachments.py::test_a_kill_at_any_change_shows_all_or_nothing_and_the_next_ingest_completes_it": (
        "the lock of a killed process ends after a minute"
    ),
    "test_bundles.py::test_no_bundle_is_made_of_what_is_damaged_or_over_a_file_that_is_there": _FILES,
    "test_bundles.py::test_the_command_line_makes_and_verifies_a_bundle": _OWN_PROCESS,
    "test_new_versions.py::test_pages_whose_vectors_are_damaged_are_encoded_again": _FILES,
    "test_reclaiming.py::test_a_search_engine_lets_go_of_the_files_of_what_was_deleted": _FILES,
    "test_reclaiming.py::test_what_lies_in_quarantine_for_long_enough_is_removed": _FILES,
    "test_reencoding.py::test_damage_to_the_index_beside_is_dropped_and_encoded_again": _FILES,
    "test_reencoding.py::test_the_command_encodes_compares_swaps_and_goes_back": _OWN_PROCESS,
    "test_rereading.py::test_a_lost_or_damaged_original_is_said_and_its_document_left_alone": _FILES,
    "test_sync.py::test_killed_anywhere_the_next_run_ends_what_was_begun": _FILES,
    "test_versions.py::test_a_withdrawn_version_is_missing_and_comes_back_as_what_it_was": _FILES,
}

_is_on = False


def pytest_configure(config: pytest.Config) -> None:
    global _is_on
    _is_on = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        name = item.nodeid.removeprefix("tests/").removeprefix("integration/").partition("[")[0]
        if name in SKIPPED:
            item.add_marker(pytest.mark.skip(reason=f"over a cluster: {SKIPPED[name]}"))


def has_own_servers() -> bool:
    """Say whether this process has a database and a bucket of its own, which no other test process knows."""
    return _is_on


def settings_over(data_dir: Path, options: dict[str, Any]) -> dict[str, Any]:
    """Return the options, with places of a cluster for a data folder where the layout is one."""
    if not _is_on or any(options.get(name) is not None for name in _PLACES):
        return options
    return options | _places_of(data_dir)


def environment_over(data_dir: Path, environment: dict[str, str]) -> dict[str, str]:
    """As `settings_over`, for a process."""
    names = {name: f"PAGESIGHT_{name.upper()}" for name in (*_PLACES, "s3_endpoint", "qdrant_url")}
    if not _is_on or any(names[name] in environment for name in _PLACES):
        return environment
    places = _places_of(data_dir)
    return environment | KEYS | {names[name]: value for name, value in places.items()}


@cache
def _servers() -> tuple[str, str]:
    """The addresses of PostgreSQL and of S3, for as long as this process runs."""
    stack = ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(running_server()), stack.enter_context(running_s3())


def _places_of(data_dir: Path) -> dict[str, str]:
    postgres, s3 = _servers()
    mark = data_dir / _MARK
    body = json.loads(mark.read_text()) if mark.exists() else None
    if body is None or body["data_dir"] != str(data_dir):
        database_url = new_database(postgres, like=None if body is None else body["database_url"])
        storage = new_prefix()
        if body is not None:
            _copy_objects(s3, body["storage"], storage)
        body = {"data_dir": str(data_dir), "database_url": database_url, "storage": storage}
        mark.parent.mkdir(parents=True, exist_ok=True)
        mark.write_text(json.dumps(body))
    return {
        "database_url": body["database_url"],
        "storage": body["storage"],
        "s3_endpoint": s3,
        "vectors": "qdrant",
        "qdrant_url": ":memory:",
    }


def _copy_objects(s3: str, source: str, target: str) -> None:
    import boto3

    (bucket, old), new = (
        (urlsplit(source).netloc, urlsplit(source).path.strip("/")),
        urlsplit(target).path.strip("/"),
    )
    client = boto3.client("s3", endpoint_url=s3)
    for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=f"{old}/"):
        for entry in page.get("Contents", ()):
            key = entry["Key"]
            copy_of = {"Bucket": bucket, "Key": key}
            client.copy_object(Bucket=bucket, Key=new + key[len(old) :], CopySource=copy_of)
