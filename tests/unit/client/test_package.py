"""The client as a package: light to import, the same by both ways, and described by its docstrings."""

from __future__ import annotations

import inspect
import subprocess
import sys

import pagesight_client
from pagesight_client import AsyncClient, Client
from tests.conftest import ROOT

CODE = """
import sys
import pagesight_client
heavy = {"torch", "pydantic", "numpy", "api", "generator", "retriever", "indexer", "fastapi"}
print(sorted(heavy & set(sys.modules)))
"""


def public(kind: type) -> dict[str, inspect.Signature]:
    return {
        name: inspect.signature(member)
        for name, member in inspect.getmembers(kind, callable)
        if not name.startswith("_")
    }


def test_the_client_loads_nothing_of_the_service() -> None:
    run = subprocess.run(
        [sys.executable, "-c", CODE],
        cwd=ROOT / "client",
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == "[]"


def test_both_clients_have_the_same_methods() -> None:
    sync_methods, async_methods = public(Client), public(AsyncClient)
    assert sync_methods.keys() == async_methods.keys()
    for name in sync_methods:
        assert sync_methods[name].parameters == async_methods[name].parameters, name
    assert {"search", "answer", "stream", "upload", "wait", "follow_job"} <= sync_methods.keys()


def test_every_method_says_what_it_does() -> None:
    for kind in (Client, AsyncClient):
        for name in public(kind):
            assert inspect.getdoc(getattr(kind, name)), name


def test_what_is_exported_exists_and_is_all_there_is() -> None:
    assert set(pagesight_client.__all__) <= set(dir(pagesight_client))
    assert len(pagesight_client.__all__) == len(set(pagesight_client.__all__))
