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
from tests.support.s3 import new_prefix, running_s3

_MARK = "cluster-of-tests.json"
_PLACES = ("database_url", "storage", "vectors")
SKIPPED: dict[str, str] = {}

_is_on = False


def pytest_configure(config: pytest.Config) -> None:
    global _is_on
    _is_on = True


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        path = item.nodeid.removeprefix("tests/").partition("[")[0]
        for name in (path, path.partition("::")[0]):
            if name in SKIPPED:
                item.add_marker(pytest.mark.skip(reason=f"over a cluster: {SKIPPED[name]}"))


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
    return environment | {names[name]: value for name, value in _places_of(data_dir).items()}


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
